import { unknownServers } from '../../trace/servers/unknown.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';
import type { RequestTable } from '../request-tables/request-table.ts';
import { type Call, mergeCalls } from './call.ts';
import type { Ground } from './callers.ts';
import { createExampleRequests, type ExampleRequests } from './example-requests.ts';
import type { ObservedCalls } from './observed/observation.ts';
import { resolveObservations, type UnknownObservation } from './observed/resolve.ts';
import { callsOfPolicies } from './policy-calls.ts';
import { callsOfRoutes, callsThroughGateways } from './route-calls.ts';
import { callsOfTables, type TableCalls } from './table-calls.ts';

/** What is known of calls beside the manifests. */
export interface CallSources {
  readonly tables: readonly RequestTable[];
  readonly observed: readonly ObservedCalls[];
}

/** All calls that are declared or observed, and what could not be used. */
export interface GatheredCalls {
  readonly calls: readonly Call[];
  readonly examples: ExampleRequests;
  readonly strangers: TableCalls['strangers'];
  readonly unknown: readonly UnknownObservation[];
}

/** Gathers the calls of a mesh from its manifests, request tables and observations. */
export function gatherCalls(ground: Ground, { tables, observed }: CallSources): GatheredCalls {
  const examples = createExampleRequests(ground);
  const ofTables = callsOfTables(tables, ground, ({ dns, addresses }) =>
    surroundingsOf([ground.bench], { servers: unknownServers, now: 0, dns, addresses }),
  );
  const resolved = observed.map((one) => resolveObservations(one, ground, examples));
  const calls = [
    ...ofTables.calls,
    ...callsOfRoutes(ground, examples),
    ...callsOfPolicies(ground, examples),
    ...callsThroughGateways(ground, examples),
    ...resolved.flatMap((one) => one.calls),
  ];
  return {
    calls: mergeCalls(calls),
    examples,
    strangers: ofTables.strangers,
    unknown: resolved.flatMap(({ unknown }) => unknown),
  };
}
