import { describe, expect, test } from 'vitest';
import type { Listener, XdsMatcher } from '../../../../src/envoy/api.gen.ts';
import {
  object,
  served,
  servedEntry,
  type WaypointListeners,
  waypoint,
  waypointListeners,
} from '../../../support/waypoint-mesh.ts';

const HTTP = '{name: http, port: 80}';
const cart = served('cart', '10.96.0.1', HTTP);
const CART = 'inbound-vip|80|http|cart.shop';

/** For each branch of the tree by address: its ranges, and the chains by port. */
function branches({ listeners }: WaypointListeners): readonly (readonly [ranges: string, ports: Record<string, string>])[] {
  const tree = listeners.get('main_internal')?.filterChainMatcher?.matcherTree?.customMatch?.typedConfig;
  const { rangeMatchers = [] } = tree as {
    rangeMatchers?: { ranges?: { addressPrefix: string; prefixLen: number }[]; onMatch: { matcher: XdsMatcher } }[];
  };
  return rangeMatchers.map(({ ranges = [], onMatch: { matcher } }) => [
    ranges.map(({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen}`).join(' '),
    chosen(matcher),
  ]);
}

function chosen({ matcherTree, onNoMatch }: XdsMatcher): Record<string, string> {
  const entries = Object.entries(matcherTree?.exactMatchMap?.map ?? {}).map(([value, { action, matcher }]) => [
    value,
    action?.name ?? Object.values(chosen(matcher ?? {})).join(' '),
  ]);
  const otherwise = onNoMatch?.action?.name;
  return Object.fromEntries([...entries, ...(otherwise === undefined ? [] : [['else', otherwise]])]);
}

/** The ports on which a listener filter does nothing; undefined where the listener has no such filter. */
function disabledPorts(listener: Listener | undefined, name: string): readonly number[] | undefined {
  const filter = listener?.listenerFilters?.find((candidate) => candidate.name === `envoy.filters.listener.${name}`);
  if (filter === undefined) return undefined;
  const { filterDisabled: disabled } = filter;
  const rules = disabled?.orMatch?.rules ?? (disabled === undefined ? [] : [disabled]);
  return rules.map(({ destinationPortRange }) => destinationPortRange?.start ?? 0);
}

describe('the chains of a waypoint', () => {
  test('are one for each port of known protocol and two where it has to be found out; workloads have theirs always', () => {
    const ports = [HTTP, '{name: tcp-db, port: 5432}', '{name: odd, port: 9000}', '{name: dns, port: 53, protocol: UDP}'];
    const compiled = waypointListeners([waypoint(), served('cart', '10.96.0.1', ports.join(', '))]);
    expect([...compiled.chains.keys()]).toEqual([
      CART,
      'inbound-vip|5432|tcp|cart.shop',
      'inbound-vip|9000|tcp|cart.shop',
      'inbound-vip|9000|http|cart.shop',
      'direct-tcp',
      'direct-http',
    ]);
    expect(branches(compiled)).toEqual([
      [
        '10.96.0.1/32',
        {
          80: 'inbound-vip|80|http|cart.shop.svc.cluster.local',
          5432: 'inbound-vip|5432|tcp|cart.shop.svc.cluster.local',
          9000: [
            'inbound-vip|9000|http|cart.shop.svc.cluster.local',
            'inbound-vip|9000|http|cart.shop.svc.cluster.local',
            'inbound-vip|9000|tcp|cart.shop.svc.cluster.local',
          ].join(' '),
        },
      ],
    ]);
  });

  test('of a service with UDP ports alone there are none, and no branch either', () => {
    const compiled = waypointListeners([waypoint(), served('dns', '10.96.0.1', '{name: dns, port: 53, protocol: UDP}')]);
    expect([...compiled.chains.keys()]).toEqual(['direct-tcp', 'direct-http']);
    expect(branches(compiled)).toEqual([]);
  });

  test('a service without address keeps its chains and its branch', () => {
    expect(branches(waypointListeners([waypoint(), served('db', 'None', HTTP)]))).toEqual([
      ['0.0.0.0/32', { 80: 'inbound-vip|80|http|db.shop.svc.cluster.local' }],
    ]);
  });

  test('ranges of a ServiceEntry are ranges', () => {
    const entry = servedEntry(
      'cdn',
      'hosts: [cdn.example], addresses: [198.51.100.0/24], ports: [{number: 80, name: http, protocol: HTTP}]',
    );
    expect(branches(waypointListeners([waypoint(), entry])).map(([ranges]) => ranges)).toEqual(['198.51.100.0/24']);
  });

  test('workloads are told by their addresses, where the waypoint serves any', () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {name: cart-0, namespace: shop, labels: {app: cart, istio.io/use-waypoint: waypoint, istio.io/dataplane-mode: ambient}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.5}
`;
    const direct = ['10.244.0.5/32', { "'h2c'": 'direct-http', "'http/1.1'": 'direct-http', else: 'direct-tcp' }];
    expect(branches(waypointListeners([waypoint({ serves: 'all' }), cart, pod])).at(-1)).toEqual(direct);
    expect(branches(waypointListeners([waypoint(), cart, pod])).at(-1)).not.toEqual(direct);
  });

  test('hosts that TLS clients ask for by a wildcard have none unless istiod is told so, those of other ports are resolved', () => {
    const ports =
      '{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}, {number: 70, name: tcp, protocol: TCP}';
    const entry = servedEntry(
      'wiki',
      `hosts: ["*.wiki.example"], location: MESH_EXTERNAL, resolution: DYNAMIC_DNS, ports: [${ports}]`,
    );
    const compiled = waypointListeners([waypoint(), entry]);
    expect([...compiled.chains.keys()]).toEqual([
      'inbound-vip|80|http|*.wiki.example',
      'inbound-vip|70|tcp|*.wiki.example',
      'direct-tcp',
      'direct-http',
    ]);
    expect(compiled.httpFilters('inbound-vip|80|http|*.wiki.example')).toContain('envoy.filters.http.dynamic_forward_proxy');
    expect(compiled.networkFilters('inbound-vip|70|tcp|*.wiki.example').at(-2)).toContain('sni_dynamic_forward_proxy');
    const virtualHosts = compiled.manager('inbound-vip|80|http|*.wiki.example').routeConfig?.virtualHosts;
    expect(virtualHosts?.map(({ domains }) => domains)).toEqual([['*.wiki.example']]);
    expect(compiled.httpFilters('direct-http')).not.toContain('envoy.filters.http.dynamic_forward_proxy');
    expect(compiled.clusters).not.toContain('inbound-vip|443|tcp|*.wiki.example');

    const resolving = waypointListeners([waypoint(), entry], {}, { enableWildcardHostServiceEntriesForTls: true });
    expect(resolving.networkFilters('inbound-vip|443|tcp|*.wiki.example').at(-2)).toContain('sni_dynamic_forward_proxy');
    expect(resolving.clusters).toContain('inbound-vip|443|tcp|*.wiki.example');
  });
});

describe('the inspectors of a waypoint', () => {
  const inspectors = (...documents: readonly string[]) => {
    const main = waypointListeners([waypoint(), ...documents]).listeners.get('main_internal');
    return { http: disabledPorts(main, 'http_inspector'), tls: disabledPorts(main, 'tls_inspector') };
  };

  test('look for HTTP only on ports whose protocol nobody knows', () => {
    expect(inspectors(served('a', '10.96.0.1', `${HTTP}, {name: odd, port: 9000}`))).toEqual({ http: [80], tls: undefined });
  });

  test('take a port that is HTTP for one service and TCP for another for unknown', () => {
    const [tcp, grpc] = [served('b', '10.96.0.2', '{name: tcp, port: 80}'), served('b', '10.96.0.2', '{name: grpc, port: 80}')];
    expect(inspectors(cart, tcp).http).toEqual([]);
    expect(inspectors(cart, grpc).http).toEqual([80]);
  });

  test('look for TLS where some port of that number may have it, and only then', () => {
    const tls = served('a', '10.96.0.1', '{name: https, port: 443}');
    expect(inspectors(tls)).toEqual({ http: [443], tls: [] });
    expect(inspectors(tls, served('b', '10.96.0.2', `{name: http-b, port: 443}, ${HTTP}`))).toEqual({ http: [80], tls: [80] });
  });

  test('look everywhere where the waypoint serves workloads', () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec: {address: 10.9.9.9}
`;
    const main = waypointListeners([waypoint({ serves: 'all' }), cart, entry]).listeners.get('main_internal');
    expect(disabledPorts(main, 'http_inspector')).toEqual([]);
  });
});

describe('the filters of a waypoint', () => {
  const target = 'targetRefs: [{kind: Service, group: "", name: cart}]';
  const policy = object('AuthorizationPolicy', 'p', `${target}, rules: [{from: [{source: {principals: [a]}}]}]`);
  const jwt = object('RequestAuthentication', 'j', `${target}, jwtRules: [{issuer: a, jwks: '{"keys": []}'}]`);
  const wasm = (name: string, phase: string) =>
    object(
      'WasmPlugin',
      name,
      `targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}], url: oci://x/y, phase: ${phase}`,
    );
  const other = served('other', '10.96.0.2', `${HTTP}, {name: tcp, port: 90}`);

  test('stand in an order of their own', () => {
    const plugins = [wasm('first', 'AUTHN'), wasm('second', 'AUTHZ'), wasm('third', 'STATS'), wasm('last', 'UNSPECIFIED_PHASE')];
    const compiled = waypointListeners([waypoint(), cart, policy, jwt, ...plugins], {
      defaultProviders: { metrics: ['prometheus'] },
    });
    const short = (name: string): string => name.replace(/^.*\//, '').replace('~istio-translated-wasmplugin', '');
    expect(compiled.httpFilters(CART).map(short)).toEqual([
      'shop.first',
      'envoy.filters.http.jwt_authn',
      'shop.second',
      'envoy.filters.http.rbac',
      'envoy.filters.http.grpc_stats',
      'envoy.filters.http.fault',
      'envoy.filters.http.cors',
      'shop.third',
      'shop.last',
      'waypoint_upstream_peer_metadata',
      'istio.stats',
      'envoy.filters.http.router',
    ]);
  });

  test('are those of the service alone where the policy is for it', () => {
    const compiled = waypointListeners([waypoint(), cart, other, policy, jwt]);
    const filters = ['envoy.filters.http.jwt_authn', 'envoy.filters.http.rbac'];
    expect(compiled.httpFilters(CART)).toEqual(expect.arrayContaining(filters));
    expect(compiled.httpFilters('inbound-vip|80|http|other.shop').filter((name) => filters.includes(name))).toEqual([]);
    expect(compiled.httpFilters('direct-http').filter((name) => filters.includes(name))).toEqual([]);
  });

  test('know the client by what the tunnel says of it', () => {
    const compiled = waypointListeners([waypoint(), cart, policy]);
    const text = JSON.stringify(compiled.manager(CART).httpFilters?.[0]);
    expect(text).toContain('io.istio.peer_principal');
    expect(text).not.toContain('authenticated');
  });

  test('ask an external authorizer about clients of the tunnel too', () => {
    const custom = object(
      'AuthorizationPolicy',
      'c',
      `${target}, action: CUSTOM, provider: {name: ask}, rules: [{from: [{source: {principals: [a]}}]}]`,
    );
    const compiled = waypointListeners([waypoint(), cart, custom], {
      extensionProviders: [{ name: 'ask', envoyExtAuthzHttp: { service: 'cart.shop.svc.cluster.local', port: 80 } }],
    });
    expect(compiled.httpFilters(CART).slice(0, 2)).toEqual(['envoy.filters.http.rbac', 'envoy.filters.http.ext_authz']);
    expect(JSON.stringify(compiled.manager(CART).httpFilters?.[0])).toContain('io.istio.peer_principal');
  });

  test('count for Prometheus as what stands between client and server', () => {
    const compiled = waypointListeners([waypoint(), cart], { defaultProviders: { metrics: ['prometheus'] } });
    const stats = compiled.manager(CART).httpFilters?.find(({ name }) => name === 'istio.stats')?.typedConfig;
    expect(stats).toMatchObject({ reporter: 'SERVER_GATEWAY' });
  });

  test('extensions for single ports act on connections to them, never on requests', () => {
    const plugin = (name: string, type: string) =>
      object(
        'WasmPlugin',
        name,
        `targetRefs: [{kind: Service, group: "", name: other}], url: oci://x/y, type: ${type}, match: [{ports: [{number: 90}]}, {ports: [{number: 80}]}]`,
      );
    const compiled = waypointListeners([waypoint(), other, plugin('net', 'NETWORK'), plugin('web', 'HTTP')]);
    expect(compiled.networkFilters('inbound-vip|90|tcp|other.shop').join(' ')).toContain('shop.net');
    expect(compiled.httpFilters('inbound-vip|80|http|other.shop').join(' ')).not.toContain('shop.web');
  });

  test('tell servers who the client is where the pod is annotated so', () => {
    const annotation = 'ambient.istio.io/xfcc-include-client-identity: "True"';
    const told = waypointListeners([waypoint({ podAnnotations: annotation }), cart]);
    expect(told.httpFilters(CART)[0]).toBe('istio.waypoint.xfcc_client_identity');
    expect(told.manager(CART).forwardClientCertDetails).toBe('ALWAYS_FORWARD_ONLY');
    const untold = waypointListeners([waypoint(), cart]);
    expect(untold.httpFilters(CART)[0]).not.toBe('istio.waypoint.xfcc_client_identity');
    expect(untold.manager(CART).forwardClientCertDetails).toBeUndefined();
  });

  test('stat names come from the pattern of MeshConfig for connections, and never for requests', () => {
    const compiled = waypointListeners([waypoint(), other], { inboundClusterStatName: 'in_%SERVICE%_%SERVICE_PORT%' });
    expect(compiled.proxy('inbound-vip|90|tcp|other.shop').statPrefix).toBe('in_other.shop_90');
    expect(compiled.manager('inbound-vip|80|http|other.shop').statPrefix).toBe('inbound_0.0.0.0_80;');
  });
});

describe('the tunnels of a waypoint', () => {
  test('lead to other networks too, where there is only one', () => {
    const { listeners } = waypointListeners([waypoint()]);
    expect([...listeners.keys()].sort()).toEqual([
      'connect_originate',
      'connect_terminate',
      'inner_connect_originate',
      'main_internal',
      'outer_connect_originate',
    ]);
  });

  test('lead to no other network from pods that are not managed by the controller of waypoints', () => {
    const unmanaged = waypoint().replaceAll(/, gateway.istio.io\/managed: istio.io-mesh-controller/g, '');
    expect(waypointListeners([unmanaged, cart]).listeners.has('inner_connect_originate')).toBe(false);
  });

  test('are logged where they end if refused, and where they begin if they cannot be made', () => {
    const { listeners } = waypointListeners([waypoint()], { accessLogFile: '/dev/stdout' });
    const filterOf = (name: string): string =>
      JSON.stringify(listeners.get(name)?.filterChains?.[0]?.filters?.at(-1)?.typedConfig?.accessLog);
    expect(filterOf('connect_terminate')).toContain('statusCodeFilter');
    for (const name of ['connect_originate', 'inner_connect_originate', 'outer_connect_originate']) {
      expect(filterOf(name)).toContain('"flags":["UF"]');
    }
  });
});

describe('EnvoyFilters at a waypoint', () => {
  const patch = (target: string) =>
    object(
      'EnvoyFilter',
      'renamed',
      `targetRefs: [${target}], configPatches: [{applyTo: VIRTUAL_HOST, match: {context: SIDECAR_INBOUND}, patch: {operation: MERGE, value: {request_headers_to_remove: [x]}}}]`,
    );
  const ofGateway = patch('{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}');
  const routed = object(
    'VirtualService',
    'other',
    'hosts: [other.shop.svc.cluster.local], http: [{route: [{destination: {host: cart}}]}]',
  );
  const other = served('other', '10.96.0.2', HTTP);
  const removed = ({ manager }: WaypointListeners, chain: string) =>
    manager(chain).routeConfig?.virtualHosts?.map(({ requestHeadersToRemove }) => requestHeadersToRemove);

  test('reach the routes of services, but for those of virtual services and the end of tunnels', () => {
    const compiled = waypointListeners([waypoint(), cart, other, routed, ofGateway]);
    expect(removed(compiled, CART)).toEqual([['x']]);
    expect(removed(compiled, 'inbound-vip|80|http|other.shop')).toEqual([undefined]);
    expect(JSON.stringify(compiled.listeners.get('connect_terminate'))).not.toContain('requestHeadersToRemove');
  });

  test('for a Service have no effect', () => {
    const compiled = waypointListeners([waypoint(), cart, patch('{kind: Service, group: "", name: cart}')]);
    expect(removed(compiled, CART)).toEqual([undefined]);
  });
});
