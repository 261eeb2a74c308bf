import { describe, expect, test } from 'vitest';
import { inputOfTexts } from '../../../../src/input/load.ts';
import { openCheckedWorkbench } from '../../../../src/workbench/checked.ts';
import { WEB_MANIFESTS } from '../../../support/web-manifests.ts';

const shop = `${WEB_MANIFESTS}apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
`;
const CODES = ['MESH2006', 'MESH2007', 'MESH2048', 'MESH2281', 'MESH2282'];

/** What is said of rules that no request takes. */
function told(...resources: readonly string[]): readonly string[] {
  return toldOf(resources, false);
}

function toldOf(resources: readonly string[], isPartial: boolean): readonly string[] {
  const bench = openCheckedWorkbench(inputOfTexts([{ file: 'm.yaml', text: [shop, ...resources].join('---\n') }]));
  return bench
    .findings({ verification: 'always', now: 0, isPartial })
    .filter(({ code }) => CODES.includes(code))
    .map(({ code, severity, resource, message }) => `${code} ${severity} ${resource?.name} ${message}`);
}

const route = (name: string, match: string, kind = 'HTTPRoute'): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: {parentRefs: [{name: edge}], hostnames: [web.example], rules: [{matches: [${match}], backendRefs: [{name: web, port: 80}]}]}
`;
const policy = (name: string, action: string, rule: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: ${action}, rules: [${rule}]}
`;

/** An EnvoyFilter that adds a filter chain to listeners. */
function addedChain(listeners: string, match: string): string {
  return `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: extra, namespace: shop}
spec:
  configPatches:
  - applyTo: FILTER_CHAIN
    match: ${listeners}
    patch:
      operation: ADD
      value:
        name: extra
        filter_chain_match: {${match}}
        filters:
        - name: envoy.filters.network.tcp_proxy
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: x, cluster: BlackHoleCluster}
`;
}

describe('routes that no request takes', () => {
  const path = (value: string, type = 'PathPrefix'): string => `{path: {type: ${type}, value: ${value}}}`;

  test('the same match in a second HTTPRoute', () => {
    expect(told(route('a', path('/api')), route('b', path('/api')))).toEqual([
      'MESH2007 warning b spec.rules[0].matches[0] is never reached: spec.rules[0].matches[0] of HTTPRoute shop/a takes every request that it describes; remove it, or make the other narrower',
    ]);
  });

  test('none where one is narrower, since the narrower one is asked first', () => {
    expect(told(route('a', path('/api')), route('b', path('/api/v1')))).toEqual([]);
    expect(told(route('a', path('/api')), route('b', `{path: {value: /api}, method: GET}`))).toEqual([]);
  });

  test('an expression for all paths before those of GRPCRoutes and others', () => {
    expect(told(route('a', path('"/api/.*"', 'RegularExpression')), route('b', path('/api/v1', 'Exact')))).toEqual([]);
    expect(
      told(route('a', path('"/(api|images|web).*"', 'RegularExpression')), route('b', path('"/api/[0-9]"', 'RegularExpression'))),
    ).toHaveLength(1);
  });

  test('none at a Gateway of which a listener is left out, as for a Secret that lies elsewhere', () => {
    const secure =
      shop
        .replace('name: edge', 'name: secure')
        .replace(
          '{name: http, port: 80, protocol: HTTP}',
          '{name: http, port: 80, protocol: HTTP}, {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: elsewhere}]}}',
        )
        .split('---\n')
        .at(-1) ?? '';
    const at = (name: string, match: string): string => route(name, match).replace('name: edge', 'name: secure');
    const redirect = at('a', path('/api')).replace('{name: secure}', '{name: secure, sectionName: http}');
    expect(told(secure, redirect, at('b', path('/api')))).toEqual([]);
    expect(told(secure, route('a', path('/api')), route('b', path('/api')))).toHaveLength(1);
  });

  test('a path without a slash, which excludes nothing but is in no request', () => {
    const api = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{match: [{uri: {prefix: api}}], route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]}
`;
    const [first = ''] = told(api);
    expect(first).toContain('or one asks for what no request has (a path begins with a slash');
    expect(toldOf([api], true)).toEqual([first]);
  });

  test('an authority that is none of the hosts', () => {
    const service = (authority: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{match: [{authority: {exact: ${authority}}}], route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]}
`;
    expect(told(service('other.example'))).toEqual([
      'MESH2006 warning web spec.http[0].match[0] fits no request: it asks for an authority that none of the hosts is; correct it, or remove it',
    ]);
    expect(told(service('web.shop'))).toEqual([]);
  });
});

describe('rules for connections whose filter chains nothing reaches', () => {
  const entry = (name: string, address: string, port: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [${name}.example], addresses: [${address}], location: MESH_EXTERNAL, resolution: NONE, ports: [{${port}}]}
`;
  const ranges = entry('db', '10.50.0.0/16', 'number: 5432, name: tls-db, protocol: TLS');
  const single = entry('db', '203.0.113.9', 'number: 5432, name: tcp-db, protocol: TCP');
  const rules = (list: 'tcp' | 'tls', ...matches: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example, "*.db.example"]
  ${list}: [${matches.map((match) => `{match: [${match}], route: [{destination: {host: db.example}}]}`).join(', ')}]
`;
  const subnets = (range: string, name = 'db.example'): string => `{sniHosts: [${name}], destinationSubnets: [${range}]}`;

  test('subnets of others that together cover those of a rule', () => {
    const halves = [subnets('10.50.0.0/25'), subnets('10.50.0.128/25')];
    expect(told(ranges, rules('tls', subnets('10.50.0.0/24'), ...halves))).toEqual([
      'MESH2007 warning db spec.tls[0] is never reached: spec.tls[1] of VirtualService shop/db and spec.tls[2] of VirtualService shop/db together take every connection that it describes; remove it, or make the other narrower',
    ]);
    expect(told(ranges, rules('tls', subnets('10.50.0.0/23'), ...halves))).toEqual([]);
    expect(told(ranges, rules('tls', subnets('10.50.0.0/24', 'a.db.example'), halves[0] ?? ''))).toEqual([]);
    expect(told(ranges, rules('tls', `${subnets('10.50.0.0/24')}, ${subnets('10.50.1.0/24')}`, ...halves))).toEqual([]);
  });

  test('other names of narrower subnets, from which Envoy does not come back', () => {
    expect(told(ranges, rules('tls', subnets('10.50.0.0/24', 'a.db.example'), subnets('10.50.0.0/25, 10.50.0.128/25')))).toEqual([
      'MESH2007 warning db spec.tls[0] is never reached: Envoy chooses spec.tls[1] of VirtualService shop/db for every connection that it describes, and does not come back where what is left does not take it; remove it, or make the other narrower',
    ]);
    expect(told(ranges, rules('tls', subnets('10.50.0.0/24', 'a.db.example'), subnets('10.50.0.0/25')))).toEqual([]);
    expect(
      told(ranges, rules('tls', subnets('10.50.0.0/24', '"*.db.example"'), subnets('10.50.0.0/24', 'a.db.example'))),
    ).toEqual([]);
  });

  test('subnets that the address of the host is not in, where manifests have one', () => {
    const elsewhere = rules('tcp', '{destinationSubnets: [10.60.0.0/16]}');
    expect(told(single, elsewhere)).toEqual([
      'MESH2006 warning db spec.tcp[0] fits no connection: its listener has another address; correct it, or remove it',
    ]);
    expect(told(single, rules('tcp', '{destinationSubnets: [203.0.113.0/24]}'))).toEqual([]);
    expect(toldOf([single, elsewhere], true)).toEqual([]);
    const service = (address: string): string => `
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {${address} selector: {app: web}, ports: [{name: tcp-db, port: 5432}]}
`;
    const ofService = elsewhere.replace('db.example, "*.db.example"', 'db').replaceAll('db.example', 'db');
    expect(told(service('clusterIP: 10.96.7.7,'), ofService)).toHaveLength(1);
    // The cluster gives it an address that nobody knows here.
    expect(told(service(''), ofService)).toEqual([]);
  });

  test('what an EnvoyFilter adds for a port that the listener does not have', () => {
    const filter = (match: string): string => addedChain('{context: SIDECAR_OUTBOUND, listener: {name: 0.0.0.0_5432}}', match);
    const rule = rules('tls', subnets('10.50.0.0/24'));
    expect(told(ranges, rule, filter('destination_port: 9999'))).toEqual([
      'MESH2006 warning extra spec.configPatches[0].patch.value fits no connection: its listener has another port; correct it, or remove it',
    ]);
    expect(told(ranges, rule, filter('application_protocols: [http/1.1], transport_protocol: raw_buffer'))).toEqual([
      'MESH2006 warning extra spec.configPatches[0].patch.value fits no connection: nothing looks for HTTP there (no HTTP inspector at the port); correct it, or remove it',
    ]);
    expect(told(ranges, rule, filter('prefix_ranges: [{address_prefix: 10.50.9.0, prefix_len: 24}]'))).toEqual([]);
  });

  test('a server of a Gateway before whose chain an EnvoyFilter puts others', () => {
    const door = (match: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: door-0, namespace: shop, labels: {app: door}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: shop}
spec: {selector: {app: door}, servers: [{port: {number: 5000, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [web.example]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door, namespace: shop}
spec: {hosts: [web.example], gateways: [door], tls: [{match: [{sniHosts: [web.example]}], route: [{destination: {host: web}}]}]}
---${addedChain('{context: GATEWAY, listener: {portNumber: 5000}}', match)}`;
    expect(told(door('destination_port: 5000'))).toEqual([
      'MESH2007 warning door spec.tls[0].match[0] is never reached: spec.configPatches[0].patch.value of EnvoyFilter shop/extra takes every connection that it describes; remove it, or make the other narrower',
    ]);
    expect(told(door('transport_protocol: tls'))).toEqual([]);
  });
});

describe('routes of a filter chain that nothing reaches', () => {
  test('are not told once more', () => {
    const found = told(
      `
apiVersion: v1
kind: Pod
metadata: {name: lone-0, namespace: shop, labels: {app: lone}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
`,
      `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: lone, namespace: shop}
spec: {selector: {app: lone}, servers: [{port: {number: 8443, name: s, protocol: HTTPS}, hosts: [a.example], tls: {mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem}}]}
`,
      `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: shop}
spec: {hosts: [a.example], gateways: [lone], http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]}
`,
      `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: shop}
spec: {selector: {matchLabels: {app: lone}}, action: DENY, rules: [{to: [{operation: {paths: ["/b*"]}}]}]}
`,
      `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: moved, namespace: shop}
spec:
  workloadSelector: {labels: {app: lone}}
  configPatches:
  - applyTo: FILTER_CHAIN
    match: {context: GATEWAY}
    patch: {operation: MERGE, value: {filter_chain_match: {destination_port: 999}}}
`,
    );
    expect(found).toEqual([
      'MESH2006 warning lone spec.servers[0] fits no connection: its listener has another port; correct it, or remove it',
    ]);
  });
});

describe('policy rules that no request takes', () => {
  test('what DENY denies whole, and not where it leaves some', () => {
    const reads = policy('readers', 'ALLOW', '{to: [{operation: {methods: [GET], paths: ["/api/*"]}}]}');
    expect(told(policy('closed', 'DENY', '{to: [{operation: {paths: ["/api*"]}}]}'), reads)).toEqual([
      'MESH2281 warning readers spec.rules[0] allows nothing: spec.rules[0] of AuthorizationPolicy shop/closed denies every request that it asks for, and DENY comes before ALLOW; remove the rule, or make the other narrower',
    ]);
    expect(told(policy('closed', 'DENY', '{to: [{operation: {paths: ["/api/x"]}}]}'), reads)).toEqual([]);
    // That others allow the same is no harm.
    expect(told(policy('all', 'ALLOW', '{}'), reads)).toEqual([]);
  });

  test('claims that no RequestAuthentication makes known', () => {
    const asks = policy('readers', 'ALLOW', '{when: [{key: "request.auth.claims[role]", values: [reader]}]}');
    const tokens = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec: {jwtRules: [{issuer: "https://id.example", jwks: "{\\"keys\\":[]}"}]}
`;
    expect(told(asks)).toEqual([
      'MESH2282 warning readers spec.rules[0] matches no request: it asks for a token, and no RequestAuthentication accepts such a one there; add a RequestAuthentication with the issuer for the same workloads',
    ]);
    expect(told(asks, tokens)).toEqual([]);
  });

  test('ports and server names are those of connections that pass as they are, too', () => {
    const passing = `
apiVersion: v1
kind: Pod
metadata: {name: door-0, namespace: shop, labels: {app: door}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: shop}
spec:
  selector: {app: door}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["web.example"]}
  - {port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: ["web.example"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door, namespace: shop}
spec:
  hosts: [web.example]
  gateways: [door]
  http: [{route: [{destination: {host: web}}]}]
  tls: [{match: [{port: 443, sniHosts: [web.example]}], route: [{destination: {host: web}}]}]
`;
    const at = (rule: string): string => policy('door', 'ALLOW', rule).replace('app: web', 'app: door');
    expect(told(passing, at('{to: [{operation: {ports: ["443"]}}]}'))).toEqual([]);
    expect(told(passing, at('{when: [{key: connection.sni, values: [web.example]}]}'))).toEqual([]);
    expect(told(passing, at('{to: [{operation: {ports: ["8443"]}}]}'))).toHaveLength(1);
  });

  test('none for a port of a gateway that is only taken to exist', () => {
    const gateway = (selector: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: assumed, namespace: istio-system}
spec: {selector: {${selector}}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [web.example]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ports, namespace: istio-system}
spec: {selector: {matchLabels: {${selector}}}, rules: [{to: [{operation: {ports: ["81"]}}]}]}
`;
    const own = `
apiVersion: v1
kind: Service
metadata: {name: own, namespace: istio-system}
spec: {clusterIP: 10.96.0.9, selector: {app: own}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: own-0, namespace: istio-system, labels: {app: own}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
`;
    expect(told(gateway('istio: ingressgateway'))).toEqual([]);
    expect(told(own, gateway('app: own'))).toHaveLength(1);
  });

  test('none of a partial input where proxies that are elsewhere may take them', () => {
    const reads = policy('readers', 'ALLOW', '{to: [{operation: {paths: ["/api/*"]}}]}');
    const resources = [
      ...[route('a', '{path: {value: /api}}'), route('b', '{path: {value: /api}}')],
      ...[policy('closed', 'DENY', '{to: [{operation: {paths: ["/api*"]}}]}'), reads],
      policy('claims', 'ALLOW', '{from: [{source: {requestPrincipals: ["*"]}}]}'),
    ];
    expect(told(...resources)).toHaveLength(3);
    expect(toldOf(resources, true)).toEqual([]);
  });

  test('what excludes itself is told once', () => {
    const paths = (notPaths: string): string =>
      policy('readers', 'ALLOW', `{to: [{operation: {paths: ["/a"], notPaths: [${notPaths}]}}]}`);
    expect(told(paths('/a'))).toHaveLength(1);
    expect(told(paths('"/*"'))).toEqual([
      'MESH2282 warning readers spec.rules[0] matches no request: what it asks for excludes itself; correct it, or remove it',
    ]);
    expect(told(paths('"/a/*"'))).toEqual([]);
  });
});
