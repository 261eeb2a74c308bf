import type { MeshConfig, MeshNetworks } from '../../src/api/istio.gen.ts';
import { createSession } from '../../src/compile/session.ts';
import type { XdsSnapshot } from '../../src/envoy/snapshot.ts';
import { buildMesh } from '../../src/model/build-mesh.ts';
import { singleCluster } from '../../src/model/mesh-input.ts';
import { resourcesOfYaml } from './resources.ts';

const base = `
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  ports: [{name: http2, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]
---
apiVersion: v1
kind: Pod
metadata:
  name: istio-ingressgateway-0
  namespace: istio-system
  labels: {istio: ingressgateway}
  annotations: {inject.istio.io/templates: gateway}
spec: {containers: [{name: istio-proxy}]}
---
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: bookinfo}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: mongo, namespace: bookinfo}
spec: {selector: {app: mongo}, ports: [{name: mongo, port: 27017}]}
`;

/**
 * What istiod sends to the gateway `istio-ingressgateway-0` of a mesh with the Services `reviews` and `mongo` in namespace
 * `bookinfo`, and these resources.
 */
export function gatewaySnapshot(yaml: string, config: MeshConfig = {}, networks?: MeshNetworks): XdsSnapshot {
  const session = createSession(buildMesh(singleCluster(resourcesOfYaml(`${base}---\n${yaml}`), config, networks)));
  const proxy = session.mesh.proxies.find(({ role }) => role === 'gateway');
  if (proxy === undefined) throw new Error('the mesh has no gateway');
  return session.compile(proxy);
}

/** A Gateway `web` of namespace `bookinfo` with these servers, in YAML's flow style. */
export function gatewayYaml(...servers: readonly string[]): string {
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: bookinfo}
spec:
  selector: {istio: ingressgateway}
  servers:
${servers.map((server) => `  - ${server}`).join('\n')}
`;
}

/** A VirtualService of namespace `bookinfo` for the Gateway `web`, with the rest of its spec in YAML. */
export function virtualServiceYaml(name: string, hosts: string, rest: string): string {
  return `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: bookinfo}
spec:
  hosts: ${hosts}
  gateways: [web]
  ${rest}
`;
}
