import { describe, expect, test } from 'vitest';
import { answers, refusalsOfText, refusedFields } from './refusals.ts';

const object = (kind: string, rest: string, apiVersion = 'v1', metadata = 'name: cart'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {${metadata}}\n${rest}\n`;

describe('metadata', () => {
  test('a namespace is no path, and the object goes no further', () => {
    const text = object('Pod', 'spec: {containers: [{name: a, image: b}]}', 'v1', 'name: evil, namespace: ../../x');
    expect(answers(text)).toEqual([
      expect.stringMatching(/^3:35 metadata.namespace: Invalid value: "..\/..\/x": a lowercase RFC 1123 label must consist of /),
    ]);
    expect(refusalsOfText(text).kept).toBe(0);
  });

  test('two pods cannot share the file of another by a dot in a namespace', () => {
    const pod = (name: string, namespace: string) =>
      object('Pod', 'spec: {containers: [{name: a, image: b}]}', 'v1', `name: ${name}, namespace: ${namespace}`);
    expect(answers(`${pod('b.c', 'a')}---\n${pod('c', 'a.b')}`)).toEqual([
      '8:32 metadata.namespace: Invalid value: "a.b": must not contain dots',
    ]);
  });

  test.each([
    ['Service', 'v1', 'a-DNS-1035'],
    ['Namespace', 'v1', 'label'],
    ['StatefulSet', 'apps/v1', 'label'],
    ['ConfigMap', 'v1', undefined],
    ['VirtualService', 'networking.istio.io/v1', undefined],
    ['HTTPRoute', 'gateway.networking.k8s.io/v1', undefined],
    ['MutatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', undefined],
  ])('%s of %s: dots in names', (kind, apiVersion, refused) => {
    const fields = refusedFields(object(kind, '', apiVersion, 'name: cart.v1'));
    expect(fields).toEqual(refused === undefined ? [] : ['metadata.name']);
  });

  test('keys and values of labels, keys of annotations, each at its place', () => {
    const text =
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: cart\n  labels:\n    app: "a b"\n    "b c": x\n  annotations:\n    "d e": "any thing\\n"\n';
    expect(answers(text).map((answer) => answer.slice(0, 45))).toEqual([
      '6:10 metadata.labels: Invalid value: "a b": a',
      '7:5 metadata.labels: Invalid value: "b c": na',
      '9:5 metadata.annotations: Invalid value: "d e',
    ]);
  });

  test('generateName follows the rule of the name, with a dash at its end', () => {
    expect(refusedFields(object('Pod', '', 'v1', 'name: cart-1, generateName: cart-'))).toEqual([]);
    expect(refusedFields(object('Pod', '', 'v1', 'name: cart-1, generateName: Cart-'))).toEqual(['metadata.generateName']);
  });

  test('of a kind without namespaces, what is written as one is ignored', () => {
    expect(refusedFields(object('Node', '', 'v1', 'name: n, namespace: "a/b"'))).toEqual([]);
  });

  test('a label in which Istio reads `cookie:/path` is warned about, and the service goes on', () => {
    const text = (value: string) =>
      object('Service', 'spec: {ports: [{port: 80}]}', 'v1', `name: cart, labels: {istio.io/persistent-session: "${value}"}`);
    expect(refusalsOfText(text('session:/cart'))).toMatchObject({ diagnostics: [{ severity: 'warning' }], kept: 1 });
    const deployment = object(
      'Deployment',
      'spec: {template: {metadata: {labels: {istio.io/persistent-session: "session:/cart"}}, spec: {containers: []}}}',
      'apps/v1',
    );
    expect(refusalsOfText(deployment)).toMatchObject({ diagnostics: [{ severity: 'warning' }], kept: 1 });
    expect(refusalsOfText(text('session:/a b'))).toMatchObject({ diagnostics: [{ severity: 'error' }], kept: 0 });
  });
});

describe('Service', () => {
  const service = (spec: string, status = '') => object('Service', `spec: ${spec}\n${status}`);

  test.each([70000, -1, 0, 65536])('port %i', (port) => {
    expect(answers(service(`{ports: [{port: ${port}, targetPort: 80}]}`))).toEqual([
      `4:23 spec.ports[0].port: Invalid value: ${port}: must be between 1 and 65535, inclusive`,
    ]);
  });

  test('a targetPort that is none; one that is left out is the port', () => {
    expect(refusedFields(service('{ports: [{port: 80, targetPort: 70000}]}'))).toEqual(['spec.ports[0].targetPort']);
    expect(refusedFields(service('{ports: [{port: 70000}]}'))).toEqual(['spec.ports[0].port', 'spec.ports[0].targetPort']);
    expect(refusedFields(service('{ports: [{port: 80, targetPort: http_admin}]}'))).toEqual(['spec.ports[0].targetPort']);
    expect(refusedFields(service('{ports: [{port: 80, targetPort: 0}]}'))).toEqual([]);
  });

  test('two ports of one number or name; of two protocols one number is fine', () => {
    expect(answers(service('{ports: [{name: http, port: 81}, {name: http, port: 81}]}'))).toEqual([
      '4:47 spec.ports[1].name: Duplicate value: "http"',
      expect.stringMatching(
        /^4:40 spec.ports\[1\]: Duplicate value: \{"Name":"","Protocol":"TCP",.* 81 with protocol TCP too\)$/,
      ),
    ]);
    expect(refusedFields(service('{ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}'))).toEqual([]);
  });

  test('nodePort: one that is no port, or of a service that has none; the range is a flag of the API server', () => {
    expect(refusedFields(service('{type: NodePort, ports: [{port: 80, nodePort: 70000}]}'))).toEqual(['spec.ports[0].nodePort']);
    expect(refusedFields(service('{ports: [{port: 80, nodePort: 30080}]}'))).toEqual(['spec.ports[0].nodePort']);
    expect(refusedFields(service('{type: NodePort, ports: [{port: 80, nodePort: 80}]}'))).toEqual([]);
    const twice = '{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30080}]}';
    expect(refusedFields(service(twice))).toEqual(['spec.ports[1].nodePort']);
  });

  test.each(['10.96.0.999', 'nonsense', '10.96.0', '::g', '10.96.0.1/32', 'fd00::1%eth0', ' 10.96.0.1'])(
    'clusterIP %s is no address',
    (address) => {
      expect(answers(service(`{clusterIP: "${address}", ports: [{port: 80}]}`))).toEqual([
        `4:19 spec.clusterIPs[0]: Invalid value: "${address}": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
      ]);
    },
  );

  test.each(['10.96.0.1', 'None', 'fd00::1', '""'])('clusterIP %s is fine', (address) => {
    expect(refusalsOfText(service(`{clusterIP: ${address}, ports: [{port: 80}]}`)).diagnostics).toEqual([]);
  });

  test('leading zeros are warned about', () => {
    expect(refusalsOfText(service('{clusterIP: 10.096.0.1, ports: [{port: 80}]}'))).toMatchObject({
      diagnostics: [{ severity: 'warning', apiServer: { message: expect.stringContaining('use "10.96.0.1"') } }],
      kept: 1,
    });
  });

  test('clusterIPs: one of each family, the first is clusterIP', () => {
    const ips = (first: string, all: string) =>
      refusedFields(service(`{clusterIP: ${first}, clusterIPs: ${all}, ports: [{port: 80}]}`));
    expect(ips('10.96.0.1', '[10.96.0.1, "fd00::1"]')).toEqual([]);
    expect(ips('10.96.0.1', '[10.96.0.1, 10.96.0.2]')).toEqual(['spec.clusterIPs']);
    expect(ips('10.96.0.1', '[10.96.0.2]')).toEqual(['spec.clusterIPs']);
    expect(ips('""', '[10.96.0.2]')).toEqual(['spec.clusterIPs']);
    expect(ips('None', '[None, 10.96.0.2]')).toEqual(['spec.clusterIPs']);
    expect(ips('10.96.0.1', '[10.96.0.1, nonsense]')).toEqual(['spec.clusterIPs[1]']);
  });

  test('what only some types can have', () => {
    expect(refusedFields(service('{type: ExternalName, externalName: a.example.com., clusterIP: 10.96.0.1}'))).toEqual([
      'spec.clusterIPs',
    ]);
    expect(refusedFields(service('{type: ExternalName, externalName: "a.example.com\\n"}'))).toEqual(['spec.externalName']);
    expect(refusedFields(service('{type: NodePort, clusterIP: None, ports: [{port: 80}]}'))).toEqual(['spec.clusterIPs[0]']);
  });

  test('external addresses, selectors and the addresses of a load balancer', () => {
    const status = (ingress: string) => service('{ports: [{port: 80}]}', `status: {loadBalancer: {ingress: [${ingress}]}}`);
    expect(refusedFields(service('{externalIPs: [203.0.113.7, 127.0.0.1, host], ports: [{port: 80}]}'))).toEqual([
      'spec.externalIPs[1]',
      'spec.externalIPs[2]',
    ]);
    expect(refusedFields(service('{selector: {app: "a/b"}, ports: [{port: 80}]}'))).toEqual(['spec.selector']);
    expect(refusedFields(status('{ip: 1.2.3}'))).toEqual(['status.loadBalancer.ingress[0].ip']);
    expect(refusedFields(status('{hostname: 1.2.3.4}'))).toEqual(['status.loadBalancer.ingress[0].hostname']);
    expect(refusedFields(status('{hostname: lb.example.com}'))).toEqual([]);
  });

  test('everything that is wrong with it is told at once', () => {
    const spec =
      '{clusterIP: 10.96.0.999, selector: {app: web}, ports: [{name: http, port: 70000, targetPort: 70000}, {name: http, port: 70000}]}';
    expect(refusedFields(object('Service', `spec: ${spec}`, 'v1', 'name: "w 2", namespace: a'))).toEqual([
      'metadata.name',
      'spec.ports[0].port',
      'spec.ports[0].targetPort',
      'spec.ports[1].port',
      'spec.ports[1].targetPort',
      'spec.ports[1].name',
      'spec.ports[1]',
      'spec.clusterIPs[0]',
    ]);
  });
});

describe('pods and what makes them', () => {
  const pod = (spec: string, status = '') => object('Pod', `spec: ${spec}\n${status}`);

  test('an address that is none', () => {
    expect(answers(pod('{}', 'status: {podIP: nonsense}'))).toEqual([
      '5:17 status.podIPs[0]: Invalid value: "nonsense": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ]);
    expect(refusedFields(pod('{}', 'status: {podIP: 10.1.1.1, podIPs: [{ip: 10.1.1.1}, {ip: 10.1.1.2}]}'))).toEqual([
      'status.podIPs',
    ]);
    expect(refusedFields(pod('{}', 'status: {podIP: 10.1.1.1, podIPs: [{ip: 10.1.1.1}, {ip: "fd00::2"}]}'))).toEqual([]);
  });

  test('names and ports of containers', () => {
    const ports =
      '[{name: a, containerPort: 70000}, {name: a, containerPort: 80}, {name: a_b, containerPort: 0}, {containerPort: 80, hostPort: -1}]';
    expect(refusedFields(pod(`{containers: [{name: App, ports: ${ports}}, {name: b}, {name: b}]}`))).toEqual([
      'spec.containers[0].name',
      'spec.containers[0].ports[0].containerPort',
      'spec.containers[0].ports[2].name',
      'spec.containers[0].ports[2].containerPort',
      'spec.containers[0].ports[3].hostPort',
      'spec.containers[0].ports[1].name',
      'spec.containers[2].name',
    ]);
  });

  test('two ports of one number are fine, with names and without', () => {
    const ports =
      '[{containerPort: 80}, {containerPort: 80}, {name: dns, containerPort: 53}, {name: dns-tcp, containerPort: 53, protocol: UDP}]';
    expect(refusedFields(pod(`{containers: [{name: a, ports: ${ports}}]}`))).toEqual([]);
  });

  test('probes, names of nodes, accounts and hosts', () => {
    const probes =
      'livenessProbe: {httpGet: {port: 70000}}, readinessProbe: {tcpSocket: {port: "8080"}}, startupProbe: {grpc: {port: 0}}';
    const fields = 'nodeName: A, serviceAccountName: b_c, hostname: a.b, subdomain: A, nodeSelector: {a: "b c"}';
    expect(refusedFields(pod(`{containers: [{name: a, ${probes}}], ${fields}}`))).toEqual([
      'spec.containers[0].livenessProbe.httpGet.port',
      'spec.containers[0].readinessProbe.tcpSocket.port',
      'spec.containers[0].startupProbe.grpc.port',
      'spec.nodeSelector',
      'spec.serviceAccountName',
      'spec.nodeName',
      'spec.hostname',
      'spec.subdomain',
    ]);
  });

  test('the labels of a template and of a selector', () => {
    const spec =
      '{selector: {matchLabels: {app: "a b"}, matchExpressions: [{key: "c d", operator: In, values: ["e f"]}]}, template: {metadata: {labels: {app: "a b"}}, spec: {containers: [{name: A}]}}}';
    expect(refusedFields(object('Deployment', `spec: ${spec}`, 'apps/v1'))).toEqual([
      'spec.selector.matchLabels',
      'spec.selector.matchExpressions[0].key',
      'spec.selector.matchExpressions[0].values[0]',
      'spec.template.labels',
      'spec.template.spec.containers[0].name',
    ]);
    expect(refusedFields(object('Job', 'spec: {template: {spec: {containers: [{name: A}]}}}', 'batch/v1'))).toHaveLength(1);
  });
});

describe('endpoints', () => {
  test('addresses, ports and names of Endpoints', () => {
    const subsets =
      '[{addresses: [{ip: 10.1.1.1}, {ip: x, hostname: A.b, nodeName: "n 1"}], notReadyAddresses: [{ip: 169.254.1.1}], ports: [{name: HTTP, port: 70000}]}]';
    expect(refusedFields(object('Endpoints', `subsets: ${subsets}`))).toEqual([
      'subsets[0].addresses[1].ip',
      'subsets[0].addresses[1].hostname',
      'subsets[0].addresses[1].nodeName',
      'subsets[0].notReadyAddresses[0].ip',
      'subsets[0].ports[0].name',
      'subsets[0].ports[0].port',
    ]);
  });

  test.each([
    ['IPv4', '10.1.1.1', []],
    ['IPv4', 'x', ['endpoints[0].addresses[0]']],
    ['IPv4', '"fd00::1"', ['endpoints[0].addresses']],
    ['IPv4', '0.0.0.0', ['endpoints[0].addresses[0]']],
    ['IPv6', '"fd00::1"', []],
    ['IPv6', '"FD00::1"', ['endpoints[0].addresses[0]']],
    ['IPv6', '10.1.1.1', ['endpoints[0].addresses']],
    ['IPv6', '10.01.1.1', ['endpoints[0].addresses[0]']],
    ['IPv6', '"0:0:0:0:0:0:0:1"', ['endpoints[0].addresses[0]']],
    ['IPv4', '"::10.1.1.1"', ['endpoints[0].addresses']],
    ['IPv4', '"::ffff:10.1.1.1"', []],
    ['FQDN', 'db.example.com', []],
    ['FQDN', 'db.example.com.', []],
    ['FQDN', 'db', ['endpoints[0].addresses[0]']],
  ])('an EndpointSlice of %s with %s', (type, address, fields) => {
    const slice = `addressType: ${type}\nendpoints: [{addresses: [${address}]}]`;
    expect(refusedFields(object('EndpointSlice', slice, 'discovery.k8s.io/v1'))).toEqual(fields);
  });
});

describe('Ingress', () => {
  const ingress = (rule: string) => refusedFields(object('Ingress', `spec: {rules: [${rule}]}`, 'networking.k8s.io/v1'));
  const paths = (service: string) => `http: {paths: [{path: /, pathType: Prefix, backend: {service: ${service}}}]}`;

  test('hosts', () => {
    expect(ingress('{host: "*.example.com"}, {host: shop.example.com}, {}')).toEqual([]);
    expect(ingress('{host: "*"}, {host: 10.1.1.1}, {host: "a b"}')).toEqual([
      'spec.rules[0].host',
      'spec.rules[1].host',
      'spec.rules[2].host',
    ]);
  });

  test('services and their ports', () => {
    expect(ingress(`{${paths('{name: cart, port: {number: 80}}')}}`)).toEqual([]);
    expect(ingress(`{${paths('{name: Cart, port: {number: 70000}}')}}`)).toEqual([
      'spec.rules[0].http.paths[0].backend.service.name',
      'spec.rules[0].http.paths[0].backend.service.port.number',
    ]);
  });
});

describe('the Gateway API', () => {
  test('ports and hosts of a Gateway', () => {
    const listeners = '[{name: a, port: 70000, protocol: HTTP, hostname: "a b"}, {name: B, port: 0, protocol: HTTP}]';
    const text = object('Gateway', `spec: {gatewayClassName: istio, listeners: ${listeners}}`, 'gateway.networking.k8s.io/v1');
    expect(refusalsOfText(text).diagnostics.map(({ message }) => message)).toEqual([
      `spec.listeners[0].hostname: Invalid value: "a b": spec.listeners[0].hostname in body should match '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'`,
      'spec.listeners[0].port: Invalid value: 70000: spec.listeners[0].port in body should be less than or equal to 65535',
      expect.stringMatching(/^spec.listeners\[1\].name: Invalid value: "B": /),
      'spec.listeners[1].port: Invalid value: 0: spec.listeners[1].port in body should be greater than or equal to 1',
    ]);
    expect(refusalsOfText(text).kept).toBe(0);
  });

  test('references and hosts of a route', () => {
    const spec =
      '{parentRefs: [{name: edge, namespace: a.b}], hostnames: ["*.example.com", "*"], rules: [{backendRefs: [{name: cart, port: 65536}]}]}';
    expect(refusedFields(object('HTTPRoute', `spec: ${spec}`, 'gateway.networking.k8s.io/v1'))).toEqual([
      'spec.parentRefs[0].namespace',
      'spec.hostnames[1]',
      'spec.rules[0].backendRefs[0].port',
    ]);
  });
});

describe('ConfigMap and Secret', () => {
  test('keys', () => {
    expect(refusedFields(object('ConfigMap', 'data: {a/b: x, mesh: ""}'))).toEqual(['data[a/b]']);
    expect(refusedFields(object('Secret', 'stringData: {"a b": x}'))).toEqual(['data[a b]']);
  });
});
