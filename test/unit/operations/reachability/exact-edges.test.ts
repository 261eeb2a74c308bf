import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenRequest } from '../../../../src/exploration/open-request.ts';
import { requestOf } from '../../../../src/exploration/request-of.ts';
import { isUsualRequest } from '../../../../src/exploration/usual-request.ts';
import { computeGraph, inputOfTexts, openWorkbench } from '../../../../src/index.ts';
import type { GraphEdge } from '../../../../src/operations/reachability/graph.ts';
import { inWords } from '../../../../src/output/graph/words.ts';
import { ALWAYS, type Formula, textTest } from '../../../../src/request-space/formula.ts';
import type { SetDescription } from '../../../../src/request-space/set-description.ts';
import { type PartValue, testsIn } from '../../../../src/request-space/variables.ts';
import { podKey } from '../../../../src/trace/data-plane.ts';
import type { Outcome } from '../../../../src/trace/outcome.ts';
import { AUTHORIZATION } from '../../../../src/trace/recording/recorder.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { traceRequest } from '../../../../src/trace/trace.ts';
import type { Workbench } from '../../../../src/workbench/workbench.ts';
import { candidatesIn, holdsOf } from '../../../support/request-values.ts';

const names = ['client', 'guest', 'shop', 'store'];
const base = [
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: enabled}}\n',
  ...names.map(
    (name, index) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}-0, namespace: a, labels: {app: ${name}}}
spec: {serviceAccountName: ${name}, containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.0.${index + 1}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: a}
spec: {clusterIP: 10.96.0.${index + 1}, selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
`,
  ),
  `apiVersion: v1
kind: Pod
metadata: {name: door-0, namespace: a, labels: {app: door}, annotations: {inject.istio.io/templates: gateway}}
spec: {serviceAccountName: door, containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.2.1}
---
apiVersion: v1
kind: Service
metadata: {name: door, namespace: a}
spec: {clusterIP: 10.96.1.1, selector: {app: door}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: a}
spec: {selector: {app: door}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door, namespace: a}
spec:
  hosts: [shop.example.com]
  gateways: [door]
  http: [{match: [{uri: {prefix: /api/}}], route: [{destination: {host: shop}}]}, {match: [{uri: {regex: "/v[0-9]+/.*"}}], route: [{destination: {host: store}}]}]
`,
];
const resource = (kind: string, name: string, spec: string, group = 'security') =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: a}\nspec: ${spec}\n`;
const tokens = (app: string) =>
  resource(
    'RequestAuthentication',
    't',
    `{selector: {matchLabels: {app: ${app}}}, jwtRules: [{issuer: "https://x", jwks: "{}"}]}`,
  );
const policy = (name: string, app: string, rules: string, action = 'ALLOW') =>
  resource('AuthorizationPolicy', name, `{selector: {matchLabels: {app: ${app}}}, action: ${action}, rules: [${rules}]}`);

/** What decides in each of these is asked in another way. */
const meshes: Readonly<Record<string, readonly string[]>> = {
  'by nothing': [],
  'by a path and a token together': [
    tokens('shop'),
    policy(
      'p',
      'shop',
      '{from: [{source: {requestPrincipals: ["https://x/*"]}}], to: [{operation: {paths: [/orders*], methods: [POST]}}], when: [{key: "request.auth.claims[role]", values: [admin]}]}, {to: [{operation: {paths: [/health]}}]}',
    ),
  ],
  'by a token at the gateway': [
    tokens('door'),
    policy(
      'p',
      'door',
      '{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {notPaths: [/api/public]}}]}',
      'DENY',
    ),
    policy('q', 'shop', '{to: [{operation: {paths: ["/api/public", "/api/mine*"]}}]}'),
  ],
  'by who calls, and for some by the path': [
    policy(
      'p',
      'shop',
      '{from: [{source: {principals: ["*/sa/guest"]}}], to: [{operation: {paths: ["*.json"]}}]}, {to: [{operation: {paths: [/]}}]}',
    ),
  ],
  'by routes, and what is behind them': [
    resource(
      'VirtualService',
      'v',
      '{hosts: [shop], http: [{match: [{uri: {prefix: /old}, headers: {x-try: {regex: "b+"}}}], route: [{destination: {host: store}}]}, {match: [{uri: {prefix: /gone}}], directResponse: {status: 410}}, {route: [{destination: {host: shop}}]}]}',
      'networking',
    ),
    policy('p', 'store', '{when: [{key: "request.headers[x-key]", values: ["k*"]}]}'),
  ],
};

function benchOf(name: string): Workbench {
  return openWorkbench(inputOfTexts([{ file: 'm.yaml', text: [...base, ...(meshes[name] ?? [])].join('---\n') }]));
}

const words = (name: string, from: string, host: string) =>
  inWords(computeGraph(benchOf(name))).edges.filter((edge) => edge.from === from && edge.host.startsWith(host));

describe('an edge says what requests need', () => {
  test('a path, a method and a token with a claim together', () => {
    const [edge] = words('by a path and a token together', 'a/client-0', 'shop.');
    expect([edge?.access, edge?.to]).toEqual(['partly', ['a/shop-0']]);
    expect(edge?.needs).toEqual([
      'requests where path is /health',
      'requests where path begins with /orders, and method is POST, and claim sub of a valid token of https://x has a value that is not empty, and claim role of a valid token of https://x has "admin"',
    ]);
  });

  test('and who refuses the others', () => {
    const [edge] = words('by a token at the gateway', 'a/door-0', 'shop.');
    // Samples with a token try other paths, and those of the path have no token.
    expect(edge?.passing.some((request) => request.startsWith('GET /api/mine'))).toBe(false);
    const withToken = 'claim sub of a valid token of https://x has a value that is not empty';
    expect(edge?.needs).toEqual([
      'requests where path is /api/public',
      `requests where path matches the expression /v[0-9]+/.*, and ${withToken}`,
      `requests where path begins with /api/mine, and ${withToken}`,
    ]);
    expect(edge?.refused?.map(({ because }) => because)).toEqual([
      ['a/p denies it (rule 1)'],
      ['a/door-0 has no route for it'],
      ['not allowed by a/q'],
    ]);
    expect(edge?.refused?.[0]?.requests[0]).toBe(
      'requests where path is not /api/public, and there is no valid token of https://x',
    );
  });

  test('only of those whom policies tell apart', () => {
    const of = (from: string) => words('by who calls, and for some by the path', from, 'shop.')[0]?.needs;
    expect(of('a/client-0')).toEqual(['requests where path is /']);
    expect(of('a/guest-0')).toEqual(['requests where path ends with .json', 'requests where path is /']);
  });

  test('and nothing where all requests get there', () => {
    const edges = words('by nothing', 'a/client-0', '');
    expect(edges.flatMap((edge) => Object.keys(edge))).not.toContain('needs');
    expect(edges.map(({ access }) => access)).toContain('allowed');
  });
});

/** Whether a request is in a set. */
const isIn = ({ anyOf }: SetDescription, values: readonly PartValue[]): boolean =>
  anyOf.some((traits) => traits.every(({ test: asked, is }) => holdsOf(asked, values) === is));

const isServed = (outcomes: readonly Outcome[]): boolean =>
  outcomes.some(({ hops, status }) => status > 0 && hops.some(({ side }) => side === 'server'));

describe('requests go where edges lead, and get there if they have what the edge says', () => {
  test.each(Object.keys(meshes))('%s', (name) => {
    const bench = benchOf(name);
    const dataPlane = bench.dataPlane({ servers: unknownServers, now: 0 });
    const { edges } = computeGraph(bench);
    const tested = edges.filter(({ protocol, from }) => protocol === 'HTTP' && from !== 'outside');
    const asked = tested.flatMap(({ demands }) => [demands?.passing, ...(demands?.refused ?? []).map(({ which }) => which)]);
    const tests = asked.flatMap((set) => set?.anyOf.flatMap((traits) => traits.map((answer) => answer.test)) ?? []);
    const more: readonly Formula[] = [
      ...['/', '/api/mine/1', '/v1/x', '/old', '/gone/x', '/orders'].map((text) =>
        textTest({ kind: 'path' }, { kind: 'exact', text }),
      ),
      textTest({ kind: 'method' }, { kind: 'exact', text: 'POST' }),
      textTest({ kind: 'header', name: 'x-try' }, { kind: 'exact', text: 'bb' }),
      textTest({ kind: 'header', name: 'x-key' }, { kind: 'exact', text: 'k1' }),
    ];
    const candidates = [...candidatesIn([...tests, ...more]).values()];
    const issuers = [...new Set(testsIn(tests).flatMap((one) => (one.kind === 'token' ? [one.dimension.issuer] : [])))].map(
      (issuer) => ({ issuer, place: AUTHORIZATION, places: [] }),
    );
    const seen = { reached: 0, refused: 0 };
    const drawn = fc.tuple(fc.constantFrom(...tested), ...candidates.map((values) => fc.constantFrom(...values)));
    fc.assert(
      fc.property(drawn, ([edge, ...values]: [GraphEdge, ...PartValue[]]) => {
        const open = openOf(edge, bench);
        const isOfToken = values.some((value) => value.kind === 'token' && value.is === 'valid');
        const told = values.filter(({ kind }) => kind !== 'claim' || isOfToken);
        const witness = requestOf(open, told, issuers);
        fc.pre(witness !== undefined && isUsualRequest(witness.request) && witness.token?.isValid !== false);
        if (witness === undefined) return;
        const outcomes = traceRequest(dataPlane, witness.request);
        const isReached = isServed(outcomes);
        seen[isReached ? 'reached' : 'refused'] += 1;
        const pods = outcomes.flatMap(({ deliveries }) => deliveries.filter(({ isMirror }) => !isMirror).map(({ pod }) => pod));
        for (const pod of pods) expect(edge.to).toContain(pod);
        if (isReached) expect(['allowed', 'partly']).toContain(edge.access);
        else expect(edge.access).not.toBe('allowed');
        const { passing, refused = [] } = edge.demands ?? {};
        if (passing?.isWhole === true) expect(isIn(passing, told)).toBe(isReached);
        for (const { which } of refused) if (which !== undefined && isIn(which, told)) expect(isReached).toBe(false);
      }),
      { seed: 20, numRuns: 400, maxSkipsPerRun: 1_000 },
    );
    expect(seen.reached).toBeGreaterThan(20);
    expect(name === 'by nothing' || seen.refused > 20).toBe(true);
  });
});

/** All requests over an edge. */
function openOf({ host, port, from }: GraphEdge, bench: Workbench): OpenRequest {
  const own = bench.mesh.registry.workloads.find((one) => podKey(one) === from);
  const isOutside = own?.role === 'gateway';
  const service = bench.mesh.registry.services.find(({ hostname }) => hostname === host);
  return {
    from: isOutside ? '' : from,
    address: { ip: isOutside ? (own.ips[0] ?? '') : (service?.address ?? ''), port },
    scheme: 'http',
    within: ALWAYS,
    authority: port === 80 ? host : `${host}:${port}`,
    isFromAnyAddress: isOutside,
    isForOneAuthority: true,
    isForAnyServerName: false,
  };
}
