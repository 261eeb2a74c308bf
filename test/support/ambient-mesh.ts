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
