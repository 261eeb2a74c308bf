import * as catalog from '../../diagnostics/catalog.ts';
import * as findings from '../../diagnostics/findings.ts';
import * as istioMessages from '../../diagnostics/istio-messages.ts';
import { nearestNames } from '../../util/nearest.ts';
import { EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';

interface KnownCode {
  readonly code: string;
  readonly severity: string;
  readonly about: string;
}

/** Prints what a code means; without one, the list of all. */
export function explain(code: string | undefined, io: Io): number {
  const known = allCodes();
  if (code === undefined) {
    io.out(known.map(({ code: name, severity, about }) => `${name}  ${severity.padEnd(7)}  ${about}\n`).join(''));
    return EXIT.fine;
  }
  const found = known.find((one) => one.code === code.toUpperCase());
  if (found === undefined) {
    const nearest = nearestNames(
      code.toUpperCase(),
      known.map((one) => one.code),
    );
    throw usageError(`there is no code ${code}${nearest.length === 0 ? '' : ` (did you mean ${nearest.join(' or ')}?)`}`);
  }
  io.out(`${found.code} (${found.severity})\n\n${found.about}\n`);
  return EXIT.fine;
}

function allCodes(): readonly KnownCode[] {
  return [...Object.values(istioMessages), ...Object.values(catalog), ...Object.values(findings)]
    .filter((value) => typeof value === 'function' && 'code' in value)
    .map((value) => value as unknown as KnownCode)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}
