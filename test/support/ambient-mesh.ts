/** A namespace whose pods ztunnel takes care of, unless `mode` says otherwise. */
export function namespace(name: string, mode = 'ambient', labels = ''): string {
  return `
---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {istio.io/dataplane-mode: ${mode}${labels === '' ? '' : `, ${labels}`}}}`;
}

/** What a workload is written with, where it is not the usual. */
export interface WorkloadText {
  readonly ip: number;
  readonly port?: number;
  readonly protocol?: string;
  readonly labels?: string;
  readonly serviceLabels?: string;
  readonly isReady?: boolean;
}

/** A service account, a pod (`10.244.0.<ip>`) and a Service (`10.96.0.<ip>`, port 80) of one name. */
export function workload(name: string, place: string, text: WorkloadText): string {
  const { ip, port = 8080, protocol = 'http', labels = '', serviceLabels = '', isReady = true } = text;
  return `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${place}}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${place}, labels: {app: ${name}${labels === '' ? '' : `, ${labels}`}}}
spec: {serviceAccountName: ${name}, nodeName: n1, containers: [{name: c, image: i, ports: [{containerPort: ${port}}]}]}
status: {phase: Running, podIP: 10.244.0.${ip}, conditions: [{type: Ready, status: "${isReady ? 'True' : 'False'}"}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${place}, labels: {${serviceLabels}}}
spec: {clusterIP: 10.96.0.${ip}, selector: {app: ${name}}, ports: [{name: ${protocol}, port: 80, targetPort: ${port}}]}`;
}

/** A waypoint with its Service and its pod, which istiod would make: what it is for, its address (`10.244.0.<ip>`). */
export function waypoint(
  name: string,
  place: string,
  { ip, serves = 'service', isReady = true, replicas = 1 }: WaypointText,
): string {
  const labels = `gateway.networking.k8s.io/gateway-name: ${name}, gateway.istio.io/managed: istio.io-mesh-controller`;
  const pods = Array.from(
    { length: replicas },
    (_, index) => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}-${index}, namespace: ${place}, labels: {${labels}, istio.io/dataplane-mode: none, sidecar.istio.io/inject: "false"}}
spec: {serviceAccountName: ${name}, nodeName: n1, containers: [{name: istio-proxy, image: proxyv2, args: [proxy, waypoint]}]}
status: {phase: Running, podIP: 10.244.0.${ip + index}, conditions: [{type: Ready, status: "${isReady ? 'True' : 'False'}"}]}`,
  );
  return `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: ${place}, labels: {istio.io/waypoint-for: ${serves}}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${place}, labels: {${labels}}}
spec:
  clusterIP: 10.96.0.${ip}
  selector: {gateway.networking.k8s.io/gateway-name: ${name}}
  ports: [{name: status-port, port: 15021, appProtocol: tcp}, {name: mesh, port: 15008, appProtocol: hbone}]${pods.join('')}`;
}

/** What a waypoint is written with. */
export interface WaypointText {
  readonly ip: number;
  readonly serves?: 'service' | 'workload' | 'all';
  readonly isReady?: boolean;
  readonly replicas?: number;
}
