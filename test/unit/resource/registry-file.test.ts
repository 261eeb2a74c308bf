import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { decodeRegistry } from '../../../src/resource/registry-file.ts';
import { registryJsonSchema } from '../../../src/resource/registry-schema.ts';
import { parseText } from '../../../src/source/parse.ts';

function decode(text: string) {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const resources = parseText('registry.yaml', text, report).flatMap((document) =>
    decodeRegistry(document, { namespace: 'default' }, report),
  );
  return {
    resources,
    messages: diagnostics.map(({ code, message, location }) => `${location?.line}:${location?.column} ${code} ${message}`),
  };
}

describe('the registry file', () => {
  test('a service with ports in all notations', () => {
    const { resources } = decode(
      'services:\n- name: web\n  ports: [80, "http:81", "grpc:82:9082", {port: 83, targetPort: admin, appProtocol: http2}]\n',
    );
    expect(resources).toMatchObject([
      {
        kind: 'Service',
        name: 'web',
        namespace: 'default',
        spec: {
          type: 'ClusterIP',
          selector: { app: 'web' },
          ports: [
            { name: 'port-80', port: 80, protocol: 'TCP', targetPort: 80 },
            { name: 'http', port: 81, protocol: 'TCP', targetPort: 81 },
            { name: 'grpc', port: 82, protocol: 'TCP', targetPort: 9082 },
            { port: 83, protocol: 'TCP', targetPort: 'admin', appProtocol: 'http2' },
          ],
        },
      },
    ]);
  });

  test('endpoints become an EndpointSlice, and the service selects nothing', () => {
    const { resources } = decode(
      'services:\n- {name: db, ports: [tcp:5432], endpoints: [10.0.0.1, {address: 10.0.0.2, ready: false}]}\n',
    );
    expect(resources[0]?.spec).not.toHaveProperty('selector');
    expect(resources[1]).toMatchObject({
      kind: 'EndpointSlice',
      labels: { 'kubernetes.io/service-name': 'db' },
      spec: {
        ports: [{ name: 'tcp', port: 5432, protocol: 'TCP' }],
        endpoints: [
          { addresses: ['10.0.0.1'], conditions: { ready: true } },
          { addresses: ['10.0.0.2'], conditions: { ready: false, terminating: false } },
        ],
      },
    });
  });

  test('a workload becomes the pods of a Deployment, on a node of its locality', () => {
    const { resources } = decode(
      'workloads:\n- {name: web, replicas: 2, ports: [80], gateway: true, sidecar: true, locality: r/z, addresses: [10.244.0.1]}\n',
    );
    expect(resources.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Node r.z', 'Pod web-0', 'Pod web-1']);
    expect(resources[0]?.labels).toEqual({ 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'z' });
    expect(resources[1]).toMatchObject({
      labels: { app: 'web', 'sidecar.istio.io/inject': 'true' },
      annotations: { 'inject.istio.io/templates': 'gateway' },
      ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }],
      spec: { containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }] }], nodeName: 'r.z' },
      status: { podIP: '10.244.0.1' },
    });
    expect(resources[2]).not.toHaveProperty('status');
  });

  test('positions lead into the file', () => {
    const { resources } = decode('services:\n- name: web\n  labels: {a: b}\n  ports:\n  - http:80\n');
    const document = resources[0]?.document;
    expect(document?.locate(['metadata', 'name'])).toMatchObject({ line: 2, column: 9 });
    expect(document?.locate(['metadata', 'labels', 'a'])).toMatchObject({ line: 3, column: 15 });
    expect(document?.locate(['spec', 'ports', 0, 'name'])).toMatchObject({ line: 5 });
    expect(document?.locate([])).toMatchObject({ line: 2 });
  });

  test('mistakes are reported where they are', () => {
    const { resources, messages } = decode(
      'services:\n- name: web\n  prots: [80]\n- ports: [99999]\n- {name: x, ports: [http-80], labels: {version: 1}}\nworkload: []\nworkloads:\n- {name: w, ports: [{nmae: x, port: 1}], locality: a/b/c/d}\n',
    );
    expect(resources).toEqual([]);
    expect(messages).toEqual([
      '3:3 MESH0012 unknown field "services[0].prots" (did you mean "ports"?)',
      '4:3 MESH0014 services[1].name is missing',
      '4:11 MESH0011 services[1].ports[0] is the number 99999; it must be a port from 1 to 65535',
      '5:21 MESH0011 services[2].ports[0] is the text "http-80"; it must be `name:port` or `name:port:targetPort`',
      '5:49 MESH0007 services[2].labels.version must be a text, not the number 1',
      '8:22 MESH0012 unknown field "workloads[0].ports[0].nmae" (did you mean "name"?)',
      '8:52 MESH0011 workloads[0].locality is the text "a/b/c/d"; it must be `region`, `region/zone` or `region/zone/subzone`',
      '6:1 MESH0012 unknown field "workload" (did you mean "workloads"?)',
    ]);
  });

  test('the JSON Schema for editors says the same', async () => {
    await expect(`${JSON.stringify(registryJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../../schemas/registry.schema.json',
    );
  });
});
