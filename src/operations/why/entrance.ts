import { type UserError, usageError } from '../../diagnostics/user-error.ts';
import type { Mesh } from '../../model/mesh.ts';
import { whyNotWords } from '../../output/why/words.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import { whyNoListener } from './gateways.ts';

/** The mistake of coming from outside to a port at which no gateway listens, with the reasons. */
export function noEntrance(mesh: Mesh, host: string, port: number): UserError {
  const reasons = whyNoListener(mesh, host, port).map(({ at, ...fact }) => {
    const location = at && locateOrigin(at);
    return `${whyNotWords(fact)}${location === undefined ? '' : ` (${location.file}:${location.line})`}`;
  });
  return usageError(
    `no gateway listens for port ${port}: ${reasons.join('; ')}; name an address (--address, or "to" in a table)`,
  );
}
