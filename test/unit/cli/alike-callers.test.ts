import { describe, expect, test } from 'vitest';
import { computeGraph, inputOfTexts, openWorkbench } from '../../../src/index.ts';
import { scaffoldTable } from '../../../src/operations/request-tables/scaffold.ts';
import { echoServers } from '../../../src/trace/servers/echo.ts';
import { runTable } from '../../../src/trace/table.ts';
import { surroundingsOf } from '../../../src/workbench/surroundings.ts';
import type { Workbench } from '../../../src/workbench/workbench.ts';

const namespaces = ['a', 'b'].map(
  (name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {istio-injection: enabled}}\n`,
);
const callers = ['one', 'two', 'three', 'four'];
const workloads = [
  ...callers.map((name, index) => ({ name, namespace: 'a', ip: `10.244.0.${index + 1}`, extra: '' })),
  { name: 'far', namespace: 'b', ip: '10.244.1.1', extra: '' },
  { name: 'out', namespace: 'a', ip: '10.244.0.9', extra: ', annotations: {sidecar.istio.io/inject: "false"}' },
  { name: 'bare', namespace: 'a', ip: '10.244.0.10', extra: ', annotations: {sidecar.istio.io/inject: "false"}' },
];
const pods = workloads.map(
  ({ name, namespace, ip, extra }) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}-0, namespace: ${namespace}, labels: {app: ${name}}${extra}}
spec: {serviceAccountName: ${name}, containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {podIP: ${ip}}
`,
);
const services = workloads.map(
  ({ name, namespace }, index) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  clusterIP: 10.96.0.${index + 1}
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 81, targetPort: 8081}]
`,
);
const policy = (name: string, namespace: string, app: string, rules: string, action = 'ALLOW') => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {matchLabels: {app: ${app}}}, action: ${action}, rules: [${rules}]}
`;
const istio = (kind: string, name: string, spec: string, group = 'networking') =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: a}\nspec: ${spec}\n`;

/** Requests to `one` go through a gateway, which serves this, and from there to `two`. */
const throughGateway = (port: string, settings: string): readonly string[] => [
  `apiVersion: v1
kind: Pod
metadata: {name: door-0, namespace: a, labels: {app: door}, annotations: {inject.istio.io/templates: gateway}}
spec: {serviceAccountName: door, containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.2.1}
`,
  `apiVersion: v1
kind: Service
metadata: {name: door, namespace: a}
spec: {clusterIP: 10.96.1.1, selector: {app: door}, ports: [{name: ${port}, port: 443, targetPort: 8443}]}
`,
  istio('Gateway', 'door', `{selector: {app: door}, servers: [{port: {number: 443, name: ${port}, ${settings}, hosts: ["*"]}]}`),
  istio(
    'VirtualService',
    'v',
    '{hosts: [one], gateways: [mesh, door], http: [{match: [{gateways: [mesh]}], route: [{destination: {host: door, port: {number: 443}}}]}, {route: [{destination: {host: two, port: {number: 80}}}]}]}',
  ),
  policy('p', 'a', 'door', '{from: [{source: {notPrincipals: ["*/sa/three"]}}]}'),
  policy(
    'q',
    'a',
    'two',
    '{from: [{source: {principals: ["*/sa/door"], notRemoteIpBlocks: [10.244.0.4]}}], when: [{key: "request.headers[x-told]", notValues: [nothing]}]}',
  ),
];

/** Who calls decides in each of these in another way. */
const meshes: Readonly<Record<string, readonly string[]>> = {
  'nobody is told apart': [],
  'by identity': [
    policy('p', 'a', 'one', '{from: [{source: {principals: ["cluster.local/ns/a/sa/two", "*/sa/far"]}}]}'),
    policy(
      'q',
      'b',
      'far',
      '{from: [{source: {notPrincipals: ["cluster.local/ns/a/sa/three"]}}], to: [{operation: {paths: ["/x"]}}]}',
    ),
    policy('r', 'a', 'two', '{from: [{source: {namespaces: [a]}}], to: [{operation: {ports: ["8080"]}}]}', 'DENY'),
  ],
  'by address': [
    policy('p', 'a', 'one', '{from: [{source: {ipBlocks: [10.244.0.2/31]}}]}'),
    policy('q', 'b', 'far', '{from: [{source: {remoteIpBlocks: [10.244.0.4]}}]}', 'DENY'),
  ],
  'by a header that a proxy writes': [
    policy('p', 'a', 'one', '{when: [{key: "request.headers[x-forwarded-client-cert]", values: ["*sa/two*"]}]}'),
    policy(
      'q',
      'a',
      'two',
      '{from: [{source: {principals: ["*/sa/one"]}}]}, {when: [{key: "request.headers[x-forwarded-client-cert]", values: ["*sa/four*"]}]}',
    ),
  ],
  'by mutual TLS': [istio('PeerAuthentication', 'p', '{mtls: {mode: STRICT}}', 'security')],
  'by what they see': [
    istio(
      'Sidecar',
      's',
      '{workloadSelector: {labels: {app: three}}, egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
    ),
    istio(
      'VirtualService',
      'v',
      '{hosts: [far.b.svc.cluster.local], http: [{match: [{sourceLabels: {app: four}}], route: [{destination: {host: one}}]}, {route: [{destination: {host: two}}]}]}',
    ),
  ],
  'behind a gateway': throughGateway('http', 'protocol: HTTP}'),
  'behind a gateway with mutual TLS': [
    ...throughGateway('https', 'protocol: HTTPS}, tls: {mode: ISTIO_MUTUAL}'),
    istio('DestinationRule', 'd', '{host: door, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: door}}}'),
    policy('r', 'a', 'two', '{when: [{key: "request.headers[x-forwarded-client-cert]", values: ["*sa/four*"]}]}', 'DENY'),
  ],
  'by where their requests are led': [
    istio(
      'VirtualService',
      'v',
      '{hosts: [one], http: [{match: [{headers: {x: {exact: "1"}}}], route: [{destination: {host: two}, weight: 50}, {destination: {host: three}, weight: 50}]}, {route: [{destination: {host: one}}]}]}',
    ),
    policy('p', 'a', 'three', '{from: [{source: {principals: ["cluster.local/ns/a/sa/four"]}}]}', 'DENY'),
  ],
};

function benchOf(name: string): Workbench {
  const text = [...namespaces, ...pods, ...services, ...(meshes[name] ?? [])].join('---\n');
  return openWorkbench(inputOfTexts([{ file: 'm.yaml', text }]));
}

describe('a graph is the same whoever else calls', () => {
  test.each(Object.keys(meshes))('%s', (name) => {
    const bench = benchOf(name);
    const { nodes, edges } = computeGraph(bench);
    for (const { id } of nodes.filter(({ kind }) => kind === 'workload' || kind === 'without sidecar')) {
      // Alone, nobody else's requests stand for its own.
      const alone = computeGraph(bench, { from: id }).edges;
      expect(edges.filter(({ from }) => from === id)).toEqual(alone);
    }
    expect(edges.length).toBeGreaterThan(50);
  });
});

test('what a pod sends to itself is not what others send to it', () => {
  const headless =
    'apiVersion: v1\nkind: Service\nmetadata: {name: all, namespace: a}\nspec: {clusterIP: None, ports: [{name: tcp, port: 8080}], selector: {of: all}}\n';
  const labelled = pods.slice(0, 2).map((pod) => pod.replace('labels: {', 'labels: {of: all, '));
  const blocked = istio('Sidecar', 's', '{egress: [{hosts: ["~/*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}');
  const text = [...namespaces, ...labelled, ...pods.slice(2), headless, blocked].join('---\n');
  const bench = openWorkbench(inputOfTexts([{ file: 'm.yaml', text }]));
  const edges = computeGraph(bench).edges.filter(({ host }) => host.startsWith('all.'));
  const reasons = edges.map(({ from, because }) => `${from} ${because.map(({ kind }) => kind).join()}`);
  expect(reasons).toContain('a/four-0 unknown host');
  for (const { from } of edges) {
    const alone = computeGraph(bench, { from }).edges.filter(({ host }) => host.startsWith('all.'));
    expect(edges.filter((edge) => edge.from === from)).toEqual(alone);
  }
});

describe('a scaffold is right for each of its callers', () => {
  test.each(Object.keys(meshes))('%s', (name) => {
    const surroundings = surroundingsOf([benchOf(name)], { servers: echoServers, now: 0 });
    const { dataPlane } = surroundings;
    const requests = scaffoldTable(surroundings).map((request) => ({ ...request, isWithoutNodes: true }));
    const failing = runTable(dataPlane, requests).filter(({ failures }) => failures.length > 0);
    expect(failing.map(({ request, failures }) => ({ request, failures }))).toEqual([]);
    expect(requests.length).toBeGreaterThan(50);
  });
});
