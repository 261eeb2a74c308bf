import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { clientAndWeb } from '../../../support/client-and-web.ts';
import { diffOf } from '../../../support/diff.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

interface Spec {
  readonly web?: string;
  readonly edge?: string;
  readonly annotations?: string;
  readonly pods?: number;
  readonly nodes?: readonly string[];
}

/** A Service `web` for a client with a sidecar and for a gateway with a Service of its own, `edge`. */
function files({ web = '', edge = 'type: LoadBalancer', annotations = '', pods = 1, nodes = [] }: Spec = {}) {
  const [, second = ''] = nodes;
  const more =
    pods < 2
      ? ''
      : `apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {nodeName: "${second}", containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
status: {podIP: 10.244.0.6}
---
`;
  const text = clientAndWeb({ http: 80 })
    .replace('selector: {app: web}', `${web}${web === '' ? '' : ', '}selector: {app: web}`)
    .replace(
      'spec: {containers: [{name: app, image: app, ports',
      `spec: {nodeName: "${nodes[0] ?? ''}", containers: [{name: app, image: app, ports`,
    );
  return {
    'm.yaml': `${text}${more}apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: shop, labels: {istio: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.9}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: shop, annotations: {${annotations}}}
spec: {${edge}, selector: {istio: edge}, clusterIP: 10.96.0.9, ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {istio: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec: {hosts: ["*"], gateways: [edge], http: [{route: [{destination: {host: web}}]}]}
`,
  };
}

interface Client {
  readonly kind: string;
  readonly workload?: string;
}

interface Doubted {
  readonly exitCode: number;
  readonly doubts: readonly string[];
}

/** The exit status of `--equal`, and what is not proven of whom. */
async function equal(before: Spec, after: Spec): Promise<Doubted> {
  const { exitCode, report } = await diffOf(files(before), files(after), ['--equal']);
  const { proof } = report.requests as {
    readonly proof?: {
      readonly doubts: readonly { readonly from: Client; readonly what?: readonly string[] }[];
      readonly underLoad: readonly { readonly from: Client; readonly what: readonly string[] }[];
    };
  };
  const all = [...(proof?.doubts ?? []), ...(proof?.underLoad ?? [])];
  return { exitCode, doubts: all.map(({ from, what = [] }) => `${from.workload ?? from.kind}: ${what.join()}`) };
}

const of = (fields: string, service: string): string =>
  `what nodes and load balancers make of ${fields} of Service shop/${service}`;
const OUTSIDE = 'shop/edge-0';
const BARE = 'without-sidecar';

describe('what nodes and load balancers make of a Service, where istiod makes nothing of it', () => {
  test.each([
    ['externalTrafficPolicy', 'externalTrafficPolicy: Local'],
    ['loadBalancerSourceRanges', 'loadBalancerSourceRanges: [10.0.0.0/8]'],
    ['loadBalancerIP', 'loadBalancerIP: 192.0.2.7'],
    ['loadBalancerClass', 'loadBalancerClass: example.com/internal'],
    ['allocateLoadBalancerNodePorts', 'allocateLoadBalancerNodePorts: false'],
  ])('is not proven to end as before, where %s of a load balancer differs', async (name, field) => {
    const doubts = [`${OUTSIDE}: ${of(name, 'edge')}`];
    expect(await equal({}, { edge: `type: LoadBalancer, ${field}` })).toEqual({ exitCode: 1, doubts });
  });

  test('nor where its annotations say who may come, or a cluster opens to the outside', async () => {
    const annotations = 'service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8';
    expect(await equal({}, { annotations })).toEqual({
      exitCode: 1,
      doubts: [`${OUTSIDE}: ${of('annotations for the load balancer', 'edge')}`],
    });
    expect(await equal({}, { web: 'type: NodePort' })).toEqual({ exitCode: 1, doubts: [`anybody: ${of('type', 'web')}`] });
  });

  test('nor where its pods are none of the manifests', async () => {
    const [before, after] = ['Cluster', 'Local'].map((policy) =>
      files({ edge: `type: LoadBalancer, externalTrafficPolicy: ${policy}` })['m.yaml'].replaceAll(
        'istio: edge}, cl',
        'istio: else}, cl',
      ),
    );
    const { exitCode } = await diffOf({ 'm.yaml': before ?? '' }, { 'm.yaml': after ?? '' }, ['--equal']);
    expect([before === after, exitCode]).toEqual([false, 1]);
  });

  test('is told in text, though nothing else is to tell', async () => {
    const sides = { '/work/a.yaml': files()['m.yaml'], '/work/b.yaml': files({ edge: 'type: NodePort' })['m.yaml'] };
    const io = createFakeIo({ files: sides });
    expect(await run(['diff', 'a.yaml', 'b.yaml', '--equal'], io)).toBe(1);
    expect(io.output()).toContain(
      'Not proven for edge.shop.svc.cluster.local:80 from outside through shop/edge-0: GET http://edge.shop.svc.cluster.local/ depends on what is not known: what nodes and load balancers make of type of Service shop/edge',
    );
  });

  test('is nothing new where the same is written out or in another order, or where nobody comes that way', async () => {
    const same: readonly (readonly [Spec, Spec])[] = [
      [{}, { edge: 'type: LoadBalancer, externalTrafficPolicy: Cluster, allocateLoadBalancerNodePorts: true' }],
      [
        { edge: 'type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 192.0.2.0/24]' },
        { edge: 'type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24, 10.0.0.0/8]' },
      ],
      [{}, { annotations: 'example.com/owner: shop' }],
      [{}, { web: 'type: ClusterIP, externalTrafficPolicy: Local' }],
      [{}, { web: 'internalTrafficPolicy: Cluster, sessionAffinity: None' }],
    ];
    for (const [before, after] of same) expect(await equal(before, after)).toEqual({ exitCode: 0, doubts: [] });
  });

  test('is not proven where connections stay on a node on one side, or pods are on others', async () => {
    const doubts = [`${BARE}: ${of('internalTrafficPolicy', 'web')}`];
    expect(await equal({}, { web: 'internalTrafficPolicy: Local' })).toEqual({ exitCode: 1, doubts });
    const local = { web: 'internalTrafficPolicy: Local' };
    expect((await equal({ ...local, nodes: ['a'] }, { ...local, nodes: ['b'] })).doubts).toEqual(doubts);
    expect((await equal({ ...local, nodes: ['a'] }, { ...local, nodes: ['a'] })).doubts).toEqual([]);
    expect((await equal({ nodes: ['a'] }, { nodes: ['b'] })).doubts).toEqual([]);
  });

  test('is not proven where other endpoints are preferred, if there are several', async () => {
    const near = 'trafficDistribution: PreferClose';
    expect((await equal({ pods: 2 }, { pods: 2, web: near })).doubts).toEqual([`${BARE}: ${of('trafficDistribution', 'web')}`]);
    expect((await equal({}, { web: near })).doubts).toEqual([]);
    const sticky = 'sessionAffinity: ClientIP';
    expect(await equal({ pods: 2 }, { pods: 2, web: sticky })).toEqual({ exitCode: 1, doubts: [`${BARE}: sticky requests`] });
    expect(await equal({}, { web: sticky })).toEqual({ exitCode: 0, doubts: [] });
  });
});
