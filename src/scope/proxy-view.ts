import { standsBetweenNetworks } from '../model/ambient/waypoints.ts';
import type { ProxyExtension } from '../model/extensions/traffic-extensions.ts';
import { selects } from '../model/labels.ts';
import type { Mesh } from '../model/mesh.ts';
import { sortByCreation } from '../model/order.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import { type AuthorizationPolicies, type PolicyWorkload, policyWorkload } from '../model/security/policies.ts';
import type { Labels, ResourceOf } from '../resource/resource.ts';
import { type Again, afresh, againOver } from '../util/again.ts';
import { assertNever } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import { own } from '../util/object.ts';
import type { Client, ConnectionPolicies } from './client.ts';
import { destinationRuleOf } from './destination-rule.ts';
import { createGatewayMerger } from './gateway-scope.ts';
import { createGatewayServices } from './gateway-services.ts';
import { createScopeBuilder } from './sidecar-scope.ts';
import type { ChosenForWorkload, GatewayView, ProxyView, Scope, SidecarView, WaypointView } from './view.ts';
import { createWaypointScopes } from './waypoint-scope.ts';

/** Makes the views of the proxies of a mesh; proxies that see the same share one scope. */
export function createViewBuilder(mesh: Mesh, again: Again = afresh): (proxy: Proxy) => ProxyView {
  const scopes = createScopeBuilder(mesh);
  const sidecars = indexSidecars(mesh);
  const mergeGateways = createGatewayMerger(mesh.gateways, mesh.release.behaviours);
  const gatewayServices = createGatewayServices(mesh);
  const chosenFor = againOver(again, 'what is chosen for workloads', mesh, createChoices);

  /** What is chosen in the same way for every role. */
  const choose = (proxy: Proxy, scope: Scope) => {
    const chosen = chosenFor(proxy);
    return { ...chosen, chosen, scope, destinationRule: (hostname: string) => destinationRuleOf(scope, chosen.client, hostname) };
  };
  const sidecarView = (proxy: Proxy): SidecarView => ({
    role: 'sidecar',
    ...choose(proxy, scopes.forSidecars(sidecars(proxy.namespace, proxy.labels), proxy.namespace)),
    mutualTls: mesh.peerAuthentications.forWorkload(proxy.namespace, proxy.labels),
  });
  const gatewayView = (proxy: Proxy): GatewayView => {
    const view = {
      role: 'gateway' as const,
      ...choose(proxy, scopes.forGateways(proxy.namespace)),
      gateway: mergeGateways(proxy),
    };
    return { ...view, clusterServices: gatewayServices(view) };
  };

  const waypointScopes = createWaypointScopes(mesh);
  const waypointView = (proxy: Proxy): WaypointView =>
    waypointScopes({
      role: 'waypoint',
      ...choose(proxy, scopes.forGateways(proxy.namespace)),
      gateway: standsBetweenNetworks(proxy) ? mergeGateways(proxy) : undefined,
    });

  return memo((proxy) => {
    switch (proxy.role) {
      case 'sidecar':
        return sidecarView(proxy);
      case 'gateway':
        return gatewayView(proxy);
      case 'waypoint':
        return waypointView(proxy);
      default:
        return assertNever(proxy.role);
    }
  });
}

/** Chooses for a proxy what does not depend on what it sees of services; once for each. */
function createChoices(mesh: Mesh): (proxy: Proxy) => ChosenForWorkload {
  const clientOf = createClients(mesh);
  return memo((proxy: Proxy) => {
    const workload = policyWorkload(proxy, mesh.rootNamespace);
    return {
      proxy,
      client: clientOf(proxy),
      requestAuthentications: mesh.policies.requestAuthentications(workload),
      authorizationPolicies: mesh.policies.authorizationPolicies(workload),
      layeredPolicies: mesh.release.behaviours.enableLayeredWaypointAuthorizationPolicies
        ? mesh.policies.authorizationPolicies({ namespace: proxy.namespace, labels: proxy.labels })
        : undefined,
      telemetry: mesh.telemetry.forWorkload(workload),
      extensions: mesh.extensions.forWorkload(workload),
      patches: mesh.envoyFilters.forProxy(proxy),
    };
  });
}

/** Makes what shared work may know of proxies. */
function createClients(mesh: Mesh): (proxy: Proxy) => Client {
  const connectionPolicies = memo(
    (authorizationPolicies: AuthorizationPolicies, extensions: readonly ProxyExtension[]): ConnectionPolicies => ({
      authorizationPolicies,
      extensions,
    }),
  );
  return (proxy) => {
    const { namespace, labels, nodeName, ips } = proxy;
    const [address] = ips;
    return {
      carries: (wanted) => selects(wanted, labels),
      label: (name) => own(labels, name),
      namespace: () => namespace,
      nodeName: () => nodeName,
      addressAmong: (addresses) => (address !== undefined && addresses.has(address) ? address : undefined),
      policiesTowards(serviceNamespace) {
        const workload: PolicyWorkload = { namespace, labels, serviceNamespace };
        return connectionPolicies(mesh.policies.authorizationPolicies(workload), mesh.extensions.forWorkload(workload));
      },
    };
  };
}

/**
 * Which Sidecar applies: one of the namespace whose selector matches, then one of the namespace without selector, then the root
 * namespace's without selector; the oldest of each. As istio pilot/pkg/model/push_context.go initSidecarScopes, doGetSidecarScope.
 */
function indexSidecars(mesh: Mesh): (namespace: string, labels: Labels) => ResourceOf<'Sidecar'> | undefined {
  const sorted = sortByCreation(mesh.sidecars);
  const ordered = [
    ...sorted.filter(({ spec }) => spec.workloadSelector !== undefined),
    ...sorted.filter(({ spec }) => spec.workloadSelector === undefined),
  ];
  const root = ordered.find(({ namespace, spec }) => namespace === mesh.rootNamespace && spec.workloadSelector === undefined);
  const byNamespace = new Map<string, ResourceOf<'Sidecar'>[]>();
  for (const sidecar of ordered) byNamespace.set(sidecar.namespace, [...(byNamespace.get(sidecar.namespace) ?? []), sidecar]);
  return (namespace, labels) =>
    byNamespace.get(namespace)?.find(({ spec }) => selects(spec.workloadSelector?.labels ?? {}, labels)) ?? root;
}
