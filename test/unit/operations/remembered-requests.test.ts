import { describe, expect, test } from 'vitest';
import { inputOfTexts, openWorkbench } from '../../../src/index.ts';
import { createFollower } from '../../../src/operations/request-tables/remembered-requests.ts';
import type { TraceRequest } from '../../../src/trace/outcome.ts';
import { echoServers } from '../../../src/trace/servers/echo.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { createAgain } from '../../../src/util/again.ts';

const service = (name: string, number: number, ports = '{name: http, port: 80, targetPort: 8080}'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {clusterIP: 10.96.0.${number}, selector: {app: ${name}}, ports: [${ports}]}\n`;
const pod = (name: string, number: number): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}-0, namespace: shop, labels: {app: ${name}, security.istio.io/tlsMode: istio, sidecar.istio.io/inject: "true"}}\nspec: {serviceAccountName: ${name}, containers: [{name: app, ports: [{containerPort: 8080}, {containerPort: 9000}]}]}\nstatus: {podIP: 10.244.0.${number}}\n`;
const istio = (kind: string, name: string, spec: string, group = 'networking'): string =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
const route = (name: string, more = ''): string =>
  istio('VirtualService', name, `{hosts: [${name}], http: [{route: [{destination: {host: ${name}}}]${more}}]}`);
const rule = (name: string, most: number): string =>
  istio(
    'DestinationRule',
    name,
    `{host: ${name}, trafficPolicy: {connectionPool: {tcp: {maxConnections: ${most}, connectTimeout: ${most}s}}}}`,
  );
const connections = (name: string, to: string): string =>
  istio('VirtualService', name, `{hosts: [${name}], tcp: [{match: [{port: 9000}], route: [{destination: {host: ${to}}}]}]}`);
const denial = (path: string): string =>
  istio(
    'AuthorizationPolicy',
    'denial',
    `{selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {paths: [${path}]}}]}]}`,
    'security',
  );

/** Files by their names: two services with a client. */
const shop: Readonly<Record<string, string>> = {
  cart: service('cart', 1, '{name: http, port: 80, targetPort: 8080}, {port: 9000}') + `---\n${pod('cart', 1)}`,
  books: service('books', 2) + `---\n${pod('books', 2)}`,
  client: pod('client', 3),
  'cart-route': route('cart'),
  'books-route': route('books'),
  'cart-rule': rule('cart', 7),
  'books-rule': rule('books', 7),
};

const toCart: TraceRequest = {
  from: 'shop/client-0',
  address: { ip: '10.96.0.1', port: 80 },
  scheme: 'http',
  method: 'GET',
  target: '/',
  authority: 'cart',
  headers: [],
};

/** Follows a request over one state of the shop after the other, of which files stay as they were read if nobody has edited them. */
function follower() {
  const again = createAgain();
  const read = new Map<string, { readonly text: string; readonly input: ReturnType<typeof inputOfTexts> }>();
  const readFile = (file: string, text: string) => {
    const known = read.get(file);
    const now = known?.text === text ? known : { text, input: inputOfTexts([{ file, text }]) };
    read.set(file, now);
    return now.input;
  };
  return (files: Readonly<Record<string, string>>, request: TraceRequest = toCart) => {
    const inputs = Object.entries(files).map(([file, text]) => readFile(file, text));
    const [first] = inputs;
    if (first === undefined) throw new Error('there is a file');
    const input = { ...first, resources: inputs.flatMap(({ resources }) => resources) };
    const planeOf = (bench: ReturnType<typeof openWorkbench>) => bench.dataPlane({ servers: echoServers, now: 0 });
    const outcomes = createFollower(again)(planeOf(openWorkbench({ ...input, again })), request);
    expect(JSON.stringify(outcomes)).toBe(JSON.stringify(traceRequest(planeOf(openWorkbench(input)), request)));
    return outcomes;
  };
}

describe('what became of a request is known', () => {
  const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'nothing changes': {},
    'the route of another service changes': { 'books-route': route('books', ', timeout: 3s') },
    'the rule of another service changes': { 'books-rule': rule('books', 8) },
    'another route comes': {
      other: istio('VirtualService', 'other', '{hosts: [other.example], http: [{directResponse: {status: 418}}]}'),
    },
  };
  test.each(Object.entries(elsewhere))('where %s', (_, change) => {
    const follow = follower();
    const before = follow(shop);
    expect(before).toHaveLength(1);
    expect(follow({ ...shop, ...change })).toBe(before);
    expect(follow(shop)).toBe(before);
  });
});

describe('a request is followed again', () => {
  const onTheWay: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'its route sends it elsewhere': { 'cart-route': route('books').replaceAll('hosts: [books]', 'hosts: [cart]') },
    'its route waits for less time': { 'cart-route': route('cart', ', timeout: 3s') },
    'its route stands a line further down': { 'cart-route': `\n${route('cart')}` },
    'its route breaks it off': { 'cart-route': route('cart', ', fault: {abort: {httpStatus: 503, percentage: {value: 50}}}') },
    'its route has a mirror': { 'cart-route': route('cart', ', mirror: {host: books}') },
    'another route takes its host': {
      aaa: istio('VirtualService', 'aaa', '{hosts: [cart.shop.svc.cluster.local], http: [{directResponse: {status: 418}}]}'),
    },
    'the rule of its service changes': { 'cart-rule': rule('cart', 8) },
    'a policy denies it': { denial: denial('/') },
    'a policy comes that lets it through': { denial: denial('/other') },
    'its server is gone': { cart: service('cart', 1) },
    'the port of its service leads elsewhere': { cart: shop.cart?.replace('targetPort: 8080', 'targetPort: 8081') ?? '' },
    'its client has a Sidecar': { sidecar: istio('Sidecar', 'default', '{egress: [{hosts: [./books.shop.svc.cluster.local]}]}') },
    'an EnvoyFilter patches its proxies': {
      patch: istio(
        'EnvoyFilter',
        'patch',
        '{configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: MERGE, value: {connect_timeout: 4s}}}]}',
      ).replace('/v1\n', '/v1alpha3\n'),
    },
  };
  test.each(Object.entries(onTheWay))('where %s', (_, change) => {
    const follow = follower();
    const before = follow(shop);
    expect(follow({ ...shop, ...change })).not.toBe(before);
    // And again, in the way that it goes back.
    follow(shop);
  });

  test('where routes of connections lead it elsewhere, and not where those of other services do', () => {
    const follow = follower();
    const opaque: TraceRequest = { ...toCart, address: { ip: '10.96.0.1', port: 9000 }, scheme: 'tcp' };
    const before = follow(shop, opaque);
    expect(follow({ ...shop, 'books-rule': rule('books', 8) }, opaque)).toBe(before);
    expect(follow({ ...shop, connections: connections('cart', 'books') }, opaque)).not.toBe(before);
    expect(follow({ ...shop, 'cart-rule': rule('cart', 8) }, opaque)).not.toBe(before);
  });

  test('where the time may decide about it', () => {
    const token = istio(
      'RequestAuthentication',
      'token',
      '{selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: someone, jwks: \'{"keys": []}\'}]}',
      'security',
    );
    const follow = follower();
    const signed: TraceRequest = { ...toCart, headers: [['authorization', 'Bearer e30.e30.e30']] };
    const before = follow({ ...shop, token }, signed);
    expect(follow({ ...shop, token }, signed)).not.toBe(before);
  });

  test('where another request is asked for', () => {
    const follow = follower();
    const before = follow(shop);
    expect(follow(shop, { ...toCart, target: '/other' })).not.toBe(before);
  });
});
