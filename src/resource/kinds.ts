/** Whose kind it is, which decides how its spec is read. */
export type KindFamily = 'kubernetes' | 'istio' | 'gateway-api';

/** A kind that mesh reads. */
export interface KindInfo {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** All served versions, the preferred one first. */
  readonly versions: readonly string[];
  readonly family: KindFamily;
  readonly namespaced: boolean;
  /** Whether the object has a `spec`; of the others the whole object is taken. */
  readonly hasSpec: boolean;
  /** What mesh does with it; `analyzed` kinds only matter to findings. */
  readonly use: 'translated' | 'analyzed';
}

type Row = readonly [kind: string, versions: string, ...flags: readonly ('cluster' | 'specless' | 'analyzed')[]];

function rows(group: string, family: KindFamily, list: readonly Row[]): KindInfo[] {
  return list.map(([kind, versions, ...flags]) => ({
    kind,
    group,
    versions: versions.split(' '),
    family,
    namespaced: !flags.includes('cluster'),
    hasSpec: !flags.includes('specless'),
    use: flags.includes('analyzed') ? 'analyzed' : 'translated',
  }));
}

/** Every kind that mesh reads, one row each. Versions: the CRDs of Istio 1.30.3 and of Gateway API 1.5.1, Kubernetes 1.35. */
const kinds: readonly KindInfo[] = [
  ...rows('', 'kubernetes', [
    ['Namespace', 'v1', 'cluster'],
    ['Service', 'v1'],
    ['Pod', 'v1'],
    ['Endpoints', 'v1', 'specless'],
    ['Node', 'v1', 'cluster'],
    ['ServiceAccount', 'v1', 'specless'],
    ['Secret', 'v1', 'specless'],
    ['ConfigMap', 'v1', 'specless'],
  ]),
  ...rows('apps', 'kubernetes', [
    ['Deployment', 'v1'],
    ['StatefulSet', 'v1'],
    ['DaemonSet', 'v1'],
    ['ReplicaSet', 'v1'],
  ]),
  ...rows('batch', 'kubernetes', [['Job', 'v1']]),
  ...rows('discovery.k8s.io', 'kubernetes', [['EndpointSlice', 'v1', 'specless']]),
  ...rows('networking.k8s.io', 'kubernetes', [
    ['Ingress', 'v1'],
    ['IngressClass', 'v1', 'cluster'],
  ]),
  ...rows('admissionregistration.k8s.io', 'kubernetes', [
    ['MutatingWebhookConfiguration', 'v1', 'cluster', 'specless', 'analyzed'],
    ['ValidatingWebhookConfiguration', 'v1', 'cluster', 'specless', 'analyzed'],
  ]),
  ...rows('apiextensions.k8s.io', 'kubernetes', [['CustomResourceDefinition', 'v1', 'cluster', 'analyzed']]),
  ...rows('networking.istio.io', 'istio', [
    ['DestinationRule', 'v1 v1beta1 v1alpha3'],
    ['EnvoyFilter', 'v1alpha3'],
    ['Gateway', 'v1 v1beta1 v1alpha3'],
    ['ProxyConfig', 'v1beta1'],
    ['ServiceEntry', 'v1 v1beta1 v1alpha3'],
    ['Sidecar', 'v1 v1beta1 v1alpha3'],
    ['VirtualService', 'v1 v1beta1 v1alpha3'],
    ['WorkloadEntry', 'v1 v1beta1 v1alpha3'],
    ['WorkloadGroup', 'v1 v1beta1 v1alpha3'],
  ]),
  ...rows('security.istio.io', 'istio', [
    ['AuthorizationPolicy', 'v1 v1beta1'],
    ['PeerAuthentication', 'v1 v1beta1'],
    ['RequestAuthentication', 'v1 v1beta1'],
  ]),
  ...rows('telemetry.istio.io', 'istio', [['Telemetry', 'v1 v1alpha1']]),
  ...rows('extensions.istio.io', 'istio', [
    ['WasmPlugin', 'v1alpha1'],
    ['TrafficExtension', 'v1alpha1'],
  ]),
  ...rows('gateway.networking.k8s.io', 'gateway-api', [
    ['GatewayClass', 'v1 v1beta1', 'cluster'],
    ['Gateway', 'v1 v1beta1'],
    ['HTTPRoute', 'v1 v1beta1'],
    ['GRPCRoute', 'v1'],
    ['TLSRoute', 'v1 v1alpha3 v1alpha2'],
    ['TCPRoute', 'v1alpha2'],
    ['ReferenceGrant', 'v1 v1beta1'],
    ['BackendTLSPolicy', 'v1 v1alpha3'],
    ['ListenerSet', 'v1'],
  ]),
];

/** A lookup of kinds by group and name. */
export function indexKinds(): (group: string, kind: string) => KindInfo | undefined {
  const byName = new Map(kinds.map((info) => [`${info.group}/${info.kind}`, info]));
  return (group, kind) => byName.get(`${group}/${kind}`);
}
