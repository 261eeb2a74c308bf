import { inputOfTexts } from '../../src/input/load.ts';
import type { AuthorizationReport } from '../../src/operations/recommend/authorization/advice.ts';
import { recommendAuthorization } from '../../src/operations/recommend/authorization/recommend-authorization.ts';
import { groundOf, wantedWorkloads } from '../../src/operations/recommend/callers.ts';
import { readObservedCalls } from '../../src/operations/recommend/observed/read.ts';
import type { SidecarReport } from '../../src/operations/recommend/sidecar/advice.ts';
import { recommendSidecars } from '../../src/operations/recommend/sidecar/recommend-sidecars.ts';
import { defaultRelease } from '../../src/releases/index.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';

/** A namespace whose pods have sidecars. */
export function namespace(name: string, labels = 'istio-injection: enabled'): string {
  return `apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {${labels}}}
---
`;
}

/** What else an application may have. */
export interface Traits {
  readonly protocol?: string;
  readonly port?: number;
  readonly target?: number;
  readonly version?: string;
  readonly annotations?: string;
  /** Further fields of its container. */
  readonly probe?: string;
}

/** A Service with a Deployment behind it, as its own service account. */
export function application(
  name: string,
  home: string,
  { protocol = 'http', port = 80, target = 8080, version = '', annotations = '', probe = '' }: Traits = {},
): string {
  const labels = `app: ${name}${version === '' ? '' : `, version: ${version}`}`;
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${home}}
spec: {selector: {app: ${name}}, ports: [{name: ${protocol}, port: ${port}, targetPort: ${target}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}${version === '' ? '' : `-${version}`}, namespace: ${home}}
spec:
  selector: {matchLabels: {${labels}}}
  template:
    metadata: {labels: {${labels}}, annotations: {${annotations}}}
    spec:
      serviceAccountName: ${name}
      containers: [{name: app, image: i, ports: [{containerPort: ${target}}]${probe}}]
---
`;
}

/** Metrics that count a call of a workload to a service, both `namespace/name`. */
export function metered(...calls: readonly (readonly [from: string, to: string])[]): string {
  return calls
    .map(([from, to]) => {
      const [[fromSpace, workload], [toSpace, service]] = [from.split('/'), to.split('/')];
      return `istio_requests_total{reporter="source",source_workload="${workload}",source_workload_namespace="${fromSpace}",destination_service="${service}.${toSpace}.svc.cluster.local",request_protocol="http"} 1`;
    })
    .join('\n');
}

/** What is asked for, and of what. */
export interface Asked {
  readonly observed?: string;
  readonly names?: readonly string[];
  readonly namespace?: string;
  readonly per?: 'workload' | 'namespace';
  readonly isComplete?: boolean;
  readonly detail?: 'ports' | 'methods' | 'paths';
  readonly meshConfig?: object;
  readonly ambient?: boolean;
}

function setUp(manifests: string, { observed, names = [], namespace: wanted, meshConfig, ambient = false }: Asked) {
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableAmbient: ambient } };
  const input = inputOfTexts([{ file: 'mesh.yaml', text: manifests }], {
    release,
    ...(meshConfig !== undefined && { meshConfig }),
  });
  const ground = groundOf(openWorkbench(input));
  const sources = { tables: [], observed: observed === undefined ? [] : [readObservedCalls('calls', observed)] };
  return { ground, sources, workloads: wantedWorkloads(ground, names, wanted) };
}

/** The Sidecars that are recommended. */
export function sidecarsFor(manifests: string, asked: Asked): SidecarReport {
  const { ground, sources, workloads } = setUp(manifests, asked);
  const { per = 'workload', isComplete = false } = asked;
  return recommendSidecars(ground, sources, { workloads, per, isComplete });
}

/** The AuthorizationPolicies that are recommended. */
export function policiesFor(manifests: string, asked: Asked): AuthorizationReport {
  const { ground, sources, workloads } = setUp(manifests, asked);
  const { per = 'workload', isComplete = false, detail = 'paths' } = asked;
  return recommendAuthorization(ground, sources, { workloads, per, isComplete, detail });
}
