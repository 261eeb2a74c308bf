import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Resource } from '../../resource/resource.ts';
import { assertNever } from '../../util/assert.ts';
import type { Benches } from '../../workbench/clusters.ts';
import type { Graph, GraphEdge, Reason } from './graph.ts';

/** Where the parties of a graph and the policies that it names are written; those that are written nowhere are left out. */
export interface GraphPlaces {
  /** By the id of the party. */
  readonly parties: Readonly<Record<string, Location>>;
  /** By `namespace/name` of the AuthorizationPolicy. */
  readonly policies: Readonly<Record<string, Location>>;
}

/** The places of a graph's parties and policies. */
export function placesOf(benches: Benches, { nodes, edges }: Graph): GraphPlaces {
  const ids = new Set(nodes.map(({ id }) => id));
  const named = new Set(edges.flatMap(policiesOf));
  const parties = benches.flatMap(({ mesh }) =>
    mesh.registry.workloads.flatMap(({ clusterId, namespace, workloadName, resource }) =>
      // Where there is one cluster, its name is not told.
      [`${namespace}/${workloadName}`, `${clusterId}/${namespace}/${workloadName}`].flatMap((id) => placed(id, resource)),
    ),
  );
  const policies = benches
    .flatMap(({ input }) => input.resources)
    .filter((resource) => resource.kind === 'AuthorizationPolicy')
    .flatMap((resource) => placed(`${resource.namespace}/${resource.name}`, resource));
  return { parties: chosen(parties, ids), policies: chosen(policies, named) };
}

type Placed = readonly [name: string, location: Location];

function placed(name: string, { document }: Resource): readonly Placed[] {
  return [[name, document.locate([])]];
}

/** The first place of each of these names. */
function chosen(places: readonly Placed[], names: ReadonlySet<string>): Readonly<Record<string, Location>> {
  return Object.fromEntries(places.filter(([name]) => names.has(name)).reverse());
}

function policiesOf({ because }: GraphEdge): readonly string[] {
  return because.flatMap(namedPolicies);
}

function namedPolicies(reason: Reason): readonly string[] {
  switch (reason.kind) {
    case 'allowed':
    case 'denied':
      return [reason.policy];
    case 'not allowed':
      return reason.policies;
    case 'denied by filter':
    case 'no mutual TLS':
    case 'token refused':
    case 'authorizer denies':
    case 'unknown host':
    case 'no healthy endpoints':
    case 'missing cluster':
    case 'no route':
    case 'no filter chain':
    case 'connection fails':
    case 'last step':
    case 'status':
      return [];
    default:
      return assertNever(reason);
  }
}
