import { UserError } from '../../diagnostics/user-error.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { runTable, type TableRequest } from '../../trace/table.ts';
import { addAll } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { mapTold, type OnProgress } from '../../util/progress.ts';
import { gatewayOf } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { type Surroundings, surroundingsOf } from '../../workbench/surroundings.ts';
import { createNetworkStoppers } from '../network-stoppers.ts';
import { createFollower } from './remembered-requests.ts';
import { coverageOf, reportRequest, type TestReport } from './report.ts';
import type { RequestTable } from './request-table.ts';
import { resolveRequest } from './resolve-request.ts';
import { UnsendableRequestError } from './unsendable-request-error.ts';

/** A table that was read, and the mesh that its requests run on. */
export interface ReadTable {
  readonly file: string;
  readonly table: RequestTable;
  readonly benches: Benches;
}

/** How tables are checked: `now` in milliseconds, and the gateway that requests from outside enter at where a table names none. */
interface CheckOptions {
  readonly now: number;
  readonly gateway?: string | undefined;
  readonly isCoverageWanted: boolean;
  /** Is told of each table. */
  readonly onProgress?: OnProgress | undefined;
}

/** What tables say of their meshes. Throws an UnsendableRequestError for the first request that makes no sense there. */
export function checkTables(tables: readonly ReadTable[], options: CheckOptions): TestReport {
  const { now, gateway, isCoverageWanted, onProgress } = options;
  const seen = new Map<Benches, Surroundings & { readonly outcomes: Outcome[] }>();
  const followerOf = memo(([first]: Benches) => createFollower(first.again));
  const networkOf = memo(([{ inputs }]: Benches) => createNetworkStoppers(inputs));
  const reported = mapTold(tables, onProgress, ({ file, table, benches }) => {
    const surroundings = surroundingsOf(benches, { ...table, now });
    const results = runTable(surroundings.dataPlane, resolveAll(table, surroundings, gateway), followerOf(benches));
    const { outcomes } = seen.get(benches) ?? { outcomes: [] };
    for (const result of results) addAll(outcomes, result.outcomes);
    if (!seen.has(benches)) seen.set(benches, { ...surroundings, outcomes });
    return {
      file,
      requests: results.map((result, index) =>
        reportRequest(result, table.locate(index), surroundings, benches, networkOf(benches)),
      ),
    };
  });
  return { tables: reported, coverage: isCoverageWanted ? coverageOf(seen.values()) : undefined };
}

function resolveAll(table: RequestTable, surroundings: Surroundings, gateway: string | undefined): readonly TableRequest[] {
  gatewayOf(gateway, surroundings.dataPlane, surroundings.namespace);
  return table.requests.map((request, index) => {
    try {
      return resolveRequest(request, surroundings, gateway);
    } catch (error) {
      throw error instanceof UserError ? new UnsendableRequestError(table.locate(index), error) : error;
    }
  });
}
