import type { SourceDocument } from '../source/document.ts';
import { fieldsOf, listOf } from '../util/object.ts';
import { type ForeignObject, foreignObjectsAmong } from './foreign-objects.ts';

/** A resource by which the network itself, not Istio, lets connections through or stops them. Istiod never reads it. */
export type NetworkPolicy = ForeignObject;

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
  return foreignObjectsAmong(documents, KINDS, (kind) => OF_CLUSTER.test(kind), namespaceOf);
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
