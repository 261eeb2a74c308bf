import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Workload } from '../../model/registry/service.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { Step } from '../../trace/step.ts';
import { assertNever } from '../../util/assert.ts';
import { parseHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { searchedNames } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { whyAtWaypoint, whyAtZtunnel } from './ambient.ts';
import { type Asker, namespacedName, placeOfField, whyNoCluster, whyNoService } from './destinations.ts';
import { whyNoChain } from './gateways.ts';
import type { WhyNot } from './reason.ts';
import { whyNoRules } from './virtual-services.ts';

const MOST_REASONS = 8;

/** The proxies of a mesh by their pods. */
type ProxiesByKey = (bench: Workbench) => ReadonlyMap<string, Proxy>;

/**
 * Why a request ended as it did, asked of the mesh after the trace: what was dropped of what it would have needed (a DestinationRule that
 * this client does not use, a delegate that does not join, a Secret elsewhere), and where that is written. Empty where it did not end for
 * want of anything.
 */
function whyNot(benches: Benches, proxies: ProxiesByKey, { hops }: Pick<Outcome, 'hops'>, host: string): readonly WhyNot[] {
  const reasons = hops.flatMap((hop, index) => {
    const { place, steps, side } = hop;
    const bench = benches.find((one) => proxies(one).has(place)) ?? benches[0];
    if (side === 'ztunnel outbound' || side === 'ztunnel inbound') return whyAtZtunnel(bench.mesh, hop);
    if (side === 'waypoint') return whyAtWaypoint(bench.mesh, hop, passedOver(steps));
    const proxy = proxies(bench).get(place);
    const snapshot = bench.snapshotOf(place);
    if (proxy === undefined || snapshot === undefined) return [];
    const full = fullHost(bench, proxy.namespace, host);
    const isThroughZtunnel = hops[index - 1]?.side === 'ztunnel outbound';
    return steps.flatMap((step) => whyOfStep(bench, { proxy, snapshot, isThroughZtunnel }, step, steps, full));
  });
  const told = new Set<string>();
  return reasons
    .filter(({ at: origin, ...fact }) => {
      const key = JSON.stringify([fact, origin?.path]);
      return !told.has(key) && told.add(key);
    })
    .slice(0, MOST_REASONS);
}

/** Why the likeliest way that a request takes fails, or the likeliest of those that do; each proxy is asked of by its own primary. */
export function whyOfOutcomes(benches: Benches, outcomes: readonly Outcome[], host: string): readonly WhyNot[] {
  // Of several with one name the first counts.
  const proxies = memo(({ mesh }: Workbench) => new Map(mesh.proxies.toReversed().map((proxy) => [podKey(proxy), proxy])));
  const likely = [...outcomes].sort((a, b) => b.share - a.share);
  for (const outcome of likely) {
    const reasons = hasFailed(outcome) ? whyNot(benches, proxies, outcome, host) : [];
    if (reasons.length > 0) return reasons;
  }
  return [];
}

function hasFailed({ status, headers }: Outcome): boolean {
  return status === 0 || status >= 400 || headers.some(([name, value]) => name === 'grpc-status' && value !== '0');
}

function whyOfStep(bench: Workbench, asker: Asker, step: Step, steps: readonly Step[], host: string): readonly WhyNot[] {
  const { mesh } = bench;
  const { proxy } = asker;
  switch (step.kind) {
    case 'cluster':
      if (step.name === 'PassthroughCluster' || step.name === 'BlackHoleCluster') {
        return whyUnknown(bench, asker, host, portOf(steps));
      }
      return step.event === 'missing' ? whyNoCluster(bench, asker, step.name) : [];
    case 'endpoint':
      return step.event === 'none' ? whyNoEndpoints(bench, step.name) : [];
    case 'virtual host': {
      const isUnknown = step.event === 'none fits' || step.name === 'block_all';
      return isUnknown ? [...whyNoRules(mesh, proxy, host, 'http'), ...whyUnknown(bench, asker, host, portOf(steps))] : [];
    }
    case 'route':
      if (step.event === 'no configuration') return whyNoRules(mesh, proxy, host, 'http');
      return step.event === 'none matches' ? [...whyNoRules(mesh, proxy, host, 'http'), ...passedOver(steps)] : [];
    case 'filter chain':
      if (step.event !== 'none fits') return [];
      if (proxy.role === 'gateway') {
        const { port, serverName, isTls } = step.connection;
        return whyNoChain(mesh, proxy, port, serverName, isTls, host);
      }
      return step.connection.isTls ? [] : whyNoPlainText(mesh, asker, step.connection.port);
    case 'listener filter':
      if (step.event !== 'waits for the client' || step.seconds > 0) return [];
      return [{ kind: 'nobody speaks first', inspects: /http_inspector/.test(step.name) ? 'protocol' : 'TLS' }];
    case 'tls':
      if (step.event === 'client speaks none') return whyNoPlainText(mesh, asker, portOf(steps));
      return step.event === 'secret missing' ? whyNoSecret(bench, proxy.workload, step.secret) : [];
    case 'listener':
    case 'filter':
    case 'policy':
    case 'rewrite':
    case 'headers':
    case 'mirror':
    case 'retry':
    case 'response':
    case 'note':
    case 'name':
    case 'service':
    case 'ztunnel':
    case 'tunnel':
    case 'server':
      return [];
    default:
      return assertNever(step);
  }
}

/** A host header without its port; names of services in full, as the namespace of the proxy completes them. */
function fullHost({ mesh }: Workbench, namespace: string, authority: string): string {
  const host = parseHostPort(authority)?.host ?? authority;
  const names = searchedNames(host, namespace, mesh.domainSuffix);
  return names.find((name) => mesh.registry.servicesOf(name).length > 0) ?? host;
}

/** The port that the connection was for. */
function portOf(steps: readonly Step[]): number {
  const listener = steps.find((step) => step.kind === 'listener');
  return listener?.kind === 'listener' ? Number(/:(\d+)$/.exec(listener.destination)?.[1] ?? 0) : 0;
}

/** The rules of a virtual host, and the condition at which each dropped out. */
function passedOver(steps: readonly Step[]): readonly WhyNot[] {
  return steps.flatMap((step): readonly WhyNot[] => {
    if (step.kind !== 'route' || step.event !== 'passed over') return [];
    return [{ kind: 'rule passed over', rule: step.name, condition: step.condition, ...(step.origin && { at: step.origin }) }];
  });
}

/** Why a proxy does not know a host that the mesh has. */
function whyUnknown(bench: Workbench, asker: Asker, host: string, port: number): readonly WhyNot[] {
  if (asker.proxy.role === 'gateway' || bench.mesh.registry.servicesOf(host).length === 0) return [];
  return whyNoService(bench, asker, host, port);
}

function whyNoEndpoints({ mesh }: Workbench, cluster: string): readonly WhyNot[] {
  const [direction, port = '', subset = '', host = ''] = cluster.split('|');
  if (direction !== 'outbound') return [];
  return mesh.registry
    .servicesOf(host)
    .slice(0, 1)
    .flatMap((service): readonly WhyNot[] => {
      const own = service.ports.find((candidate) => String(candidate.port) === port);
      const isEmpty = own === undefined || mesh.registry.endpointsOf(service, own).length === 0;
      if (!isEmpty || subset !== '') return [];
      return [
        {
          kind: 'no endpoints',
          service: namespacedName(service.resource),
          selector: service.selector,
          at: placeOfField(service.resource, ['spec']),
        },
      ];
    });
}

/** The policy that demands mutual TLS at a port of a pod. */
function whyNoPlainText(mesh: Mesh, { proxy, isThroughZtunnel }: Asker, port: number): readonly WhyNot[] {
  if (proxy.role === 'gateway') return [];
  const { mode, byPort, decidedBy, portsDecidedBy } = mesh.peerAuthentications.forWorkload(
    proxy.workload.namespace,
    proxy.workload.ownLabels,
  );
  const policy = byPort.has(port) ? portsDecidedBy : decidedBy;
  if ((byPort.get(port) ?? mode) !== 'STRICT' || policy === undefined) return [];
  const path = byPort.has(port) ? ['spec', 'portLevelMtls', String(port)] : ['spec', 'mtls'];
  return [
    {
      kind: 'mutual TLS only',
      workload: podKey(proxy),
      port,
      policy: namespacedName(policy),
      ...(isThroughZtunnel && { isTunnelMissing: true }),
      at: placeOfField(policy, path),
    },
  ];
}

/** Where a Secret is looked for, and where there is one of its name. */
function whyNoSecret({ mesh, meshInput }: Workbench, { namespace, clusterId }: Workload, name: string): readonly WhyNot[] {
  const [, owner = namespace, object = ''] = /^[\w-]+:\/\/(?:([^/]+)\/)?([^/]+)$/.exec(name) ?? [];
  // A proxy gets those of its own cluster before those of its primary's.
  const [, ...others] = meshInput.clusters;
  const inCluster = others.find((cluster) => cluster.name === clusterId)?.resources ?? [];
  const named = [...inCluster, ...mesh.resources].filter(
    (resource) => resource.kind === 'Secret' && [object, object.replace(/-cacert$/, '')].includes(resource.name),
  );
  const own = named.find((resource) => resource.namespace === owner);
  if (own !== undefined) return [{ kind: 'secret incomplete', secret: object, namespace: owner, at: placeOfField(own, []) }];
  const [other] = named;
  const homes = named.map((resource) => resource.namespace);
  return [
    {
      kind: 'secret elsewhere',
      secret: object,
      namespace: owner,
      others: homes,
      ...(other && { at: placeOfField(other, ['metadata', 'namespace']) }),
    },
  ];
}
