import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeGraph, inputOfTexts, openWorkbench } from '../../../../src/index.ts';
import { endingOf } from '../../../../src/operations/reachability/attempts.ts';
import type { Graph } from '../../../../src/operations/reachability/graph.ts';
import { inWords, reasonsInShort } from '../../../../src/output/graph/words.ts';
import { podKey } from '../../../../src/trace/data-plane.ts';
import type { TraceRequest } from '../../../../src/trace/outcome.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { traceRequest } from '../../../../src/trace/trace.ts';
import type { Workbench } from '../../../../src/workbench/workbench.ts';

const server = (name: string, ip: number): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}-0, namespace: shop, labels: {app: ${name}}}
spec: {serviceAccountName: ${name}, containers: [{name: app, image: app, ports: [{containerPort: 9443}, {containerPort: 5432}]}]}
status: {podIP: 10.244.0.${ip}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, clusterIP: 10.96.0.${ip}, ports: [{port: 9443, name: tls}, {port: 5432, name: tcp-db}]}
---
`;
const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: shop, labels: {app: client}}
spec: {serviceAccountName: client, containers: [{name: app, image: app}]}
status: {podIP: 10.244.0.4}
---
${server('web', 5)}${server('other', 6)}apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: istio-system, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {serviceAccountName: edge, containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec:
  selector: {app: edge}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
  - {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [10.50.0.0/16], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}, {number: 9443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: names, namespace: shop}
spec: {hosts: ["*.foo.example", one.bar.example], resolution: NONE, ports: [{number: 9443, name: tls, protocol: TLS}]}
---
`;
const rules = (
  hosts: string,
  gateways: string,
  kind: 'tls' | 'tcp',
  ...routes: readonly string[]
): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: rules, namespace: shop}
spec: {hosts: [${hosts}], gateways: [${gateways}], ${kind}: [${routes.join(', ')}]}
---
`;
const policy = (name: string, namespace: string, action: string, rule: string): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {action: ${action}, rules: [${rule}]}
---
`;
const to = (host: string, port: number): string => `route: [{destination: {host: ${host}, port: {number: ${port}}}}]`;

function openOf(yaml: string): Workbench {
  return openWorkbench(inputOfTexts([{ file: 'm.yaml', text: shop + yaml }]));
}

/** The ways from a party to a port, in short. */
function ways(yaml: string, from: string, port: number): readonly string[] {
  const { edges } = inWords(computeGraph(openOf(yaml)));
  return edges
    .filter((edge) => edge.from === from && edge.port === port)
    .map((edge) => [`${edge.host}: ${edge.to.join(', ')}`, edge.access, ...reasonsInShort(edge)].join('; '));
}

const other = 'other.shop.svc.cluster.local: shop/other-0; allowed';

describe('ways of connections that are no HTTP', () => {
  test('by names that only wildcards of a rule have', () => {
    const match = (names: string): string => `{match: [{port: 9443, sniHosts: [${names}]}], ${to('other', 9443)}}`;
    const found = ways(
      rules('"*.a.example", web.shop.svc.cluster.local', 'mesh', 'tls', match('"*.a.example"')),
      'shop/client-0',
      9443,
    );
    expect(found).toContainEqual(expect.stringContaining('web.shop.svc.cluster.local: shop/web-0, shop/other-0; allowed'));
    const none = ways(rules('"*.a.example"', 'mesh', 'tls', match('"*.a.example"')), 'shop/client-0', 9443);
    expect(none).toContain('web.shop.svc.cluster.local: shop/web-0; allowed');
    expect(none).toContain(other);
  });

  test('to parts of the addresses of a host', () => {
    const match = (subnet: string): string => `{match: [{destinationSubnets: [${subnet}]}], ${to('web', 5432)}}`;
    expect(ways(rules('db.example', 'mesh', 'tcp', match('10.50.7.0/24')), 'shop/client-0', 5432)).toContain(
      'db.example: db.example, shop/web-0; allowed',
    );
    expect(ways(rules('db.example', 'mesh', 'tcp', match('10.60.7.0/24')), 'shop/client-0', 5432)).toContain(
      'db.example: db.example; allowed',
    );
    expect(ways('', 'shop/client-0', 5432)).toContain('db.example: db.example; allowed');
  });

  test('from addresses outside that a policy lets pass', () => {
    const routes = rules('"*"', 'istio-system/edge', 'tcp', `{match: [{port: 9000}], ${to('web', 5432)}}`);
    const denies = (where: string): string =>
      policy('p', 'istio-system', 'DENY', `{from: [{source: {${where}}}]}`).replace(
        'spec: {',
        'spec: {selector: {matchLabels: {app: edge}}, ',
      );
    expect(ways(routes + denies('notIpBlocks: [198.51.100.0/24]'), 'istio-system/edge-0', 9000)).toEqual([
      "web.shop.svc.cluster.local: shop/web-0; partly; istio-system/p denies it (rule 1); only requests where the client's address is in 198.51.100.0/24",
    ]);
    expect(ways(routes + denies('notIpBlocks: [0.0.0.0/0, "::/0"]'), 'istio-system/edge-0', 9000)).toEqual([
      'web.shop.svc.cluster.local: shop/web-0; allowed',
    ]);
  });

  test('by all names of a wildcard but those that a policy denies, where another chain has the name that one would try', () => {
    const routes = rules(
      '"*.foo.example", x.foo.example',
      'istio-system/edge',
      'tls',
      `{match: [{port: 443, sniHosts: ["*.foo.example"]}], ${to('web', 9443)}}`,
      `{match: [{port: 443, sniHosts: [x.foo.example]}], ${to('other', 9443)}}`,
    );
    const denies = policy('p', 'istio-system', 'DENY', '{when: [{key: connection.sni, values: [secret.foo.example]}]}');
    expect(ways(routes + denies, 'istio-system/edge-0', 443)).toEqual([
      'any.foo.example: shop/web-0; partly; istio-system/p denies it (rule 1); only requests where server name (SNI) is not secret.foo.example',
      'x.foo.example: shop/other-0; allowed',
    ]);
    const elsewhere = policy('p', 'istio-system', 'DENY', '{when: [{key: connection.sni, values: [secret.bar.example]}]}');
    expect(ways(routes + elsewhere, 'istio-system/edge-0', 443)).toEqual([
      'any.foo.example: shop/web-0; allowed',
      'x.foo.example: shop/other-0; allowed',
    ]);
  });
});

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const hostArbitrary = oneOf('web.shop.svc.cluster.local', 'other.shop.svc.cluster.local', 'db.example', 'one.bar.example');
const NAMES = [
  '"*.foo.example"',
  'x.foo.example',
  '"*.b.foo.example"',
  'secret.foo.example',
  '"*.bar.example"',
  'one.bar.example',
];
const subnetsArbitrary = fc
  .subarray(['10.50.7.0/24', '10.50.7.0/25', '10.50.0.0/24', '10.96.0.0/16', '10.50.9.9/32'], { maxLength: 2 })
  .map((some) => (some.length === 0 ? '' : `, destinationSubnets: [${some.join(', ')}]`));
const routeArbitrary = fc.tuple(hostArbitrary, oneOf(9443, 5432)).map(([host, port]) => to(host, port));
const tlsArbitrary = fc
  .tuple(oneOf(443, 9443), fc.subarray(NAMES, { minLength: 1, maxLength: 2 }), subnetsArbitrary, routeArbitrary)
  .map(([port, names, subnets, route]) => `{match: [{port: ${port}, sniHosts: [${names.join(', ')}]${subnets}}], ${route}}`);
const tcpArbitrary = fc
  .tuple(oneOf(9000, 5432), subnetsArbitrary, routeArbitrary)
  .map(([port, subnets, route]) => `{match: [{port: ${port}${subnets}}], ${route}}`);
const policyArbitrary = fc
  .tuple(
    oneOf('istio-system', 'shop'),
    oneOf('DENY', 'ALLOW'),
    oneOf(
      '{from: [{source: {notIpBlocks: [198.51.100.0/24]}}]}',
      '{from: [{source: {ipBlocks: [10.244.0.4/32]}}]}',
      '{when: [{key: connection.sni, values: [secret.foo.example]}]}',
      '{when: [{key: connection.sni, notValues: ["*.foo.example"]}]}',
      '{to: [{operation: {notPorts: ["9443"]}}]}',
      '{from: [{source: {notPrincipals: ["cluster.local/ns/shop/sa/client"]}}]}',
      '{to: [{operation: {ports: ["9443"]}}], from: [{source: {ipBlocks: [198.51.100.0/25]}}]}',
    ),
  )
  .map(([namespace, action, rule]) => policy('p', namespace, action, rule));
const manifestsArbitrary = fc
  .record({
    own: hostArbitrary,
    gateways: oneOf('mesh', 'istio-system/edge, mesh'),
    tls: fc.array(tlsArbitrary, { minLength: 1, maxLength: 3 }),
    tcp: fc.array(tcpArbitrary, { minLength: 1, maxLength: 3 }),
    policies: fc.array(policyArbitrary, { maxLength: 1 }),
  })
  .map(({ own, gateways, tls, tcp, policies }) => {
    const hosts = [...NAMES, own].join(', ');
    const both = rules(hosts, gateways, 'tcp', ...tcp).replace('name: rules', 'name: others');
    return rules(hosts, gateways, 'tls', ...tls) + both + policies.join('');
  });
const connectionArbitrary: fc.Arbitrary<TraceRequest> = fc
  .record({
    isOutside: fc.boolean(),
    from: oneOf('shop/client-0', 'shop/other-0', 'shop/web-0'),
    ip: oneOf('10.96.0.5', '10.96.0.6', '10.50.7.1', '10.50.7.200', '10.50.0.1', '10.50.9.9', '198.51.100.1'),
    port: oneOf(9443, 5432),
    portOutside: oneOf(443, 9000),
    scheme: oneOf('tcp' as const, 'tls' as const),
    name: oneOf(
      'x.foo.example',
      'any.foo.example',
      'a.b.foo.example',
      'secret.foo.example',
      'one.bar.example',
      'two.bar.example',
      'db.example',
    ),
    sourceIp: oneOf('203.0.113.1', '198.51.100.7', '198.51.100.200', '10.244.0.4'),
  })
  .map(({ isOutside, from, ip, port, portOutside, scheme, name, sourceIp }) => ({
    from: isOutside ? '' : from,
    address: isOutside ? { ip: '10.244.0.9', port: portOutside } : { ip, port },
    scheme,
    method: 'GET',
    target: '/',
    authority: name,
    headers: [],
    isWithoutCircles: true,
    ...(scheme === 'tls' && { serverName: name }),
    ...(isOutside && { sourceIp }),
  }));

/** What of a connection is in no way of a graph: who it reaches, or why it is refused. */
function missing(request: TraceRequest, { edges }: Graph, bench: Workbench): readonly string[] {
  const plane = bench.dataPlane({ servers: unknownServers, now: 0 });
  const caller = request.from === '' ? 'istio-system/edge-0' : request.from;
  const port = 'port' in request.address ? request.address.port : 0;
  const own = edges.filter((edge) => edge.from === caller && edge.port === port);
  return traceRequest(plane, request).flatMap((outcome) => {
    const { end, to: reached, because } = endingOf(outcome, request.scheme, plane, podKey);
    // What somebody sends to itself is not drawn, nor what goes on as it is.
    const isToItself = ['10.96.0.5 shop/web-0', '10.96.0.6 shop/other-0'].includes(
      `${'ip' in request.address && request.address.ip} ${caller}`,
    );
    if (isToItself || outcome.hops.slice(1).some(({ place }) => place === caller)) return [];
    const isKnown =
      end === 'delivered'
        ? reached.every((one) => own.some((edge) => edge.to.includes(one) && ['allowed', 'partly'].includes(edge.access)))
        : end !== 'denied' ||
          own.some(
            (edge) =>
              ['denied', 'partly'].includes(edge.access) &&
              because.every((reason) => edge.because.some((one) => JSON.stringify(one) === JSON.stringify(reason))),
          );
    return isKnown ? [] : [`${end} ${caller} ${reached.join()} ${JSON.stringify([because, request])}`];
  });
}

describe('connections made by chance', () => {
  const runs = Number(process.env.MESH_CONNECTIONS ?? 12);
  test('each way that they take is in the graph, and each refusal', () => {
    fc.assert(
      fc.property(manifestsArbitrary, fc.integer(), (yaml, seed) => {
        const bench = openOf(yaml);
        const graph = computeGraph(bench);
        const requests = fc.sample(connectionArbitrary, { numRuns: 150, seed });
        expect(requests.flatMap((request) => missing(request, graph, bench))).toEqual([]);
      }),
      { numRuns: runs },
    );
  }, 120_000);
});
