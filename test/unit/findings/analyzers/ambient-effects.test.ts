import { describe, expect, test } from 'vitest';
import { waypointAdmission } from '../../../../src/findings/analyzers/ambient-admission.ts';
import { ambientDestinationRules } from '../../../../src/findings/analyzers/ambient-destination-rules.ts';
import { gatewaysPastWaypoints } from '../../../../src/findings/analyzers/ambient-gateways.ts';
import { ambientModes } from '../../../../src/findings/analyzers/ambient-modes.ts';
import { ambientTargets } from '../../../../src/findings/analyzers/ambient-policies.ts';
import { ambientRoutes } from '../../../../src/findings/analyzers/ambient-routes.ts';
import { ambientSelectors } from '../../../../src/findings/analyzers/ambient-selectors.ts';
import { authorizationPolicies } from '../../../../src/findings/analyzers/authorization-policies.ts';
import { automaticImages } from '../../../../src/findings/analyzers/automatic-images.ts';
import { mutualTlsConflicts } from '../../../../src/findings/analyzers/mutual-tls-conflicts.ts';
import { sidecarSelectors } from '../../../../src/findings/analyzers/sidecar-selectors.ts';
import type { Analyzer } from '../../../../src/findings/analyzers/support/analyzer.ts';
import { inAmbientMode } from './support.ts';

const namespace = (name: string, labels: string) => `
---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {${labels}}}
`;
const AMBIENT = 'istio.io/dataplane-mode: ambient';
const SIDECAR = 'istio-injection: enabled';
const BOUND = `${AMBIENT}, istio.io/use-waypoint: waypoint`;
const app = (name: string, home: string, address: number) => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${home}}
spec: {clusterIP: 10.96.0.${address}, selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}-1, namespace: ${home}, labels: {app: ${name}}}
spec: {containers: [{name: app, image: app:1}]}
status: {podIP: 10.0.0.${address}}
`;
const waypoint = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
`;
/** Two workloads in ambient mode, of which one may be a client of the other. */
const ambient = (labels = AMBIENT) => namespace('shop', labels) + app('cart', 'shop', 1) + app('web', 'shop', 2);
const sidecars = namespace('old', SIDECAR) + app('legacy', 'old', 9);
/** Names that end in a separator or none at all. */
const of = (kind: string, group: string, spec: string, home = 'shop') => `
---
apiVersion: ${group}
kind: ${kind}
metadata: {name: it, namespace: ${home}}
spec: ${spec}
`;
const NETWORKING = 'networking.istio.io/v1';
const SECURITY = 'security.istio.io/v1';
const routed = (spec: string, home = 'shop') => of('VirtualService', NETWORKING, spec, home);
const toCart =
  '{hosts: [cart.shop.svc.cluster.local], http: [{timeout: 1s, route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}';

const edge = `
---
apiVersion: v1
kind: Pod
metadata: {name: edge-1, namespace: istio-system, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway, sidecar.istio.io/inject: "true"}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.0.0.77}
${of('Gateway', NETWORKING, '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}')}`;

const found = (analyzer: Analyzer, yaml: string) =>
  inAmbientMode(analyzer, yaml).map(({ code, severity, path }) => `${code} ${severity} ${path?.join('.')}`);
const words = (analyzer: Analyzer, yaml: string) => inAmbientMode(analyzer, yaml).map(({ message }) => message);

describe('routes of a service without a waypoint', () => {
  test('are nothing to clients in ambient mode', () => {
    expect(words(ambientRoutes, ambient() + routed(toCart))).toEqual([
      'spec.hosts[0]: clients in ambient mode do not apply these routes, as no waypoint serves cart.shop.svc.cluster.local; label it istio.io/use-waypoint',
    ]);
  });

  test('are a warning beside sidecars, which apply them', () => {
    expect(words(ambientRoutes, ambient() + sidecars + routed(toCart))).toEqual([
      'spec.hosts[0]: clients in ambient mode do not apply these routes, as no waypoint serves cart.shop.svc.cluster.local; sidecars do; label it istio.io/use-waypoint',
    ]);
  });

  test('are a hint where sidecars apply them and only the service is in ambient mode, or only others are', () => {
    const alone = namespace('shop', AMBIENT) + app('cart', 'shop', 1) + sidecars;
    expect(found(ambientRoutes, alone + routed(toCart))).toEqual(['MESH2308 info spec.hosts.0']);
    const toLegacy = toCart.replaceAll('cart.shop', 'legacy.old');
    expect(found(ambientRoutes, ambient() + sidecars + routed(toLegacy, 'old'))).toEqual(['MESH2308 info spec.hosts.0']);
  });

  test('are a hint where the service asks for no waypoint', () => {
    const none = ambient(BOUND).replace(
      '{name: cart, namespace: shop}',
      '{name: cart, namespace: shop, labels: {istio.io/use-waypoint: none}}',
    );
    expect(found(ambientRoutes, none + waypoint + routed(toCart))).toEqual(['MESH2308 info spec.hosts.0']);
  });

  test.each([
    ['a waypoint serves it', ambient(BOUND) + waypoint + routed(toCart)],
    ['only gateways have the routes', ambient() + routed(toCart.replace('{hosts', '{gateways: [edge], hosts'))],
    ['no client in ambient mode sees them', ambient() + routed(toCart.replace('{hosts', '{exportTo: [old], hosts'), 'old')],
    ['nothing is in ambient mode', namespace('shop', SIDECAR) + app('cart', 'shop', 1) + routed(toCart)],
    ['the label asks for a waypoint in vain, which is told of the label', ambient(BOUND) + routed(toCart)],
  ])('are all right where %s', (_, yaml) => {
    expect(found(ambientRoutes, yaml)).toEqual([]);
  });

  test.each(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'])('of kind %s too', (kind) => {
    const parents = '{parentRefs: [{group: "", kind: Service, name: cart}], rules: [{backendRefs: [{name: web, port: 80}]}]}';
    const version = kind === 'HTTPRoute' || kind === 'GRPCRoute' ? 'v1' : 'v1alpha2';
    const route = of(kind, `gateway.networking.k8s.io/${version}`, parents);
    expect(found(ambientRoutes, ambient() + route)).toEqual(['MESH2308 warning spec.parentRefs.0']);
    expect(found(ambientRoutes, ambient(BOUND) + waypoint + route)).toEqual([]);
  });
});

describe('routes that a waypoint passes over', () => {
  const served = ambient(BOUND) + waypoint;
  const client = namespace('web', AMBIENT) + app('front', 'web', 5);

  test('stand in a namespace that is neither its own nor that of the service', () => {
    expect(found(ambientRoutes, served + client + routed(toCart, 'web'))).toEqual(['MESH2310 warning spec.hosts']);
    expect(words(ambientRoutes, served + client + routed(toCart, 'web'))[0]).toContain(
      'applies only what stands in namespace shop',
    );
  });

  test('are not exported to its namespace', () => {
    const elsewhere = served.replaceAll(
      'use-waypoint: waypoint',
      'use-waypoint: waypoint, istio.io/use-waypoint-namespace: infra',
    );
    const shared = elsewhere
      .replace('name: waypoint, namespace: shop', 'name: waypoint, namespace: infra')
      .replace('protocol: HBONE}', 'protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}');
    const hidden = routed(toCart.replace('{hosts', '{exportTo: ["."], hosts'));
    expect(found(ambientRoutes, shared + hidden)).toEqual(['MESH2310 warning spec.exportTo']);
    expect(found(ambientRoutes, shared + routed(toCart))).toEqual([]);
  });

  test('ask for labels of clients', () => {
    const labelled = toCart.replace('{timeout', '{match: [{uri: {prefix: /}}, {sourceLabels: {app: web}}], timeout');
    expect(found(ambientRoutes, served + routed(labelled))).toEqual(['MESH2311 warning spec.http.0.match.1.sourceLabels']);
    expect(found(ambientRoutes, ambient() + routed(labelled))).toEqual(['MESH2308 warning spec.hosts.0']);
  });
});

describe('DestinationRules of a service without a waypoint', () => {
  const rule = (policy: string, home = 'shop') =>
    of('DestinationRule', NETWORKING, `{host: cart.shop.svc.cluster.local, ${policy}}`, home);
  const limits = 'trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}';

  test('are nothing to clients in ambient mode', () => {
    expect(found(ambientDestinationRules, ambient() + rule(limits))).toEqual(['MESH2309 warning spec.host']);
    expect(found(ambientDestinationRules, ambient() + rule('trafficPolicy: {tls: {mode: DISABLE}}'))).toEqual([
      'MESH2309 warning spec.host',
    ]);
    expect(words(ambientDestinationRules, ambient() + rule(`subsets: [{name: v1, ${limits}}]`))[0]).toContain(
      'do not apply trafficPolicy of subsets,',
    );
  });

  test('are a hint where a gateway sends to the service', () => {
    const outside = '{hosts: ["*"], gateways: [it], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}';
    expect(found(ambientDestinationRules, ambient() + edge + routed(outside) + rule(limits))).toEqual([
      'MESH2309 info spec.host',
    ]);
  });

  test.each([
    ['it asks for mutual TLS, which ztunnel does', ambient() + rule('trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}')],
    ['it only names subsets', ambient() + rule('subsets: [{name: v1, labels: {version: v1}}]')],
    ['a waypoint applies it', ambient(BOUND) + waypoint + rule(limits)],
    ['it is for selected proxies', ambient() + rule(`workloadSelector: {matchLabels: {app: web}}, ${limits}`)],
    ['clients in ambient mode do not look for it there', ambient() + sidecars + rule(limits, 'old')],
  ])('are all right where %s', (_, yaml) => {
    expect(found(ambientDestinationRules, yaml)).toEqual([]);
  });

  test('of a namespace of clients are nothing to a waypoint', () => {
    const client = namespace('web', AMBIENT) + app('front', 'web', 5);
    expect(found(ambientDestinationRules, ambient(BOUND) + waypoint + client + rule(limits, 'web'))).toEqual([
      'MESH2319 warning spec.host',
    ]);
  });
});

describe('policies for pods in ambient mode', () => {
  const jwt = (target: string, home = 'shop') =>
    of('RequestAuthentication', SECURITY, `{${target} jwtRules: [{issuer: me, jwks: '{"keys":[]}'}]}`, home);
  const cart = 'selector: {matchLabels: {app: cart}},';

  test('that ztunnel does not know are applied by nobody', () => {
    expect(words(ambientSelectors, ambient() + jwt(cart))).toEqual([
      'no proxy applies this RequestAuthentication: the pod that it selects is in ambient mode, and ztunnel knows nothing of the kind; attach it by targetRefs to a waypoint or a service that has one',
    ]);
    expect(found(ambientSelectors, ambient() + jwt(''))).toEqual(['MESH2312 warning spec']);
    expect(found(ambientSelectors, ambient(BOUND) + waypoint + jwt(''))).toEqual(['MESH2312 warning spec']);
    const telemetry = of('Telemetry', 'telemetry.istio.io/v1', '{accessLogging: [{providers: [{name: envoy}]}]}');
    expect(found(ambientSelectors, ambient() + telemetry)).toEqual(['MESH2312 warning spec']);
    const plugin = of('WasmPlugin', 'extensions.istio.io/v1alpha1', `{${cart} url: "oci://a/b:1"}`);
    expect(found(ambientSelectors, ambient() + plugin)).toEqual(['MESH2312 warning spec.selector']);
    const filter = of(
      'EnvoyFilter',
      'networking.istio.io/v1alpha3',
      '{configPatches: [{applyTo: HTTP_FILTER, patch: {operation: REMOVE}}]}',
    );
    expect(found(ambientSelectors, ambient() + filter)).toEqual(['MESH2312 warning spec']);
  });

  test('are a hint where other pods have sidecars, tokens of all of a namespace too', () => {
    const mixed = `${ambient()}${app('legacy', 'shop', 9).replace('{app: legacy}}\nspec: {containers', '{app: legacy, sidecar.istio.io/inject: "true"}}\nspec: {containers')}`;
    expect(words(ambientSelectors, mixed + jwt(''))).toEqual([
      '2 pods that it is for are in ambient mode, and ztunnel knows nothing of the kind: this RequestAuthentication has no effect there; attach it by targetRefs to a waypoint or a service that has one (only a hint: proxies apply it at the other pods)',
    ]);
    const telemetry = of('Telemetry', 'telemetry.istio.io/v1', '{accessLogging: [{providers: [{name: envoy}]}]}');
    expect(found(ambientSelectors, mixed + telemetry)).toEqual([]);
  });

  test.each([
    ['for pods with sidecars', ambient() + sidecars + jwt('', 'old')],
    ['attached to a waypoint', ambient(BOUND) + waypoint + jwt('targetRefs: [{kind: Service, group: "", name: cart}],')],
    ['without any rule', ambient() + of('RequestAuthentication', SECURITY, '{}')],
    [
      'of Telemetry that waypoints apply',
      ambient(BOUND) + waypoint + of('Telemetry', 'telemetry.istio.io/v1', '{metrics: [{providers: [{name: prometheus}]}]}'),
    ],
    [
      'for gateways alone',
      ambient() +
        of(
          'EnvoyFilter',
          'networking.istio.io/v1alpha3',
          '{configPatches: [{applyTo: HTTP_FILTER, match: {context: GATEWAY}, patch: {operation: REMOVE}}]}',
        ),
    ],
  ])('are all right %s', (_, yaml) => {
    expect(found(ambientSelectors, yaml)).toEqual([]);
  });

  test('are a hint where they are for all proxies of the mesh, but for those that check tokens', () => {
    const telemetry = of('Telemetry', 'telemetry.istio.io/v1', '{accessLogging: [{providers: [{name: envoy}]}]}', 'istio-system');
    expect(found(ambientSelectors, ambient() + telemetry)).toEqual(['MESH2312 info spec']);
    expect(found(ambientSelectors, ambient() + jwt('', 'istio-system'))).toEqual(['MESH2312 warning spec']);
  });

  test('do not reach waypoints by a selector', () => {
    const named = '{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}}';
    for (const [kind, group, spec] of [
      ['AuthorizationPolicy', SECURITY, named],
      ['PeerAuthentication', SECURITY, named],
      ['Sidecar', NETWORKING, named.replace('selector: {matchLabels', 'workloadSelector: {labels')],
    ] as const) {
      expect(found(ambientSelectors, ambient(BOUND) + waypoint + of(kind, group, spec))).toEqual([
        `MESH2313 warning spec.${kind === 'Sidecar' ? 'workloadSelector' : 'selector'}`,
      ]);
    }
  });

  test('reach waypoints by a selector where istiod lets AuthorizationPolicies hold at the end of tunnels, but not those of CUSTOM', () => {
    const layered = { enableLayeredWaypointAuthorizationPolicies: true };
    const policy = (action: string) =>
      of(
        'AuthorizationPolicy',
        SECURITY,
        `{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}, ${action}}`,
      );
    const saidOf = (action: string) => inAmbientMode(ambientSelectors, ambient(BOUND) + waypoint + policy(action), layered);
    expect(saidOf('action: DENY')).toEqual([]);
    expect(saidOf('action: CUSTOM, provider: {name: asked}').map(({ code }) => code)).toEqual(['MESH2313']);
  });
});

describe('targetRefs', () => {
  const target = '{targetRefs: [{kind: Service, group: "", name: cart}]}';

  test('of all kinds name what a waypoint serves', () => {
    const plugin = of(
      'WasmPlugin',
      'extensions.istio.io/v1alpha1',
      target.replace('{targetRefs', '{url: "oci://a/b:1", targetRefs'),
    );
    expect(words(ambientTargets, ambient() + plugin)).toEqual([
      'spec.targetRefs[0]: no waypoint serves Service shop/cart, so that nobody applies this WasmPlugin; label it istio.io/use-waypoint',
    ]);
    expect(found(ambientTargets, ambient(BOUND) + waypoint + plugin)).toEqual([]);
  });

  test('of an EnvoyFilter cannot name a Service', () => {
    const filter = of('EnvoyFilter', 'networking.istio.io/v1alpha3', target);
    expect(found(ambientTargets, ambient(BOUND) + waypoint + filter)).toEqual(['MESH2314 warning spec.targetRefs.0']);
    const gateway = filter.replace(
      'kind: Service, group: "", name: cart',
      'kind: Gateway, group: gateway.networking.k8s.io, name: waypoint',
    );
    expect(found(ambientTargets, ambient(BOUND) + waypoint + gateway)).toEqual([]);
  });
});

describe('sidecars and ambient mode', () => {
  test('a pod that asks for ambient mode and gets a sidecar has the sidecar', () => {
    const pod = app('cart', 'shop', 1).replace('labels: {app: cart}', `labels: {app: cart, ${AMBIENT}}`);
    expect(found(ambientModes, namespace('shop', SIDECAR) + pod)).toEqual([
      'MESH2316 warning metadata.labels.istio.io/dataplane-mode',
    ]);
    expect(found(ambientModes, namespace('shop', AMBIENT) + pod)).toEqual([]);
    const out = pod.replace('labels: {app: cart,', 'labels: {app: cart, sidecar.istio.io/inject: "false",');
    expect(found(ambientModes, namespace('shop', SIDECAR) + out)).toEqual([]);
  });

  test('a namespace with both labels is told who wins', () => {
    expect(found(ambientModes, namespace('shop', `${SIDECAR}, ${AMBIENT}`))).toEqual([
      'MESH2316 info metadata.labels.istio.io/dataplane-mode',
    ]);
    expect(found(ambientModes, namespace('shop', `istio-injection: disabled, ${AMBIENT}`))).toEqual([]);
  });
});

describe('ALLOW policies at ztunnel', () => {
  const allow = (source: string) =>
    of('AuthorizationPolicy', SECURITY, `{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {${source}}}]}]}`);
  const served = ambient(BOUND) + waypoint;

  test('refuse the waypoint where they admit only clients', () => {
    expect(words(waypointAdmission, served + allow('principals: [cluster.local/ns/shop/sa/web]'))).toEqual([
      'ztunnel refuses what comes to shop/cart-1 through waypoint shop/waypoint: no ALLOW policy for it admits cluster.local/ns/shop/sa/waypoint; add it to the principals, and attach what is meant for clients by targetRefs',
    ]);
    expect(found(waypointAdmission, served + of('AuthorizationPolicy', SECURITY, '{}'))).toEqual(['MESH2317 warning spec']);
    const http = '{rules: [{to: [{operation: {methods: [GET]}}]}]}';
    expect(found(waypointAdmission, served + of('AuthorizationPolicy', SECURITY, http))).toEqual(['MESH2317 warning spec']);
  });

  test.each([
    ['its account is named', served + allow('principals: [cluster.local/ns/shop/sa/web, cluster.local/ns/shop/sa/waypoint]')],
    ['its namespace is', served + allow('namespaces: [shop]')],
    ['its service account is', served + allow('serviceAccounts: [waypoint]')],
    ['a prefix covers it', served + allow('principals: ["cluster.local/ns/shop/*"]')],
    [
      'only addresses and ports are asked for',
      served + of('AuthorizationPolicy', SECURITY, '{rules: [{to: [{operation: {ports: ["80"]}}]}]}'),
    ],
    [
      'the policy is for the waypoint',
      served +
        of(
          'AuthorizationPolicy',
          SECURITY,
          '{targetRefs: [{kind: Service, group: "", name: cart}], rules: [{from: [{source: {namespaces: [x]}}]}]}',
        ),
    ],
    [
      'the policy denies',
      served + of('AuthorizationPolicy', SECURITY, '{action: DENY, rules: [{from: [{source: {namespaces: [x]}}]}]}'),
    ],
    ['no waypoint serves the pods', ambient() + waypoint + allow('namespaces: [web]')],
  ])('are all right where %s', (_, yaml) => {
    expect(found(waypointAdmission, yaml)).toEqual([]);
  });
});

describe('policies of a waypoint', () => {
  const outside = `${edge}${routed('{hosts: ["*"], gateways: [it], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}')}`;
  const policy = (target: string) => of('AuthorizationPolicy', SECURITY, `{action: DENY, targetRefs: [${target}], rules: [{}]}`);
  const cart = policy('{kind: Service, group: "", name: cart}');
  const served = ambient(BOUND) + waypoint;

  test('are not enforced for what a gateway sends past it', () => {
    expect(words(gatewaysPastWaypoints, served + outside + cart)).toEqual([
      'spec.targetRefs[0]: requests to cart.shop.svc.cluster.local through Gateway shop/it go past waypoint shop/waypoint, so that nobody enforces this for them; label the Service istio.io/ingress-use-waypoint: "true"',
    ]);
    const ofWaypoint = policy('{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}');
    expect(found(gatewaysPastWaypoints, served + outside + ofWaypoint)).toEqual(['MESH2318 info spec.targetRefs.0']);
  });

  test.each([
    ['gateways use it too', ambient(`${BOUND}, istio.io/ingress-use-waypoint: "true"`) + waypoint + outside + cart],
    ['no gateway sends there', served + edge + cart],
    ['the policy is for another service', served + outside + policy('{kind: Service, group: "", name: web}')],
  ])('are all right where %s', (_, yaml) => {
    expect(found(gatewaysPastWaypoints, yaml)).toEqual([]);
  });
});

test('pods that istiod makes for a Gateway get an image: the automatic one is no more than a hint there', () => {
  const pod = (labels: string) => `
apiVersion: v1
kind: Pod
metadata: {name: waypoint-1, namespace: shop, labels: {${labels}}}
spec: {containers: [{name: istio-proxy, image: auto}]}
`;
  expect(found(automaticImages, pod('gateway.istio.io/managed: istio.io-mesh-controller'))).toEqual(['IST0147 info undefined']);
  expect(found(automaticImages, pod('app: cart'))).toEqual(['IST0147 error undefined']);
});

describe('an AuthorizationPolicy with a selector', () => {
  const policy = (name: string) => of('AuthorizationPolicy', SECURITY, `{selector: {matchLabels: {app: ${name}}}}`);

  test('has workloads where it selects pods in ambient mode, though nobody has written on these that they are (IST0127)', () => {
    expect(found(authorizationPolicies, ambient() + policy('cart'))).toEqual([]);
  });

  test('has none where it selects nobody, or pods that are out of the mesh', () => {
    expect(found(authorizationPolicies, ambient() + policy('crat'))).toEqual(['IST0127 warning undefined']);
    expect(
      found(authorizationPolicies, ambient('istio.io/dataplane-mode: none, istio-injection: disabled') + policy('cart')),
    ).toEqual(['IST0127 warning undefined']);
  });
});

test('mutual TLS of a DestinationRule towards pods in ambient mode is no conflict: tunnels go before it', () => {
  const rule = of('DestinationRule', NETWORKING, '{host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}');
  expect(inAmbientMode(mutualTlsConflicts, ambient() + sidecars + rule)).toEqual([]);
  const outside = ambient('team: shop') + sidecars + rule;
  expect(inAmbientMode(mutualTlsConflicts, outside).map(({ code }) => code)).toEqual(['MESH2051']);
});

test('a Sidecar that selects pods in ambient mode has no effect, also where no agent has written on them', () => {
  const sidecar = (app: string, home: string) =>
    of('Sidecar', NETWORKING, `{workloadSelector: {labels: {app: ${app}}}, egress: [{hosts: ["./*"]}]}`, home);
  expect(inAmbientMode(sidecarSelectors, ambient() + sidecar('cart', 'shop')).map(({ code }) => code)).toEqual(['IST0167']);
  expect(inAmbientMode(sidecarSelectors, ambient() + sidecars + sidecar('legacy', 'old'))).toEqual([]);
});
