/** A namespace with injection, a client in it, and a service with a pod that serves these ports without HTTP. */
export function clientAndWeb(ports: Readonly<Record<string, number>>): string {
  const containerPorts = Object.values(ports).map((port) => `{containerPort: ${port}}`);
  const servicePorts = Object.entries(ports).map(([name, port]) => `{port: ${port}, name: ${name}}`);
  return `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: shop, labels: {app: client}}
spec: {containers: [{name: app, image: app}]}
status: {podIP: 10.244.0.4}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: app, ports: [${containerPorts.join(', ')}]}]}
status: {podIP: 10.244.0.5}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, clusterIP: 10.96.0.5, ports: [${servicePorts.join(', ')}]}
---
`;
}
