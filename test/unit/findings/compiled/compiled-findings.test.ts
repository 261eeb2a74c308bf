import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { createSession, type Session } from '../../../../src/compile/session.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { type Verification, verifyMesh } from '../../../../src/findings/compiled/compiled-findings.ts';
import { meshConfigFile } from '../../../../src/input/istiod-config.ts';
import { meshInputOf } from '../../../../src/input/load.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { formatPath } from '../../../../src/resource/shape.ts';
import { parseText } from '../../../../src/source/parse.ts';
import type { DataPlane } from '../../../../src/trace/data-plane.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { createDataPlane } from '../../../../src/workbench/data-plane.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

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

function verify(yaml: string, when: Verification = 'auto', meshConfig: MeshConfig = {}): readonly Diagnostic[] {
  const [document] = parseText('mesh.yaml', JSON.stringify(meshConfig), () => {});
  const resources = resourcesOfYaml(workloads + yaml);
  const meshConfigSource = document && meshConfigFile(document, defaultRelease);
  const input = meshInputOf({ resources, meshConfig, meshConfigSource, meshNetworks: undefined, release: defaultRelease });
  const mesh = buildMesh(input);
  const dataPlaneOf = (session: Session): DataPlane => createDataPlane(session, { servers: unknownServers, now: 0 });
  return verifyMesh({ meshInput: input, mesh, session: createSession(mesh), dataPlaneOf }, { verification: when });
}

const resource = (kind: string, name: string, spec: string, created = '2026-01-01T00:00:00Z'): string => {
  const group = kind === 'PeerAuthentication' ? 'security.istio.io/v1' : 'networking.istio.io/v1alpha3';
  return `\n---\napiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: bookinfo, creationTimestamp: "${created}"}\nspec: ${spec}\n`;
};
const virtualService = (name: string, to: string): string =>
  resource('VirtualService', name, `{hosts: [reviews], http: [{route: [{destination: {host: ${to}}}]}]}`);

describe('how much is compiled unasked', () => {
  const ports = (count: number): string =>
    `\n---\napiVersion: v1\nkind: Service\nmetadata: {name: many, namespace: bookinfo}\nspec: {ports: [${Array.from({ length: count }, (_, index) => `{name: http-${index}, port: ${index + 1}}`).join(', ')}]}\n`;

  test('depends on the ports of services too', () => {
    const found = verify(ports(30_000));
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ['MESH2110', expect.stringContaining('3 proxies and 30003 ports of services')],
    ]);
  });

  test('leaves out nothing of a few hundred', () => {
    expect(verify(ports(200))).toEqual([]);
  });
});

describe('one proxy stands for those that see the same', () => {
  const pods = Array.from(
    { length: 120 },
    (_, i) =>
      `\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p${i}, namespace: n${i % 4}, labels: {app: p${i}, team: t${i % 2}}}\nspec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}\n`,
  ).join('');
  const entries = Array.from({ length: 170 }, (_, i) =>
    resource(
      'ServiceEntry',
      `e${i}`,
      `{hosts: [h${i}.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}`,
    ),
  ).join('');
  const large = pods + entries;

  /** Both ways of looking say the same. */
  const expectSame = (yaml: string, codes: readonly string[]): void => {
    const found = verify(large + yaml);
    expect(found.map(({ code }) => code)).toEqual(codes);
    expect(found).toEqual(verify(large + yaml, 'always'));
  };

  test('a large input is looked at in full, and nothing is found where nothing is wrong', () => {
    expectSame('', []);
  });

  test('what only some workload has is found', () => {
    const policy = `\n---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: f, namespace: n3}\nspec: {workloadSelector: {labels: {app: p119}}, configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_INBOUND}, patch: {operation: ADD, value: {name: own, connect_timeout: -1s}}}]}\n`;
    const found = verify(large + policy);
    expect(found.map(({ resource: about, message }) => [about?.name, message.includes('n3/p119')])).toEqual([['f', true]]);
  });

  test('what depends on the namespace or the labels of clients is found', () => {
    const hidden = `\n---\napiVersion: v1\nkind: Service\nmetadata: {name: hidden, namespace: n1, annotations: {networking.istio.io/exportTo: .}}\nspec: {ports: [{name: http, port: 80}]}\n`;
    const rule = (match: string): string =>
      resource(
        'VirtualService',
        'v',
        `{hosts: [h1.example], http: [{${match}route: [{destination: {host: hidden.n1.svc.cluster.local}}]}]}`,
      );
    expectSame(hidden + rule(''), ['MESH2093']);
    expectSame(hidden + rule('match: [{sourceLabels: {team: t1}}], '), ['MESH2093']);
    expectSame(hidden + rule('match: [{sourceLabels: {team: t9}}], '), []);
  });
});

describe('order of creation', () => {
  test('a request that only both matches together tell is found, and none where no request fits both', () => {
    const shop = `
---
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: bookinfo, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
${resource('Gateway', 'edge', '{selector: {app: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}')}`;
    const rule = (name: string, match: string): string =>
      resource(
        'VirtualService',
        name,
        `{hosts: [shop.example], gateways: [edge], http: [{match: [${match}], route: [{destination: {host: ${name}}}]}]}`,
      );
    const orderOf = (one: string, other: string): readonly string[] =>
      verify(shop + rule('reviews', one) + rule('ratings', other)).flatMap(({ code, message }) =>
        code === 'MESH2010' ? [message] : [],
      );
    const found = orderOf('{uri: {regex: "/admin(/.*)?"}}', '{uri: {regex: "/[a-z]+/s[0-9]"}}');
    expect(found).toEqual([expect.stringMatching(/GET http:\/\/shop\.example\/admin\/s0 through/)]);
    expect(orderOf('{uri: {regex: "/admin(/.*)?"}}', '{uri: {regex: "/[a-l]+/s[0-9]"}}')).toEqual([]);
    expect(orderOf('{headers: {x: {exact: a}}}', '{withoutHeaders: {x: {prefix: a}}}')).toEqual([]);
  });

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

describe('order of creation and tokens', () => {
  const gateway = `\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: edge, namespace: bookinfo, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}\nspec: {containers: [{name: istio-proxy}]}\n`;
  const server = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
  const web = gateway + resource('Gateway', 'web', `{selector: {app: edge}, servers: [${server}]}`);
  const authentication = `\n---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: r, namespace: bookinfo}\nspec: {selector: {matchLabels: {app: edge}}, jwtRules: [{issuer: me, jwks: '{"keys":[{"kty":"oct","k":"AQAB"}]}'}]}\n`;
  const routes = (name: string, sub: string, to: string, created: string): string =>
    resource(
      'VirtualService',
      name,
      `{hosts: [a.example], gateways: [web], http: [{match: [{headers: {"@request.auth.claims.sub": {exact: ${sub}}}}], route: [{destination: {host: ${to}}}]}]}`,
      created,
    );
  const both = (sub: string): string =>
    web +
    authentication +
    routes('a', 'somebody', 'reviews', '2026-01-01T00:00:00Z') +
    routes('b', sub, 'ratings', '2026-01-02T00:00:00Z');

  test('a request with a token that the gateway takes ends otherwise', () => {
    const found = verify(both('somebody'));
    expect(found.map(({ code, resource }) => `${code} ${resource?.name}`)).toEqual(['MESH2010 b']);
    expect(found[0]?.message).toContain(
      'GET http://a.example/ with the token {"iss":"me","sub":["somebody"]} through gateway bookinfo/edge',
    );
    expect(verify(both('another'))).toEqual([]);
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
    expect(verify(chains('c.example, c.example')).map(({ code }) => code)).toEqual(['MESH2091']);
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
    // A gateway gets it, and its Envoy refuses it: that is the same mistake.
    const gateway = `\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: edge, namespace: bookinfo, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}\nspec: {containers: [{name: istio-proxy}]}\n`;
    const server = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
    const web = resource('Gateway', 'web', `{selector: {app: edge}, servers: [${server}]}`);
    expect(verify(gateway + web + claims('{}')).map(({ code }) => code)).toEqual(['MESH2096']);
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

  test('a mirror that is not there costs no request its answer', () => {
    const [finding] = verify(
      resource(
        'VirtualService',
        'v',
        '{hosts: [reviews], http: [{mirror: {host: ratings, port: {number: 9080}}, route: [{destination: {host: reviews}}]}]}',
      ),
    );
    expect(finding?.code).toBe('MESH2093');
    expect(finding?.message).toMatch(
      /mirrors no requests to "ratings.bookinfo.svc.cluster.local" port 9080, because the service has only port 80/,
    );
  });

  test('a backend of an Ingress names a port that its Service does not have', () => {
    const ingress = (port: number): string =>
      `\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: bookinfo, annotations: {kubernetes.io/ingress.class: istio}}\nspec: {rules: [{host: i.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ratings, port: {number: ${port}}}}}]}}]}\n` +
      '\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: edge, namespace: istio-system, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}\nspec: {containers: [{name: istio-proxy}]}\n';
    const found = verify(ingress(9080));
    expect(found.map(({ code, resource: about }) => `${code} ${about?.kind}`)).toEqual(['MESH2093 Ingress']);
    expect(verify(ingress(80))).toEqual([]);
  });

  test('a service that is not exported is named with its exportTo', () => {
    const hidden =
      '\n---\napiVersion: v1\nkind: Service\nmetadata: {name: hidden, namespace: other, annotations: {networking.istio.io/exportTo: .}}\nspec: {ports: [{name: http, port: 80}]}\n';
    const [finding] = verify(
      hidden +
        resource(
          'VirtualService',
          'v',
          '{hosts: [reviews], http: [{route: [{destination: {host: hidden.other.svc.cluster.local}}]}]}',
        ),
    );
    expect(finding?.message).toContain('Service other/hidden is not exported to namespace bookinfo (exportTo)');
  });

  test('a port of a TCP rule that the service does not have', () => {
    const tcp = (port: number): string =>
      resource(
        'VirtualService',
        'v',
        `{hosts: [reviews], tcp: [{route: [{destination: {host: ratings, port: {number: ${port}}}}]}]}`,
      ) +
      `\n---\napiVersion: v1\nkind: Service\nmetadata: {name: reviews-tcp, namespace: bookinfo}\nspec: {selector: {app: reviews}, ports: [{name: tcp, port: 9000}]}\n`;
    const found = verify(tcp(9080).replace('hosts: [reviews]', 'hosts: [reviews-tcp]'));
    expect(found.map(({ code, path }) => [code, path])).toEqual([['MESH2093', ['spec', 'tcp', 0]]]);
    expect(found[0]?.message).toContain('connections to "ratings.bookinfo.svc.cluster.local" port 9080 are closed by bookinfo/');
    expect(verify(tcp(80).replace('hosts: [reviews]', 'hosts: [reviews-tcp]'))).toEqual([]);
  });

  describe('for a subset', () => {
    const ofSubset = (list: string): string =>
      resource('VirtualService', 'v', `{hosts: [reviews], ${list}: [{route: [{destination: {host: ratings, subset: old}}]}]}`);
    const subsets = (namespace: string, more = '', name = 'ratings'): string =>
      resource(
        'DestinationRule',
        name,
        `{host: ratings.bookinfo.svc.cluster.local, ${more}subsets: [{name: old, labels: {app: ratings}}]}`,
      ).replace('namespace: bookinfo', `namespace: ${namespace}`);
    const found = (yaml: string): readonly string[] =>
      verify(yaml)
        .filter(({ code }) => code === 'MESH2243')
        .map(({ severity, path, message }) => `${severity} ${path?.join('.')} ${/ there, for (.*);/.exec(message)?.[1]}`);

    test('of a DestinationRule in a third namespace', () => {
      expect(found(ofSubset('http') + subsets('settings'))).toEqual([
        'error spec.http.0 its namespace settings is neither that of the client (bookinfo) nor of the service (bookinfo) nor the root namespace',
      ]);
      for (const namespace of ['bookinfo', 'istio-system']) expect(found(ofSubset('http') + subsets(namespace))).toEqual([]);
    });

    test('of one that is not exported, or that another one goes before', () => {
      expect(found(ofSubset('http') + subsets('istio-system', 'exportTo: ["."], '))).toEqual([
        'error spec.http.0 it is not exported to namespace bookinfo (exportTo)',
      ]);
      const other = resource('DestinationRule', 'other', '{host: ratings, subsets: [{name: new, labels: {app: ratings}}]}');
      expect(found(ofSubset('http') + subsets('istio-system') + other)).toEqual([
        'error spec.http.0 DestinationRule bookinfo/other for "ratings.bookinfo.svc.cluster.local" goes before it for this client',
      ]);
    });

    test('that no DestinationRule has is told of elsewhere', () => {
      expect(found(ofSubset('http'))).toEqual([]);
    });
  });

  test('of a host that only a wildcard covers', () => {
    const wildcard = resource(
      'ServiceEntry',
      'shops',
      '{hosts: ["*.shop.example"], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}',
    );
    const toHost = (host: string): string =>
      resource(
        'VirtualService',
        'v',
        `{hosts: [reviews], http: [{route: [{destination: {host: ${host}, port: {number: 80}}}]}]}`,
      );
    expect(verify(wildcard + toHost('a.shop.example')).map(({ code, path }) => [code, path])).toEqual([
      ['MESH2244', ['spec', 'http', 0]],
    ]);
    expect(verify(wildcard + toHost('"*.shop.example"'))).toEqual([]);
    // Of hosts that nothing covers IST0101 tells.
    expect(verify(wildcard + toHost('a.other.example'))).toEqual([]);
  });

  describe('of extension providers', () => {
    const service = `\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: elsewhere}\nspec: {ports: [{name: grpc, port: 9000}]}\n`;
    const hiding = resource('Sidecar', 'default', '{egress: [{hosts: ["./*"]}]}');
    const meshConfig = {
      extensionProviders: [
        { name: 'unused', envoyTcpAls: { service: 'far.elsewhere.svc.cluster.local', port: 9000 } },
        { name: 'logs', envoyHttpAls: { service: 'far.elsewhere.svc.cluster.local', port: 9000 } },
        { name: 'checks', envoyExtAuthzGrpc: { service: 'far.elsewhere.svc.cluster.local', port: 9000 } },
      ],
    };
    const found = (yaml: string, config: MeshConfig = meshConfig): readonly (readonly [string, string | undefined, string])[] =>
      verify(service + yaml, 'auto', config).map(({ code, resource, path }) => [code, resource?.kind, formatPath(path ?? [])]);
    const telemetry = `\n---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: t, namespace: bookinfo}\nspec: {accessLogging: [{providers: [{name: logs}]}]}\n`;
    const policy = `\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: bookinfo}\nspec: {action: CUSTOM, provider: {name: checks}, rules: [{}]}\n`;

    test('access logs: where the Telemetry names the provider', () => {
      expect(found(hiding + telemetry)).toEqual([['MESH2093', 'Telemetry', 'spec.accessLogging[0].providers[0].name']]);
      expect(found(telemetry)).toEqual([]);
    });

    test('authorization: where the policy names the provider', () => {
      expect(found(hiding + policy)).toEqual([['MESH2093', 'AuthorizationPolicy', 'spec.provider.name']]);
      expect(found(policy)).toEqual([]);
    });

    test('for the whole mesh: where MeshConfig names the service', () => {
      const config = { ...meshConfig, defaultProviders: { accessLogging: ['logs'] } };
      expect(found(hiding, config)).toEqual([['MESH2093', 'MeshConfig', 'extensionProviders[1].envoyHttpAls.service']]);
      expect(found('', config)).toEqual([]);
    });
  });
});

describe('what the agent beside a proxy makes fit for Envoy', () => {
  test('Wasm code without a checksum', () => {
    const plugin = `\n---\napiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: w, namespace: bookinfo}\nspec: {url: "oci://registry.example/code:1"}\n`;
    expect(verify(plugin)).toEqual([]);
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

  test('a large input is looked at by its classes of proxies, and not at all where nobody asks', () => {
    expect(verify(many + pods)).toEqual([]);
    expect(verify(many + pods, 'never')).toEqual([]);
  });
});
