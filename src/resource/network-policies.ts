import type { SourceDocument } from '../source/document.ts';
import { type Fields, fieldsOf, listOf, own, stringOf } from '../util/object.ts';
import { splitApiVersion } from './kinds.ts';

/** A resource by which the network itself, not Istio, lets connections through or stops them. Istiod never reads it. */
export interface NetworkPolicy {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  /** Empty for what holds in the whole cluster. */
  readonly namespace: string;
  /** All that it says, but for what it is called. */
  readonly body: Fields;
}

/** The kinds, by group: of Kubernetes, and of those who enforce policies of their own. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'networking.k8s.io': ['NetworkPolicy'],
  'policy.networking.k8s.io': ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'],
  'cilium.io': ['CiliumCIDRGroup', 'CiliumClusterwideNetworkPolicy', 'CiliumLocalRedirectPolicy', 'CiliumNetworkPolicy'],
  'crd.antrea.io': ['ClusterGroup', 'ClusterNetworkPolicy', 'Group', 'NetworkPolicy'],
  'crd.projectcalico.org': ['GlobalNetworkPolicy', 'GlobalNetworkSet', 'NetworkPolicy', 'NetworkSet'],
  'projectcalico.org': ['GlobalNetworkPolicy', 'GlobalNetworkSet', 'NetworkPolicy', 'NetworkSet'],
  'k8s.ovn.org': ['EgressFirewall'],
};

/** Those of them that are no policies by themselves: others name them. */
const PARTS: ReadonlySet<string> = new Set(['CiliumCIDRGroup', 'ClusterGroup', 'Group', 'GlobalNetworkSet', 'NetworkSet']);

/** Those that are of the cluster, though a namespace may be written. */
const OF_CLUSTER = /^(?:(?:Baseline)?Admin|Cluster|CiliumClusterwide|Global)|^CiliumCIDRGroup$/;

/** The network policies among documents; `namespaceOf` is that of what names none, by file. */
export function networkPoliciesAmong(
  documents: readonly SourceDocument[],
  namespaceOf: (file: string) => string,
): readonly NetworkPolicy[] {
  return documents.flatMap(({ file, value }): readonly NetworkPolicy[] => {
    const { apiVersion, kind, metadata, status: _, ...body } = fieldsOf(value);
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
    const { group } = splitApiVersion(apiVersion);
    if (own(KINDS, group)?.includes(kind) !== true) return [];
    const { name, namespace, labels } = fieldsOf(metadata);
    const placed = OF_CLUSTER.test(kind) ? '' : stringOf(namespace) || namespaceOf(file);
    const told = PARTS.has(kind) ? { ...body, name, labels } : body;
    return [{ kind, group, name: stringOf(name), namespace: placed, body: told }];
  });
}

/** Whether something is a policy of Kubernetes itself, of which the meaning is known. */
export function isOfKubernetes({ group }: Pick<NetworkPolicy, 'group'>): boolean {
  return group === 'networking.k8s.io';
}

/** Whether something stops connections by itself. */
export function isEnforced({ kind }: Pick<NetworkPolicy, 'kind'>): boolean {
  return !PARTS.has(kind);
}

/**
 * Which connections of the pods that it selects a policy is about, as those of Kubernetes say (pkg/apis/networking/v1 SetDefaults_NetworkPolicy);
 * others may be about all.
 */
export function directionsOf({ group, body }: Pick<NetworkPolicy, 'group' | 'body'>): readonly string[] {
  if (!isOfKubernetes({ group })) return ['Ingress', 'Egress'];
  const { policyTypes, egress } = fieldsOf(body.spec);
  if (listOf(policyTypes).length > 0) return listOf(policyTypes).map(String);
  return listOf(egress).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}
