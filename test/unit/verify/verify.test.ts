import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { unknownServers } from '../../../src/trace/servers/unknown.ts';
import { type Verification, verifyMesh } from '../../../src/verify/verify.ts';
import { createWorld } from '../../../src/workbench/world.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const workloads = ['web', 'reviews', 'ratings']
  .map(
    (name) => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: bookinfo}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}-1, namespace: bookinfo, labels: {app: ${name}}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
`,
  )
  .join('');

function verify(yaml: string, when: Verification = 'auto'): readonly Diagnostic[] {
  const input = singleCluster(resourcesOfYaml(workloads + yaml));
  return verifyMesh(input, buildMesh(input), when, (session) => createWorld(session, { servers: unknownServers, now: 0 }));
}

const resource = (kind: string, name: string, spec: string, created = '2026-01-01T00:00:00Z'): string => {
  const group = kind === 'PeerAuthentication' ? 'security.istio.io/v1' : 'networking.istio.io/v1alpha3';
  return `\n---\napiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: bookinfo, creationTimestamp: "${created}"}\nspec: ${spec}\n`;
};
const virtualService = (name: string, to: string): string =>
  resource('VirtualService', name, `{hosts: [reviews], http: [{route: [{destination: {host: ${to}}}]}]}`);

describe('order of creation', () => {
  test('of two VirtualServices for one host, the request that shows which one came first is named', () => {
    const [finding, ...rest] = verify(virtualService('a', 'reviews') + virtualService('b', 'ratings'));
    expect(rest).toEqual([]);
    expect(finding?.code).toBe('MESH2010');
    expect(finding?.resource?.name).toBe('b');
    expect(finding?.message).toContain('between this and VirtualService bookinfo/a');
    expect(finding?.message).toContain('GET http://reviews.bookinfo.svc.cluster.local/ from bookinfo/');
    expect(finding?.message).toContain('goes to outbound|80||reviews.bookinfo.svc.cluster.local');
    expect(finding?.message).toContain('goes to outbound|80||ratings.bookinfo.svc.cluster.local');
  });

  test('two that say the same depend on nothing', () => {
    expect(verify(virtualService('a', 'ratings') + virtualService('b', 'ratings'))).toEqual([]);
  });

  test('what requests do not show is told by the configuration', () => {
    const rule = (name: string, balancer: string): string =>
      resource('DestinationRule', name, `{host: reviews, trafficPolicy: {loadBalancer: {simple: ${balancer}}}}`);
    const [finding] = verify(rule('a', 'RANDOM') + rule('b', 'ROUND_ROBIN'));
    expect(finding?.code).toBe('MESH2010');
    expect(finding?.message).toContain('lbPolicy');
    expect(verify(rule('a', 'RANDOM') + resource('DestinationRule', 'b', '{host: reviews, subsets: [{name: v1}]}'))).toEqual([]);
  });

  test('two PeerAuthentications for a namespace: the oldest holds', () => {
    const peers = (name: string, mode: string): string => resource('PeerAuthentication', name, `{mtls: {mode: ${mode}}}`);
    // That the younger one has no effect is noted when the mesh is built.
    expect(verify(peers('a', 'STRICT') + peers('b', 'DISABLE')).map(({ code }) => code)).toEqual(['MESH1304', 'MESH2010']);
    expect(verify(peers('a', 'STRICT'))).toEqual([]);
  });
});

describe('what Envoy refuses', () => {
  const filter = (patch: string): string => resource('EnvoyFilter', 'f', `{configPatches: [${patch}]}`);
  const httpFilter = (operation: string, name: string, value: string): string =>
    filter(
      `{applyTo: HTTP_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}, patch: {operation: ${operation}, value: {name: ${name}${value}}}}`,
    );
  const lua = ', typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}';

  test('a filter behind the router', () => {
    const [finding, ...rest] = verify(httpFilter('INSERT_AFTER', 'late', lua));
    expect(rest).toEqual([]);
    expect(finding?.code).toBe('MESH2094');
    expect(finding?.resource?.kind).toBe('EnvoyFilter');
    expect(finding?.path).toEqual(['spec', 'configPatches', 0]);
    expect(verify(httpFilter('INSERT_BEFORE', 'early', lua))).toEqual([]);
  });

  test('a filter without configuration', () => {
    expect(verify(httpFilter('INSERT_BEFORE', 'envoy.lua', '')).map(({ code }) => code)).toEqual(['MESH2095']);
  });

  test('a virtual host with a domain that another one has', () => {
    const host = (domain: string): string =>
      filter(
        `{applyTo: VIRTUAL_HOST, match: {context: SIDECAR_OUTBOUND, routeConfiguration: {name: "80"}}, patch: {operation: ADD, value: {name: more, domains: [${domain}], routes: []}}}`,
      );
    expect(verify(host('ratings')).map(({ code }) => code)).toEqual(['MESH2090']);
    expect(verify(host('elsewhere.example'))).toEqual([]);
  });

  test('a listener at an address that is taken', () => {
    const listener = (port: number): string =>
      filter(
        `{applyTo: LISTENER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: ADD, value: {name: more, address: {socket_address: {address: 0.0.0.0, port_value: ${port}}}, filter_chains: [{}]}}}`,
      );
    expect(verify(listener(15001)).map(({ code }) => code)).toEqual(['MESH2092']);
    expect(verify(listener(7777))).toEqual([]);
  });

  test('two filter chains for the same connections', () => {
    const chains = (second: string): string =>
      filter(
        `{applyTo: LISTENER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: ADD, value: {name: more, address: {socket_address: {address: 0.0.0.0, port_value: 7777}}, filter_chains: [{filter_chain_match: {server_names: [a.example, b.example]}}, {filter_chain_match: {server_names: [${second}]}}]}}}`,
      );
    expect(verify(chains('b.example')).map(({ code }) => code)).toEqual(['MESH2091']);
    expect(verify(chains('c.example'))).toEqual([]);
  });

  test('an empty match of a claim', () => {
    const claims = (match: string): string =>
      resource(
        'VirtualService',
        'v',
        `{hosts: [a.example], gateways: [web], http: [{match: [{headers: {"@request.auth.claims.sub": ${match}}}], route: [{destination: {host: reviews}}]}]}`,
      );
    expect(verify(claims('{}')).map(({ code }) => code)).toEqual(['MESH2096']);
    expect(verify(claims('{exact: me}'))).toEqual([]);
  });

  test('a patch that changes nothing', () => {
    const found = verify(httpFilter('INSERT_BEFORE', 'early', lua).replace('filters.http.router}', 'filters.http.rooter}'));
    expect(found.map(({ code, severity }) => `${code} ${severity}`)).toEqual(['MESH1603 warning']);
  });
});

describe('clusters that proxies do not have', () => {
  const rule = (port: string): string =>
    resource('VirtualService', 'v', `{hosts: [reviews], http: [{route: [{destination: {host: ratings${port}}}]}]}`);

  test('a port that the service does not have', () => {
    const [finding, ...rest] = verify(rule(', port: {number: 9080}'));
    expect(rest).toEqual([]);
    expect(finding?.code).toBe('MESH2093');
    expect(finding?.path).toEqual(['spec', 'http', 0]);
    expect(verify(rule(', port: {number: 80}'))).toEqual([]);
    expect(verify(rule(''))).toEqual([]);
  });
});

describe('how much is compiled', () => {
  const many = Array.from({ length: 170 }, (_, i) =>
    resource(
      'ServiceEntry',
      `e${i}`,
      `{hosts: [h${i}.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}`,
    ),
  ).join('');
  const pods = Array.from(
    { length: 120 },
    (_, i) =>
      `\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p${i}, namespace: bookinfo}\nspec: {containers: [{name: app}]}\n`,
  ).join('');

  test('a large input is left out, and that is told', () => {
    expect(verify(many + pods).map(({ code, severity }) => `${code} ${severity}`)).toEqual(['MESH2110 info']);
    expect(verify(many + pods, 'never')).toEqual([]);
  });
});
