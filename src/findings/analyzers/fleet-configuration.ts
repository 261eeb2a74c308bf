import type { Kind } from '../../api/kinds.ts';
import { configurationOfOnePrimary, policyOfOnePrimary } from '../../diagnostics/problems/clusters.ts';
import { isConfiguration } from '../../model/clusters.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import { expandShortName, isWildcard } from '../../model/traffic/host.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { applyByKind, type ByKind, kindOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { Fleet } from './support/fleet.ts';

/** As many resources, proxies and hosts are named. */
const MANY = 3;

/** Who protects: that a policy is missing is not seen until somebody gets in. */
const protecting: readonly Kind[] = ['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'];

/** Configuration that one primary has and another, whose workloads it would concern, has not. */
export const fleetConfiguration: Analyzer = {
  name: 'mesh.clusters.Configuration',
  about: 'What one of several primaries has stands in the others too, where it would concern their workloads',
  reads: [
    ...(['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication', 'Telemetry', 'Sidecar', 'EnvoyFilter'] as const),
    ...(['WasmPlugin', 'TrafficExtension', 'VirtualService', 'DestinationRule', 'ServiceEntry'] as const),
  ],
  codes: [policyOfOnePrimary.code, configurationOfOnePrimary.code],
  isOfFleet: true,
  run({ fleet }, report) {
    if (fleet === undefined || fleet.meshes.size < 2) return;
    const parties = [...fleet.meshes].map(([name, mesh]) => partyOf(name, mesh, fleet));
    for (const party of parties) {
      for (const other of parties) {
        if (other === party) continue;
        const missing = party.claims.filter(({ key }) => !other.keys.has(key));
        for (const [kind, claims] of groupBy(missing, ({ resource }) => `${kindOf(resource)} ${resource.namespace}`)) {
          const concerned = claims.flatMap((claim) => {
            const consequence = concerns(claim, other.mesh);
            return consequence === undefined ? [] : [{ ...claim, consequence }];
          });
          const resources = [...new Set(concerned.map(({ resource }) => resource))];
          const [first] = resources;
          if (first === undefined) continue;
          const names = `${kind.slice(0, kind.indexOf(' '))} ${some(resources.map(({ namespace, name }) => `${namespace}/${name}`))}`;
          const affected = some([...new Set(concerned.flatMap(({ consequence }) => consequence))]);
          const subject = at(first, ['metadata', 'name']);
          report(
            protecting.includes(kindOf(first))
              ? policyOfOnePrimary(subject, names, party.name, other.name, affected)
              : configurationOfOnePrimary(subject, names, party.name, other.name, `${withoutIt(first)} ${affected}`),
          );
        }
      }
    }
  },
};

function some(texts: readonly string[]): string {
  return [...texts.slice(0, MANY), ...(texts.length > MANY ? [`${texts.length - MANY} more`] : [])].join(', ');
}

/** What a resource is for: the pods that a selector takes, or hosts. */
type Scope = { readonly namespace: string; readonly selector: Labels } | { readonly host: string };

/** One thing that a resource is for. */
interface Claim {
  readonly resource: Resource;
  readonly scope: Scope;
  /** The same for all resources of its kind that are for the same. */
  readonly key: string;
}

interface FleetParty {
  readonly name: string;
  readonly mesh: Mesh;
  readonly claims: readonly Claim[];
  readonly keys: ReadonlySet<string>;
}

function partyOf(name: string, mesh: Mesh, { clusters }: Fleet): FleetParty {
  const written = clusters.find((cluster) => cluster.name === name)?.written ?? [];
  const claims = written.filter(isConfiguration).flatMap((resource) =>
    (applyByKind(scopes, resource, mesh) ?? []).map((scope): Claim => {
      const sorted = 'host' in scope ? scope.host : Object.entries(scope.selector).sort(([a], [b]) => compareText(a, b));
      const namespace = 'host' in scope ? '' : scope.namespace;
      return { resource, scope, key: JSON.stringify([kindOf(resource), namespace, sorted]) };
    }),
  );
  return { name, mesh, claims, keys: new Set(claims.map(({ key }) => key)) };
}

interface Selecting {
  readonly namespace: string;
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Labels };
    readonly workloadSelector?: { readonly labels?: Labels };
    readonly targetRef?: unknown;
    readonly targetRefs?: readonly unknown[];
  };
}

/** Policies for single gateways and waypoints concern those alone. */
function selecting({ namespace, spec }: Selecting): readonly Scope[] {
  if (spec.targetRef !== undefined || (spec.targetRefs ?? []).length > 0) return [];
  return [{ namespace, selector: spec.selector?.matchLabels ?? spec.workloadSelector?.labels ?? {} }];
}

const scopes: ByKind<[mesh: Mesh], readonly Scope[]> = {
  AuthorizationPolicy: selecting,
  RequestAuthentication: selecting,
  PeerAuthentication: selecting,
  Telemetry: selecting,
  WasmPlugin: selecting,
  TrafficExtension: selecting,
  Sidecar: selecting,
  EnvoyFilter: selecting,
  VirtualService: ({ namespace, spec }, { domainSuffix }) =>
    spec.gateways === undefined || spec.gateways.includes('mesh') ? hosts(spec.hosts ?? [], namespace, domainSuffix) : [],
  DestinationRule: ({ namespace, spec }, { domainSuffix }) => hosts([spec.host ?? ''], namespace, domainSuffix),
  ServiceEntry: ({ namespace, spec }, { domainSuffix }) => hosts(spec.hosts ?? [], namespace, domainSuffix),
};

function hosts(names: readonly string[], namespace: string, domainSuffix: string): readonly Scope[] {
  return names
    .filter((name) => name !== '' && !isWildcard(name))
    .map((name) => ({ host: expandShortName(name, namespace, domainSuffix) }));
}

/** The proxies or hosts of another primary that a resource would concern; undefined where it concerns none. */
function concerns({ resource, scope }: Claim, mesh: Mesh): readonly string[] | undefined {
  if ('host' in scope) {
    const isKnown = mesh.registry.servicesOf(scope.host).length > 0;
    const isNews = resource.kind === 'ServiceEntry';
    const clients = mesh.proxies.filter(
      ({ role, namespace }) => role === 'sidecar' && (!isNews || namespace === resource.namespace),
    );
    return clients.length > 0 && isKnown !== isNews ? [scope.host] : undefined;
  }
  const isForAll = scope.namespace === mesh.rootNamespace;
  const proxies = mesh.proxies.filter(
    ({ namespace, labels }) => (isForAll || namespace === scope.namespace) && selects(scope.selector, labels),
  );
  return proxies.length === 0 ? undefined : proxies.map(({ clusterId, namespace, name }) => `${clusterId}/${namespace}/${name}`);
}

/** How workloads of the other primary fare, before what of theirs it is about. */
function withoutIt(resource: Resource): string {
  if (resource.kind === 'ServiceEntry') return 'clients there do not know';
  const isOfHosts = resource.kind === 'VirtualService' || resource.kind === 'DestinationRule';
  return isOfHosts ? 'clients there go without it to' : 'it does not count for';
}
