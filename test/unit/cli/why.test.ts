import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const base = `
apiVersion: v1
kind: Namespace
metadata: {name: farm, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kitchen, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: milk, namespace: farm, labels: {app: milk, version: v1}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}, {name: istio-proxy, image: i}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: cook, namespace: kitchen, labels: {app: cook}}
spec: {containers: [{name: c, image: i}, {name: istio-proxy, image: i}]}
status: {podIP: 10.244.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: tramp, namespace: road, labels: {app: tramp, sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.3}
---
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: gates, labels: {app: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.4}
---
apiVersion: v1
kind: Service
metadata: {name: milk, namespace: farm}
spec: {clusterIP: 10.96.0.1, selector: {app: milk}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: farm}
spec:
  selector: {app: edge}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example"]}
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["*.example"], tls: {mode: PASSTHROUGH}}
`;

const resource = (kind: string, key: string, spec: string, group = 'networking') => `
---
apiVersion: ${group}.istio.io/v1
kind: ${kind}
metadata: {namespace: ${key.split('/')[0]}, name: ${key.split('/')[1]}}
spec: ${spec}
`;
const virtualService = (key: string, spec: string) => resource('VirtualService', key, spec);
const rule = (key: string, subset: string, more = '') =>
  resource(
    'DestinationRule',
    key,
    `{host: milk.farm.svc.cluster.local, subsets: [{name: ${subset}, labels: {version: v1}}]${more}}`,
  );
const toSubset = virtualService(
  'farm/milk',
  '{hosts: [milk.farm.svc.cluster.local], http: [{route: [{destination: {host: milk.farm.svc.cluster.local, subset: v1}}]}]}',
);
const toMilk = '[{route: [{destination: {host: milk.farm.svc.cluster.local}}]}]';

async function mesh(argv: readonly string[], text: string, files: Readonly<Record<string, string>> = {}) {
  const io = createFakeIo({ files: { '/work/manifests/base.yaml': base, '/work/manifests/more.yaml': text, ...files } });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const inside = ['--from', 'kitchen/cook', 'http://milk.farm/'];
const outside = ['--from', 'outside', 'http://milk.example/'];

describe('a trace that ends for want of something says what was dropped, and where', () => {
  test.each<[string, readonly string[], string, RegExp]>([
    [
      'a DestinationRule of a namespace that does not count',
      inside,
      toSubset + rule('settings/milk', 'v1'),
      /DestinationRule settings\/milk defines the subset and does not count here.*\(kitchen\).*\(farm\)[\s\S]*more\.yaml:\d+ \(DestinationRule settings\/milk\)/,
    ],
    [
      'one that is not exported',
      inside,
      toSubset + rule('farm/milk', 'v1', ', exportTo: ["."]'),
      /DestinationRule farm\/milk defines the subset and is not exported to the namespace kitchen/,
    ],
    [
      'one without the subset',
      inside,
      toSubset + rule('farm/milk', 'v2'),
      /farm\/milk is the one in use here and has no subset v1, only v2/,
    ],
    [
      'one before which another goes',
      inside,
      toSubset + rule('farm/milk', 'v1') + rule('kitchen/milk', 'v2'),
      /farm\/milk defines the subset; kitchen\/milk goes before it here/,
    ],
    ['no DestinationRule at all', inside, toSubset, /no DestinationRule for milk\.farm\.svc\.cluster\.local has a subset v1/],
    [
      'a destination that does not exist',
      inside,
      virtualService(
        'farm/milk',
        '{hosts: [milk.farm.svc.cluster.local], http: [{route: [{destination: {host: mlk.farm.svc.cluster.local}}]}]}',
      ),
      /no Service and no ServiceEntry has the host mlk\.farm\.svc\.cluster\.local; did you mean milk\.farm\.svc\.cluster\.local/,
    ],
    [
      'a delegate that does not exist',
      outside,
      virtualService('farm/root', '{hosts: [milk.example], gateways: [front], http: [{delegate: {name: leef}}]}') +
        virtualService('farm/leaf', `{http: ${toMilk}}`),
      /delegates to farm\/leef, which does not exist; did you mean farm\/leaf\?: the rule is dropped[\s\S]*more\.yaml:\d+ \(VirtualService farm\/root\)/,
    ],
    [
      'a delegate that does not join',
      outside,
      virtualService(
        'farm/root',
        '{hosts: [milk.example], gateways: [front], http: [{match: [{uri: {regex: "/m.*"}}], delegate: {name: leaf}}]}',
      ) + virtualService('farm/leaf', '{http: [{match: [{uri: {prefix: /milk}}], route: [{destination: {host: milk}}]}]}'),
      /delegates to farm\/leaf, some of whose matches cannot be joined/,
    ],
    [
      'a VirtualService that is not exported',
      outside,
      virtualService('farm/milk', `{hosts: [milk.example], gateways: [front], exportTo: ["."], http: ${toMilk}}`),
      /VirtualService farm\/milk has the host and is not exported to the namespace gates/,
    ],
    [
      'one for another gateway',
      outside,
      virtualService('farm/milk', `{hosts: [milk.example], gateways: [fornt], http: ${toMilk}}`),
      /bound to the Gateway farm\/fornt, which does not exist; did you mean farm\/front/,
    ],
    [
      'no VirtualService for the host',
      ['--from', 'outside', 'http://mlk.example/'],
      virtualService('farm/milk', `{hosts: [milk.example], gateways: [front], http: ${toMilk}}`),
      /no VirtualService has the host mlk\.example; did you mean milk\.example/,
    ],
    [
      'the rules that were passed over',
      outside,
      virtualService(
        'farm/milk',
        '{hosts: [milk.example], gateways: [front], http: [{name: cheese, match: [{uri: {prefix: /cheese}}], route: [{destination: {host: milk}}]}]}',
      ),
      /cheese: path \/ does not begin with \/cheese/,
    ],
    [
      'the policy that demands mutual TLS',
      ['--from', 'road/tramp', 'http://milk.farm/'],
      resource('PeerAuthentication', 'farm/strict', '{mtls: {mode: STRICT}}', 'security'),
      /PeerAuthentication farm\/strict demands mutual TLS at port 8080 of farm\/milk/,
    ],
    [
      'the Sidecar that hides a service',
      inside,
      resource('Sidecar', 'kitchen/default', '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}'),
      /the Sidecar kitchen\/default does not import farm\/milk/,
    ],
    [
      'the Sidecar of this workload, not one of others',
      inside,
      resource('Sidecar', 'kitchen/bakers', '{workloadSelector: {labels: {app: baker}}, egress: [{hosts: ["./*"]}]}') +
        resource(
          'Sidecar',
          'kitchen/cooks',
          '{workloadSelector: {labels: {app: cook}}, outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}',
        ),
      /the Sidecar kitchen\/cooks does not import farm\/milk/,
    ],
  ])('%s', async (_, argv, text, expected) => {
    const { out, err } = await mesh(['trace', ...argv], text);
    expect(err).toBe('');
    expect(out.slice(out.indexOf('\nWhy:\n'))).toMatch(expected);
  });

  test('a gateway without rules of the kind that its server needs', async () => {
    const text = virtualService('farm/milk', `{hosts: [milk.example], gateways: [front], http: ${toMilk}}`);
    const { code, err } = await mesh(['trace', '--from', 'outside', 'https://milk.example/'], text);
    expect(code).toBe(64);
    expect(err).toMatch(/no gateway listens for port 443: Gateway farm\/front has a server at port 443; it needs tls rules/);
    expect(err).toMatch(/VirtualService farm\/milk has only http rules, and tls rules would be needed \(.*more\.yaml:\d+\)/);
  });

  test('a Secret that is elsewhere', async () => {
    const text = `${resource('Gateway', 'farm/secure', '{selector: {app: edge}, servers: [{port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*.example"], tls: {mode: SIMPLE, credentialName: cert}}]}')}${virtualService('farm/milk', `{hosts: [milk.example], gateways: [secure], http: ${toMilk}}`)}
---
apiVersion: v1
kind: Secret
metadata: {name: cert, namespace: farm}
stringData: {tls.crt: c, tls.key: k}`;
    const { out } = await mesh(['trace', '--from', 'outside', 'https://milk.example:8443/'], text);
    expect(out).toContain('the Secret cert is looked for in gates, the namespace of the proxy; there is one in farm');
  });

  test('as data, with the place', async () => {
    const { out } = await mesh(['trace', ...inside, '-o', 'json'], toSubset + rule('settings/milk', 'v1'));
    expect(JSON.parse(out).why).toMatchObject([
      { kind: 'destination rule of a stranger', rule: 'settings/milk', cause: { location: { file: 'manifests/more.yaml' } } },
    ]);
  });

  test('a request of a table that fails says it too', async () => {
    const table = 'requests: [{from: kitchen/cook, url: "http://milk.farm/", expect: {status: 200}}]';
    const { code, out } = await mesh(['test'], toSubset, { '/work/calls.mesh-test.yaml': table });
    expect(code).toBe(79);
    expect(out).toContain('why: no DestinationRule for milk.farm.svc.cluster.local has a subset v1');
  });
});

describe('a trace has no reasons', () => {
  test.each<[string, readonly string[], string]>([
    ['where the request is answered', inside, toSubset + rule('farm/milk', 'v1')],
    ['where a policy refuses it', inside, resource('AuthorizationPolicy', 'farm/none', '{}', 'security')],
    [
      'where the answer is the one that a rule gives',
      outside,
      virtualService('farm/milk', '{hosts: [milk.example], gateways: [front], http: [{directResponse: {status: 404}}]}'),
    ],
  ])('%s', async (_, argv, text) => {
    const { out, err } = await mesh(['trace', ...argv], text);
    expect(err).toBe('');
    expect(out).not.toContain('Why:');
  });
});
