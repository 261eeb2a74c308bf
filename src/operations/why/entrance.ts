import type { UserError } from '../../diagnostics/user-error.ts';
import type { Mesh } from '../../model/mesh.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import { whyNoListener } from './gateways.ts';
import { NoEntranceError } from './no-entrance-error.ts';

/** The mistake of coming from outside to a port at which no gateway listens, with the reasons. */
export function noEntrance(meshes: readonly Mesh[], host: string, port: number): UserError {
  const reasons = meshes
    .flatMap((mesh) => whyNoListener(mesh, host, port))
    .map(({ at, ...fact }) => {
      const location = at && locateOrigin(at);
      return location === undefined ? fact : { ...fact, location };
    });
  return new NoEntranceError(port, reasons);
}
