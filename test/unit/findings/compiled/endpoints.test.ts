import { describe, expect, test } from 'vitest';
import { createSession } from '../../../../src/compile/session.ts';
import { createEndpointChoice } from '../../../../src/findings/compiled/refusals/endpoints.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: cart}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-0, namespace: shop, labels: {app: cart}}
spec: {containers: [{name: app, image: app}]}
status: {podIP: 10.244.0.1}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: shop}
spec:
  hosts: [bank.example]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 192.0.2.1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: bank, namespace: shop}
spec:
  host: bank.example
  subsets: [{name: v1, labels: {version: v1}}]
`;

describe('endpoints in which Envoy could find a mistake', () => {
  const mesh = buildMesh(singleCluster(resourcesOfYaml(manifests)));
  const [proxy] = mesh.proxies;
  if (proxy === undefined) throw new Error('no proxy');
  const snapshot = createSession(mesh).compile(proxy);

  test('are those that people write, of a service once for all its subsets', () => {
    expect(createEndpointChoice(mesh)(snapshot).map(({ clusterName }) => clusterName)).toEqual(['outbound|80||bank.example']);
  });

  test('are some of those that a snapshot has, which are made when somebody looks at them', () => {
    expect(snapshot.endpoints.map(({ clusterName }) => clusterName)).toEqual([
      'outbound|80||cart.shop.svc.cluster.local',
      'outbound|80||bank.example',
      'outbound|80|v1|bank.example',
    ]);
    expect(createEndpointChoice(mesh)(snapshot).every((one) => snapshot.endpoints.includes(one))).toBe(true);
  });
});
