import { describe, expect, test } from 'vitest';
import { askDoors } from '../../support/doors.ts';

const web = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: app}]}
`;
const telemetry = `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traces, namespace: shop}
spec: {tracing: [{providers: [{name: collector}]}]}
`;
const filter = (namespace: string): string => `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: idle, namespace: ${namespace}}
spec:
  configPatches:
  - applyTo: CLUSTER
    match: {cluster: {service: nobody.example.com}}
    patch: {operation: REMOVE}
`;
const policy = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{when: [{key: request.nonsense, values: [a]}]}]}
`;
const gatewayByName = `---
apiVersion: v1
kind: Service
metadata: {name: eastwest, namespace: shop, labels: {topology.istio.io/network: east}}
spec: {type: LoadBalancer, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [{hostname: lb.example}]}}
`;
const misspelt = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], htttp: []}
`;

/** What all commands say of an input that has `web`. */
const compare = (text: string, meshConfig?: string): ReturnType<typeof askDoors> =>
  askDoors(
    { '/work/m/m.yaml': web + text, ...(meshConfig !== undefined && { '/work/mesh.yaml': meshConfig }) },
    { '/work/empty/m.yaml': web },
  );

describe('every command gives a code the same level for the same input', () => {
  test('a provider that cannot be known without MeshConfig is a hint', async () => {
    const { translate, analyze, diff, disagreed } = await compare(telemetry);
    for (const said of [translate, analyze, diff]) expect(said).toContain('info MESH1401 Telemetry shop/traces');
    expect(disagreed).toEqual([]);
  });

  test('a provider that MeshConfig does not define is a warning', async () => {
    const { translate, analyze, disagreed } = await compare(telemetry, 'enableTracing: true\n');
    for (const said of [translate, analyze]) expect(said).toContain('warning MESH1401 Telemetry shop/traces');
    expect(disagreed).toEqual([]);
  });

  test('a patch that changes nothing is a warning in the namespace of the proxies, and a hint in the root namespace', async () => {
    const { translate, analyze, diff, disagreed } = await compare(filter('shop') + filter('istio-system'));
    for (const said of [translate, analyze, diff]) {
      expect(said).toContain('warning MESH1603 EnvoyFilter shop/idle');
      expect(said).toContain('info MESH1603 EnvoyFilter istio-system/idle');
    }
    expect(disagreed).toEqual([]);
  });

  test('what mesh does not compute is no mistake of the manifests', async () => {
    const { translate, analyze, disagreed } = await compare(gatewayByName);
    for (const said of [translate, analyze]) expect(said.join()).toContain('info MESH1501');
    expect(disagreed).toEqual([]);
  });

  test('a condition that means nothing, a field that does not exist', async () => {
    const { translate: denied, ...others } = await compare(policy);
    expect(denied).toContain('warning MESH1301 AuthorizationPolicy shop/web');
    expect(others.disagreed).toEqual([]);
    const { translate, validate, disagreed } = await compare(misspelt);
    for (const said of [translate, validate]) expect(said).toContain('error MESH0012 VirtualService shop/web');
    expect(disagreed).toEqual([]);
  });
});

test('diff tells what the API server refuses in a change, as analyze does', async () => {
  const nameless =
    '---\napiVersion: v1\nkind: Service\nmetadata: {name: two, namespace: shop}\nspec: {ports: [{port: 80}, {port: 81}]}\n';
  const { analyze, diff, disagreed } = await compare(nameless);
  expect(analyze).toContain('error MESH0110 Service shop/two');
  expect(diff).toContain('error MESH0110 Service shop/two');
  expect(disagreed).toEqual([]);
});
