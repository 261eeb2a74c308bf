import { type KindInfo, kindsOfGroup } from '../releases/kinds.ts';
import type { Release } from '../releases/release.ts';

/** The kinds of Kubernetes that mesh reads, one row each; Istio's own and those of the Gateway API are part of a release. */
const kubernetesKinds: readonly KindInfo[] = [
  ...kindsOfGroup('', 'kubernetes', [
    ['Namespace', 'v1', 'cluster'],
    ['Service', 'v1'],
    ['Pod', 'v1'],
    ['Endpoints', 'v1', 'specless'],
    ['Node', 'v1', 'cluster'],
    ['ServiceAccount', 'v1', 'specless'],
    ['Secret', 'v1', 'specless'],
    ['ConfigMap', 'v1', 'specless'],
  ]),
  ...kindsOfGroup('apps', 'kubernetes', [
    ['Deployment', 'v1'],
    ['StatefulSet', 'v1'],
    ['DaemonSet', 'v1'],
    ['ReplicaSet', 'v1'],
  ]),
  ...kindsOfGroup('batch', 'kubernetes', [['Job', 'v1']]),
  ...kindsOfGroup('discovery.k8s.io', 'kubernetes', [['EndpointSlice', 'v1', 'specless']]),
  ...kindsOfGroup('networking.k8s.io', 'kubernetes', [
    ['Ingress', 'v1'],
    ['IngressClass', 'v1', 'cluster'],
  ]),
  ...kindsOfGroup('admissionregistration.k8s.io', 'kubernetes', [
    ['MutatingWebhookConfiguration', 'v1', 'cluster', 'specless', 'analyzed'],
    ['ValidatingWebhookConfiguration', 'v1', 'cluster', 'specless', 'analyzed'],
  ]),
  ...kindsOfGroup('apiextensions.k8s.io', 'kubernetes', [['CustomResourceDefinition', 'v1', 'cluster', 'analyzed']]),
];

/** A lookup of every kind that mesh reads, by group and name. */
export function indexKinds({ kinds }: Pick<Release, 'kinds'>): (group: string, kind: string) => KindInfo | undefined {
  const byName = new Map([...kubernetesKinds, ...kinds].map((info) => [`${info.group}/${info.kind}`, info]));
  return (group, kind) => byName.get(`${group}/${kind}`);
}

/** The group and the version of an `apiVersion`; the core group has no name. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.lastIndexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1) };
}

/** Whether a kind defines what the API server serves or asks: of old versions of these nobody needs to know who asks about the mesh. */
export function isDefinition({ group }: Pick<KindInfo, 'group'>): boolean {
  return group === 'apiextensions.k8s.io' || group === 'admissionregistration.k8s.io';
}
