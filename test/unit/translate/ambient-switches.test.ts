import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/compile/session.ts';
import type { XdsSnapshot } from '../../../src/envoy/snapshot.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import type { Behaviours } from '../../../src/releases/release.ts';
import { resourcesOfYaml } from '../../support/resources.ts';
import { ambientRelease, object, served, waypoint } from '../../support/waypoint-mesh.ts';

/** What the proxies of a mesh get from an istiod with some other behaviours, by the names of their pods. */
function snapshots(documents: readonly string[], behaviours: Partial<Behaviours>): (pod: string) => XdsSnapshot {
  const release = { ...ambientRelease, behaviours: { ...ambientRelease.behaviours, ...behaviours } };
  const mesh = buildMesh(singleCluster(resourcesOfYaml(documents.join('---')), {}, undefined, release));
  const session = createSession(mesh);
  return (pod) => {
    const proxy = mesh.proxies.find(({ name }) => name === pod);
    if (proxy === undefined) throw new Error(`${pod} has no proxy`);
    return session.compile(proxy);
  };
}

const client = (annotations = ''): string => `
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}, annotations: {${annotations}}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.9.9}
`;
const manifests = [
  waypoint(),
  client(`proxy.istio.io/config: '{proxyMetadata: {ISTIO_META_ENABLE_HBONE: "true"}}'`),
  served('cart', '10.96.0.1', '{name: http, port: 80, targetPort: 8080}'),
  served('till', '10.96.0.2', '{name: http, port: 80, targetPort: 8080}'),
  object('DestinationRule', 'till', 'host: till, trafficPolicy: {tls: {mode: SIMPLE}}'),
];

const listener = ({ listeners }: XdsSnapshot, wanted: string) => listeners.find(({ name }) => name === wanted);
const filtersOf = (snapshot: XdsSnapshot, wanted: string) => listener(snapshot, wanted)?.filterChains?.[0]?.filters ?? [];
const cluster = ({ clusters }: XdsSnapshot, wanted: string) => clusters.find(({ name }) => name?.startsWith(wanted));
const peers = (snapshot: XdsSnapshot, wanted: string) =>
  cluster(snapshot, wanted)?.metadata?.filterMetadata?.['istio.peer_metadata'];
const clusterFilters = (snapshot: XdsSnapshot, wanted: string) =>
  (cluster(snapshot, wanted)?.filters ?? []).map(({ name }) => name);

describe('AMBIENT_ENABLE_BAGGAGE', () => {
  const on = snapshots(manifests, { ambientEnableBaggage: true });
  const off = snapshots(manifests, {});
  const PEERS = 'upstream_hbone_peer_metadata';

  it.each(['client', 'waypoint'])('lets %s tell of the client where it opens a tunnel, and keep the answer', (pod) => {
    const [keep, proxy] = filtersOf(on(pod), 'connect_originate');
    expect(keep).toMatchObject({ name: PEERS, typedConfig: { value: { baggage_key: 'io.istio.baggage' } } });
    expect(proxy?.typedConfig).toMatchObject({
      tunnelingConfig: {
        propagateResponseHeaders: true,
        headersToAdd: [{ header: { key: 'baggage', value: '%FILTER_STATE(io.istio.baggage:PLAIN)%' } }],
      },
    });
  });

  it('tells of the client within a tunnel to another network too, beside the network', () => {
    const [, keep, proxy] = filtersOf(on('waypoint'), 'inner_connect_originate');
    expect(keep?.name).toBe(PEERS);
    const keys = JSON.stringify(proxy?.typedConfig).match(/"key":"[^"]*"/g);
    expect(keys).toEqual(['"key":"x-forwarded-network"', '"key":"baggage"']);
    expect(JSON.stringify(filtersOf(on('waypoint'), 'outer_connect_originate'))).not.toContain('baggage');
  });

  it('finds out about peers by it where tunnels end, and behind a waypoint', () => {
    const end = JSON.stringify(listener(on('waypoint'), 'connect_terminate'));
    expect(end).toContain('"downstream_discovery":[{"workload_discovery":{}},{"baggage":{}}]');
    expect(end).toContain('"downstream_propagation":[{"baggage":{}}]');
    expect(JSON.stringify(listener(on('waypoint'), 'main_internal'))).toContain(
      '{"upstream_filter_state":{"peer_metadata_key":"upstream_peer"}}',
    );
  });

  it('lets clusters that can lead into tunnels learn about peers', () => {
    expect(clusterFilters(on('client'), 'outbound|80||cart')).toEqual(['istio.metadata_exchange', PEERS]);
    expect(clusterFilters(on('waypoint'), 'inbound-vip|80|http|cart')).toEqual([PEERS]);
    expect(clusterFilters(on('waypoint'), 'encap')).toEqual([PEERS]);
    expect(clusterFilters(on('client'), 'inbound|')).not.toContain(PEERS);
    const passed = '{"kind":{"cluster":{}},"name":"istio.peer_metadata"},{"kind":{"host":{}},"name":"istio.peer_metadata"}';
    expect(JSON.stringify(cluster(on('client'), 'outbound|80||cart'))).toContain(passed);
    expect(JSON.stringify(cluster(on('waypoint'), 'inbound-vip|80|http|cart'))).toContain(passed);
  });

  it('keeps those from it whose tunnels carry TLS of their own, or the PROXY protocol', () => {
    const rule = object('DestinationRule', 'cart', 'host: cart, trafficPolicy: {proxyProtocol: {version: V2}}');
    const proxied = snapshots([...manifests, rule], { ambientEnableBaggage: true });
    const disabled = { disable_baggage_discovery: true };
    for (const [pod, name] of [
      ['client', 'outbound|80||'],
      ['waypoint', 'inbound-vip|80|http|'],
    ] as const) {
      expect(peers(on(pod), `${name}till`)).toEqual(disabled);
      expect(peers(on(pod), `${name}cart`)).toBeUndefined();
      expect(peers(proxied(pod), `${name}cart`)).toEqual(disabled);
    }
  });

  it('does nothing where it is off', () => {
    for (const pod of ['client', 'waypoint']) {
      const text = JSON.stringify(off(pod));
      expect(text).not.toMatch(/baggage|peer_metadata_key|istio\.peer_metadata|propagateResponseHeaders/);
      expect(text).not.toContain(PEERS);
    }
  });
});

describe('ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES', () => {
  const selector = 'selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}';
  const policies = [
    object('AuthorizationPolicy', 'selected', `${selector}, rules: [{from: [{source: {principals: ["*/sa/teller"]}}]}]`),
    object('AuthorizationPolicy', 'paths', `${selector}, action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]`),
    object('AuthorizationPolicy', 'bound', 'targetRefs: [{kind: Service, group: "", name: cart}], rules: [{}]'),
    object('AuthorizationPolicy', 'elsewhere', 'selector: {matchLabels: {app: other}}, rules: [{}]'),
  ];
  const on = snapshots([...manifests, ...policies], { enableLayeredWaypointAuthorizationPolicies: true });
  const off = snapshots([...manifests, ...policies], {});
  const atTunnelEnd = (snapshot: XdsSnapshot) => {
    const [manager] = filtersOf(snapshot, 'connect_terminate');
    const { httpFilters = [] } = (manager?.typedConfig ?? {}) as {
      httpFilters?: readonly { name: string; typedConfig: object }[];
    };
    return httpFilters;
  };

  it('lets policies by selector decide where the tunnels of a waypoint end, as they decide on connections', () => {
    const [deny, allow, ...others] = atTunnelEnd(on('waypoint'));
    // A path is nothing that a connection has, so that DENY holds for all of them.
    expect(deny).toMatchObject({
      name: 'envoy.filters.http.rbac',
      typedConfig: {
        rules: { action: 'DENY', policies: { 'ns[shop]-policy[paths]-rule[0]': { permissions: [{ andRules: {} }] } } },
      },
    });
    expect(allow?.typedConfig).toMatchObject({ rules: { policies: { 'ns[shop]-policy[selected]-rule[0]': {} } } });
    expect(JSON.stringify(allow)).not.toContain('elsewhere');
    expect(others.map(({ name }) => name)).not.toContain('envoy.filters.http.rbac');
  });

  it('lets policies for the waypoint as a whole decide at both places', () => {
    const whole = object(
      'AuthorizationPolicy',
      'whole',
      'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}], rules: [{}]',
    );
    const proxy = snapshots([...manifests, whole], { enableLayeredWaypointAuthorizationPolicies: true })('waypoint');
    expect(JSON.stringify(atTunnelEnd(proxy)[0])).toContain('policy[whole]');
    expect(JSON.stringify(listener(proxy, 'main_internal'))).toContain('policy[whole]');
  });

  it('leaves the policies of services where they are', () => {
    const inside = JSON.stringify(listener(on('waypoint'), 'main_internal'));
    expect(inside).toContain('policy[bound]');
    expect(inside).not.toContain('policy[selected]');
  });

  it('holds at sidecars that take tunnels, and asks who opened them', () => {
    const sidecar = object(
      'AuthorizationPolicy',
      'client',
      'selector: {matchLabels: {app: client}}, rules: [{from: [{source: {namespaces: [shop]}}]}]',
    );
    const [allow] = atTunnelEnd(
      snapshots([...manifests, sidecar], { enableLayeredWaypointAuthorizationPolicies: true })('client'),
    );
    expect(JSON.stringify(allow)).toContain('policy[client]');
    expect(JSON.stringify(allow)).not.toContain('io.istio.peer_principal');
  });

  it('does nothing where it is off', () => {
    expect(atTunnelEnd(off('waypoint')).map(({ name }) => name)).not.toContain('envoy.filters.http.rbac');
  });
});
