import type { Session } from '../../compile/session.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import type { Scope, SidecarView } from '../../scope/view.ts';
import { own } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';

/** One proxy of each workload that sees the same: scope, gateways, labels that policies and patches select on. */
export function workloadsOf({ mesh, view }: Session): readonly Proxy[] {
  const numberOf = createNumbers();
  const byKey = new Map<string, Proxy>();
  for (const proxy of mesh.proxies) {
    const seen = view(proxy);
    const gateway = seen.role === 'gateway' ? seen.gateway : undefined;
    const key = [proxy.namespace, proxy.workloadName, ...[seen.scope, gateway, seen.patches].map(numberOf)].join(' ');
    if (!byKey.has(key)) byKey.set(key, proxy);
  }
  return [...byKey.values()];
}

/**
 * The proxies that show all that there is, each with the first that has the same outbound configuration but for names of its namespace:
 * sidecars that see the same services and rules with the same patches, extensions and telemetry, and the same labels as far as rules tell
 * clients apart by them. Of those that serve alike ports under alike rules and policies, too, one is enough. Of gateways and waypoints
 * each is its own.
 */
export function classesOf(
  { view }: Session,
  proxies: readonly Proxy[],
  resources: readonly Resource[],
): ReadonlyMap<Proxy, Proxy> {
  const numberOf = createNumbers();
  // Scopes that look rules up by one function differ in the name of the namespace alone (scope/common-namespaces.ts).
  const keys = new Map<Scope['destinationRules'], number>();
  const scopeKey = (scope: Scope): number => {
    const key = keys.get(scope.destinationRules) ?? numberOf(contentOf(scope, numberOf));
    keys.set(scope.destinationRules, key);
    return key;
  };
  const labels = labelsOfClients(resources);
  const firsts = new Map<string, Proxy>();
  const served = new Set<string>();
  const classes = new Map<Proxy, Proxy>();
  for (const proxy of proxies) {
    const seen = view(proxy);
    if (seen.role !== 'sidecar') {
      classes.set(proxy, proxy);
      continue;
    }
    const { scope, patches, telemetry, extensions } = seen;
    const values = labels.map((name) => own(proxy.labels, name));
    const key = JSON.stringify([scopeKey(scope), [patches, telemetry, ...extensions].map(numberOf), values]);
    const inbound = `${key} ${inboundOf(seen, numberOf)}`;
    if (served.has(inbound)) continue;
    served.add(inbound);
    const first = firsts.get(key) ?? proxy;
    firsts.set(key, first);
    classes.set(proxy, first);
  }
  return classes;
}

/** A text that is equal for sidecars that serve alike ports under alike rules and policies. */
function inboundOf({ proxy, scope, mutualTls, ...policies }: SidecarView, numberOf: (value: unknown) => number): string {
  const { annotations, interceptionMode, istioVersion, proxyConfig, targets, ips } = proxy;
  const { mode, byPort, decidedBy, portsDecidedBy } = mutualTls;
  const { requestAuthentications, authorizationPolicies, layeredPolicies } = policies;
  return JSON.stringify([
    [annotations, interceptionMode, istioVersion, proxyConfig, ips.length, mode, [...byPort]],
    targets.map(({ service, port, targetPort }) => [
      [port, targetPort, service.resolution, service.labels],
      scope.destinationRules(service.hostname).map(({ rule }) => ({ ...rule.spec, host: undefined })),
    ]),
    [decidedBy, portsDecidedBy, ...requestAuthentications, authorizationPolicies, layeredPolicies].map(numberOf),
  ]);
}

/** A text that is equal for scopes with the same services and rules in the same order. */
function contentOf(scope: Scope, numberOf: (value: unknown) => number): string {
  const { sidecar, namespace, services, egressListeners, destinationRules } = scope;
  // Rules that are merged of the same are the same; those for some workloads are for those of their own namespace (scope/destination-rule.ts).
  const rulesOf = ({ hostname }: Service): readonly unknown[] =>
    destinationRules(hostname).flatMap(({ rule, from }) => [
      ...from,
      rule.spec.workloadSelector !== undefined && rule.namespace === namespace,
    ]);
  const lists: (readonly unknown[])[] = [
    [sidecar],
    services,
    services.flatMap(rulesOf),
    ...egressListeners.flatMap((listener) => [listener.services, listener.virtualServices]),
  ];
  return lists.map((list) => list.map(numberOf).join(' ')).join('/');
}

/** Numbers values: equal for one object, or for equal texts. */
function createNumbers(): (value: unknown) => number {
  const numbers = new Map<unknown, number>();
  return (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };
}

/** The labels by which rules tell the clients that follow them from others (scope/client.ts), sorted. */
function labelsOfClients(resources: readonly Resource[]): readonly string[] {
  const ofRules = resourcesOf(resources, 'VirtualService').flatMap(({ spec: { http = [], tls = [], tcp = [] } }) =>
    [...http, ...tls, ...tcp].flatMap(({ match = [] }) => match.map(({ sourceLabels }) => sourceLabels)),
  );
  const ofTraffic = resourcesOf(resources, 'DestinationRule').map(({ spec }) => spec.workloadSelector?.matchLabels);
  const names = new Set([...ofRules, ...ofTraffic].flatMap((labels) => Object.keys(labels ?? {})));
  return [...names].sort(compareText);
}
