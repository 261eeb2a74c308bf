import type { LabelSelector, LabelSelectorRequirement } from '../api/kubernetes.ts';
import type { Input } from '../input/load.ts';
import { labelsOfNamespaces, matchesSelector } from '../resource/namespaces.ts';
import { directionsOf, isEnforced, isOfKubernetes, type NetworkPolicy } from '../resource/network-policies.ts';
import type { Labels, ResourceOf } from '../resource/resource.ts';
import { resourcesOf } from '../resource/select.ts';
import { memo } from '../util/memo.ts';
import { type Fields, fieldsOf, isObject, listOf, stringOf } from '../util/object.ts';

/** A pod, as those who enforce network policies see it. */
export type NetworkPod = ResourceOf<'Pod'>;

/** A connection between two ends, of which one that is undefined is no pod of the cluster. */
export interface NetworkConnection {
  readonly from: NetworkPod | undefined;
  readonly to: NetworkPod | undefined;
  /** Where several are possible or none is known, undefined. */
  readonly port: number | undefined;
}

/** What network policies of one cluster have to do with its pods; none of them is simulated. */
export interface ClusterNetwork {
  readonly policies: readonly NetworkPolicy[];
  /** The pods by name, `namespace/name`; those in the network of their node, which no policy selects, are not among them. */
  readonly pods: ReadonlyMap<string, NetworkPod>;
  /** The labels of a namespace. */
  labelsOf(namespace: string): Labels;
  /** The pods that a policy is about, as far as that can be told: else all that it may be about. */
  selectedBy(policy: NetworkPolicy): readonly NetworkPod[];
  /** Whether a peer of a NetworkPolicy of Kubernetes (`from` or `to`) is a pod. */
  isPeer(policy: NetworkPolicy, peer: Fields, pod: NetworkPod): boolean;
  /** The policies that may stop a connection: those about one of its ends, unless some of Kubernetes are known to let it pass. */
  stoppersOf(connection: NetworkConnection): readonly NetworkPolicy[];
}

/** What network policies of an input have to do with its pods. */
export function networkOf({ resources, networkPolicies }: Pick<Input, 'resources' | 'networkPolicies'>): ClusterNetwork {
  const pods = new Map(
    resourcesOf(resources, 'Pod')
      .filter(({ spec }) => fieldsOf(spec).hostNetwork !== true)
      .map((pod) => [`${pod.namespace}/${pod.name}`, pod]),
  );
  const namespaces = labelsOfNamespaces(resources);
  const isIn = (selector: unknown, { namespace }: NetworkPod): boolean =>
    matchesSelector(readSelector(selector), namespaces.get(namespace) ?? {});
  const selectedBy = memo((policy: NetworkPolicy) =>
    [...pods.values()].filter(
      (pod) => (policy.namespace === '' || policy.namespace === pod.namespace) && isAbout(policy, pod, isIn),
    ),
  );
  const isSelected = memo((policy: NetworkPolicy) => new Set(selectedBy(policy)));
  const isPeer: ClusterNetwork['isPeer'] = (policy, { podSelector, namespaceSelector, ipBlock }, pod) => {
    if (ipBlock !== undefined) return false;
    const isThere = namespaceSelector === undefined ? pod.namespace === policy.namespace : isIn(namespaceSelector, pod);
    return isThere && matchesSelector(readSelector(podSelector), pod.labels);
  };
  const stoppersAt = (pod: NetworkPod | undefined, other: NetworkPod | undefined, direction: PolicyDirection, port?: number) => {
    if (pod === undefined) return [];
    const about = networkPolicies.filter((policy) => isEnforced(policy) && isSelected(policy).has(pod));
    const known = about.filter((policy) => isOfKubernetes(policy) && directionsOf(policy).includes(direction));
    const isLetThrough = known.some((policy) =>
      rulesOf(policy, direction).some(
        (rule) => isPeerOf(rule, direction, (peer) => other !== undefined && isPeer(policy, peer, other)) && hasPort(rule, port),
      ),
    );
    return [...about.filter((policy) => !isOfKubernetes(policy)), ...(isLetThrough ? [] : known)];
  };
  return {
    policies: networkPolicies,
    pods,
    labelsOf: (namespace) => namespaces.get(namespace) ?? {},
    selectedBy,
    isPeer,
    stoppersOf: ({ from, to, port }) => [
      ...new Set([...stoppersAt(to, from, 'Ingress', port), ...stoppersAt(from, to, 'Egress', port)]),
    ],
  };
}

/** Of connections as a pod has them: those that come to it, or those that it makes. */
export type PolicyDirection = 'Ingress' | 'Egress';

/** The rules of a NetworkPolicy of Kubernetes for one direction, each of which lets connections through. */
export function rulesOf({ body }: NetworkPolicy, direction: PolicyDirection): readonly Fields[] {
  const { ingress, egress } = fieldsOf(body.spec);
  return listOf(direction === 'Ingress' ? ingress : egress).map(fieldsOf);
}

/** The peers of a rule; none where it is for everybody. */
export function peersOf(rule: Fields, direction: PolicyDirection): readonly Fields[] {
  return listOf(direction === 'Ingress' ? rule.from : rule.to).map(fieldsOf);
}

function isPeerOf(rule: Fields, direction: PolicyDirection, isOne: (peer: Fields) => boolean): boolean {
  const peers = peersOf(rule, direction);
  return peers.length === 0 || peers.some(isOne);
}

/** Whether a rule is known to be for a port of TCP; named ones are left open. */
function hasPort(rule: Fields, port: number | undefined): boolean {
  const ports = listOf(rule.ports).map(fieldsOf);
  if (ports.length === 0) return true;
  return ports.some(({ protocol = 'TCP', port: first, endPort = first }) => {
    if (protocol !== 'TCP') return false;
    if (first === undefined) return true;
    return port !== undefined && typeof first === 'number' && typeof endPort === 'number' && port >= first && port <= endPort;
  });
}

/** Whether a policy is about a pod of its namespaces. What selects in other ways than by labels may be about all. */
function isAbout(policy: NetworkPolicy, pod: NetworkPod, isIn: (selector: unknown, pod: NetworkPod) => boolean): boolean {
  const specs = [fieldsOf(policy.body.spec), ...listOf(policy.body.specs).map(fieldsOf)];
  if (isOfKubernetes(policy)) return specs.some(({ podSelector }) => matchesSelector(readSelector(podSelector), pod.labels));
  if (policy.group === 'policy.networking.k8s.io')
    return specs.some(({ subject }) => {
      const { namespaces, pods } = fieldsOf(subject);
      if (!isObject(pods)) return isIn(namespaces, pod);
      return isIn(pods.namespaceSelector, pod) && matchesSelector(readSelector(pods.podSelector), pod.labels);
    });
  if (!hasSelector(policy)) return true;
  return specs.some(
    ({ endpointSelector }) => !isObject(endpointSelector) || matchesSelector(ofLabels(endpointSelector), pod.labels),
  );
}

/** Whether it can be told which pods a policy is about. */
export function hasSelector(policy: NetworkPolicy): boolean {
  return isOfKubernetes(policy) || policy.group === 'policy.networking.k8s.io' || policy.group === 'cilium.io';
}

/** A selector of Cilium as far as it is one of labels of pods: sources stand before these, and namespaces and others among them. */
function ofLabels(selector: Fields): LabelSelector {
  const { matchLabels = {}, matchExpressions = [] } = readSelector(selector);
  const nameOf = (key: string): string => key.replace(/^(?:k8s|any)[:.]/, '');
  const isOfPods = (key: string): boolean => !/^(?:io\.kubernetes\.|io\.cilium\.|reserved[:.])/.test(nameOf(key));
  return {
    matchLabels: Object.fromEntries(
      Object.entries(matchLabels).flatMap(([key, value]) => (isOfPods(key) ? [[nameOf(key), value] as const] : [])),
    ),
    matchExpressions: matchExpressions.flatMap((one) => (isOfPods(one.key) ? [{ ...one, key: nameOf(one.key) }] : [])),
  };
}

/** A selector that nobody has checked. One that is absent selects all. */
function readSelector(selector: unknown): LabelSelector {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  const labels: Labels = Object.fromEntries(Object.entries(fieldsOf(matchLabels)).map(([key, value]) => [key, String(value)]));
  const expressions = listOf(matchExpressions)
    .map(fieldsOf)
    .map(
      ({ key, operator, values }): LabelSelectorRequirement => ({
        key: stringOf(key),
        operator: readOperator(operator),
        values: listOf(values).map(String),
      }),
    );
  return { matchLabels: labels, matchExpressions: expressions };
}

/** What the API server refuses is taken for what selects least. */
function readOperator(operator: unknown): LabelSelectorRequirement['operator'] {
  return operator === 'NotIn' || operator === 'Exists' || operator === 'DoesNotExist' ? operator : 'In';
}

/** A selector as one text, equal for those that say the same. */
export function textOfSelector(selector: unknown): string {
  if (selector === undefined) return '';
  const { matchLabels = {}, matchExpressions = [] } = readSelector(selector);
  const ofLabels = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  const all = [...ofLabels, ...matchExpressions].map(({ key, operator, values = [] }) =>
    JSON.stringify([key, operator, [...values].sort()]),
  );
  return [...new Set(all)].sort().join(' ') || 'all';
}
