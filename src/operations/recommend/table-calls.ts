import type { Location } from '../../diagnostics/diagnostic.ts';
import { UserError } from '../../diagnostics/user-error.ts';
import { podNamed } from '../../trace/data-plane.ts';
import { toTraceRequest } from '../../trace/table.ts';
import { parseHostPort } from '../../util/host-port.ts';
import { OUTSIDE } from '../../workbench/addresses.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import type { RequestTable } from '../request-tables/request-table.ts';
import { resolveRequest } from '../request-tables/resolve-request.ts';
import type { Call } from './call.ts';
import type { Ground } from './callers.ts';

/** What request tables declare. */
export interface TableCalls {
  readonly calls: readonly Call[];
  /** Requests that are about something else than these manifests, as far as they tell. */
  readonly strangers: readonly { readonly location: Location; readonly error: UserError }[];
}

/** The calls that request tables declare: each line is one, whatever is expected of it. */
export function callsOfTables(
  tables: readonly RequestTable[],
  ground: Ground,
  surroundingsFor: (table: RequestTable) => Surroundings,
): TableCalls {
  const calls: Call[] = [];
  const strangers: { readonly location: Location; readonly error: UserError }[] = [];
  for (const table of tables) {
    const surroundings = surroundingsFor(table);
    for (const [index, written] of table.requests.entries()) {
      const location = table.locate(index);
      try {
        const resolved = resolveRequest(written, surroundings);
        const request = { ...toTraceRequest(resolved), isBrief: true };
        const client = podNamed(ground.dataPlane, resolved.from);
        const { ip, port } = 'ip' in request.address ? request.address : { ip: '', port: 0 };
        const service = ground.bench.mesh.registry.services.find(({ addresses }) => addresses.includes(ip));
        const isHttp = request.scheme === 'http' || request.scheme === 'https';
        calls.push({
          caller: client === undefined ? OUTSIDE : ground.idOf(client),
          host: service?.hostname ?? parseHostPort(request.authority)?.host ?? request.authority,
          port,
          isExact: true,
          requests: [
            {
              method: isHttp ? request.method : 'CONNECT',
              url: `${request.scheme}://${request.authority}${isHttp ? request.target : ''}`,
              request,
            },
          ],
          sources: [{ kind: 'request table', location }],
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        strangers.push({ location, error });
      }
    }
  }
  return { calls, strangers };
}
