import { describe, expect, test } from 'vitest';
import { computeGraph, inputOfTexts, openWorkbench } from '../../../../src/index.ts';
import { type GraphEdge, wayOf } from '../../../../src/operations/reachability/graph.ts';
import { formatGraphMermaid } from '../../../../src/output/graph/drawing.ts';
import { formatGraphTable } from '../../../../src/output/graph/table.ts';
import { inWords, reasonsInShort } from '../../../../src/output/graph/words.ts';
import { WEB_MANIFESTS } from '../../../support/web-manifests.ts';

const client = `apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: shop, labels: {app: client}}
spec: {serviceAccountName: client, containers: [{name: app, image: app}]}
status: {podIP: 10.244.0.2}
`;
const routes = (...matches: readonly string[]): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [${[...matches.map((match) => `match: [${match}], `), ''].map((match) => `{${match}route: [{destination: {host: web}}]}`).join(', ')}]
`;
const policy = (rule: string): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, rules: [${rule}]}
`;
const filter = (type: string, settings: string, app: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: extra, namespace: shop}
spec:
  workloadSelector: {labels: {app: ${app}}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_FIRST
      value: {name: extra, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.${type}, ${settings}}}
`;
const lua = (app: string): string =>
  filter('lua.v3.Lua', 'default_source_code: {inline_string: "function envoy_on_request(h) end"}', app);

function graphOf(...resources: readonly string[]) {
  return computeGraph(
    openWorkbench(inputOfTexts([{ file: 'm.yaml', text: [WEB_MANIFESTS + client, ...resources].join('---\n') }])),
  );
}

/** The way from the client to the server. */
function edgeOf(...resources: readonly string[]): GraphEdge | undefined {
  return graphOf(...resources).edges.find(({ from }) => from === 'shop/client-0');
}

/** A route for each of so many expressions about one header, which no automaton of a usual size tells apart together; none leads to the server. */
function expressions(count: number): string {
  const matches = Array.from({ length: count }, (_, at) => {
    const [a, b] = [String.fromCharCode(97 + at), String.fromCharCode(98 + at)];
    return `{headers: {x-key: {regex: ".*${a}.*${b}.*${a}.*"}}}`;
  });
  return routes(...matches).replaceAll('], route: [{destination: {host: web}}]}', '], directResponse: {status: 403}}');
}

const own = (edge: GraphEdge | undefined): Pick<GraphEdge, 'access' | 'assumptions' | 'gaveUp'> | undefined =>
  edge && {
    access: edge.access,
    ...('assumptions' in edge && { assumptions: edge.assumptions }),
    ...('gaveUp' in edge && { gaveUp: edge.gaveUp }),
  };

describe('what an edge takes to make no difference', () => {
  test('a script at the server, by its name alone', () => {
    const found = edgeOf(lua('web'));
    expect(own(found)).toEqual({ access: 'allowed', assumptions: ['extra (Lua)'] });
    const [worded] = inWords(graphOf(lua('web'))).edges;
    expect(worded && reasonsInShort(worded)).toEqual(['assumed to make no difference: extra (Lua)']);
  });

  test('a filter of TCP, or an authorizer of connections, that is not simulated', () => {
    const extra = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: extra, namespace: shop}
spec:
  workloadSelector: {labels: {app: web}}
  configPatches:
  - applyTo: NETWORK_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.tcp_proxy}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: extra, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm, config: {name: x}}}
`;
    const overTcp = (...more: readonly string[]) =>
      own(
        computeGraph(
          openWorkbench(
            inputOfTexts([
              { file: 'm.yaml', text: [WEB_MANIFESTS.replaceAll('name: http', 'name: tcp') + client, ...more].join('---\n') },
            ]),
          ),
        ).edges.find(({ from }) => from === 'shop/client-0'),
      );
    expect(overTcp(extra)).toEqual({ access: 'allowed', assumptions: ['extra'] });
    expect(overTcp()).toEqual({ access: 'allowed' });
  });

  test('what a policy reads of a path that the proxy before it makes', () => {
    const asks = policy('{when: [{key: "request.headers[:path]", values: [/a*]}]}');
    expect(own(edgeOf(routes('{queryParams: {a: {exact: "1"}}}'), asks))).toEqual({
      access: 'partly',
      assumptions: ['the target that a proxy makes of the request'],
    });
  });

  test('none where nothing is assumed: a script that is on another way, a policy that reads the path itself', () => {
    expect(own(edgeOf())).toEqual({ access: 'allowed' });
    expect(own(edgeOf(lua('client')))).toEqual({ access: 'allowed' });
    expect(own(edgeOf(policy('{to: [{operation: {paths: [/a*]}}]}')))).toEqual({ access: 'partly' });
    const [worded] = inWords(graphOf()).edges;
    expect(Object.keys(worded ?? {})).not.toContain('assumptions');
  });
});

describe('where an edge cannot tell of all requests', () => {
  test('it says what was too much, and what the samples showed still stands', () => {
    const graph = graphOf(expressions(8));
    const found = graph.edges.find(({ from }) => from === 'shop/client-0');
    expect(own(found)).toEqual({ access: 'partly', gaveUp: { at: 'work', limit: 3_000_000, tried: 1 } });
    // Of what all requests have in common nothing is said.
    expect(found?.demands).toBeUndefined();
    expect(found?.passing).toContain('GET /');
    const [worded] = inWords(graph).edges.filter(({ from }) => from === 'shop/client-0');
    expect(worded?.gaveUp).toBe(
      'gave up at sets of requests that take more than 3000000 steps of work, after 1 class of requests',
    );
    expect(worded?.needs).toBeUndefined();
  });

  test('and it tells of all of them where the same is asked with fewer expressions', () => {
    const found = edgeOf(expressions(2));
    expect(own(found)).toEqual({ access: 'partly' });
    expect(found?.demands?.passing).toBeDefined();
  });
});

describe('an edge has of its way', () => {
  const way = { host: 'web.shop', port: 80, protocol: 'HTTP' };
  const attempt = { request: 'GET /', end: 'delivered', to: ['shop/web-0'], tls: 'mutual TLS', because: [] } as const;
  const limit = { at: 'classes', limit: 1_000, tried: 1_000 } as const;

  test('the assumptions and the limit, where there are such', () => {
    const explored = { attempts: [attempt], assumptions: ['extra (Lua)'], gaveUp: limit };
    expect(wayOf(way, ['shop/web-0'], [attempt], explored)).toMatchObject({
      access: 'allowed',
      assumptions: ['extra (Lua)'],
      gaveUp: limit,
    });
  });

  test('neither where there are none, nor where it was not explored', () => {
    for (const explored of [{ attempts: [attempt], assumptions: [] }, undefined]) {
      const edge = wayOf(way, ['shop/web-0'], [attempt], explored);
      expect(Object.keys(edge)).not.toContain('assumptions');
      expect(Object.keys(edge)).not.toContain('gaveUp');
    }
  });

  test('in tables and drawings that it is so as far as requests were tried, be it that none got there', () => {
    const [denied, lost] = (['denied', 'unreachable'] as const).map((end) => ({ ...attempt, end, to: [], tls: undefined }));
    const drawn = (tried: typeof denied, explored: Parameters<typeof wayOf>[3]): readonly string[] => {
      const edge = { from: 'shop/client-0', ...wayOf(way, ['shop/web-0'], tried === undefined ? [] : [tried], explored) };
      const nodes = ['shop/client-0', 'shop/web-0'].map((id) => ({
        ...{ id, namespace: 'shop', name: id, kind: 'workload' as const, pods: 1 },
      }));
      const graph = inWords({ nodes, edges: [edge], notes: [] });
      return [formatGraphTable(graph), formatGraphMermaid(graph)].map(String);
    };
    const early = { attempts: [], assumptions: [], gaveUp: limit };
    const whole = { attempts: [], assumptions: [] };
    for (const text of drawn(denied, early)) expect(text).toContain('denied as far as tried');
    for (const text of drawn(lost, early)) expect(text).toContain('unreachable as far as tried');
    expect(drawn(denied, whole).join()).not.toContain('as far as tried');
    expect(drawn(lost, whole)[1]).not.toContain('unreachable');
  });

  test('the endings that only exploration has found, also where it ended early', () => {
    const refused = { ...attempt, request: 'GET /x', end: 'denied', to: [], tls: undefined } as const;
    const edge = wayOf(way, ['shop/web-0'], [attempt], { attempts: [refused], assumptions: [], gaveUp: limit });
    expect(edge).toMatchObject({ access: 'partly', passing: ['GET /'], failing: ['GET /x'], gaveUp: limit });
  });
});
