import { wordsOfObject } from '../../resource/foreign-objects.ts';
import { directionsOf, isEnforced, isOfKubernetes, type NetworkPolicy } from '../../resource/network-policies.ts';
import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import { textInOrder } from '../../util/json-text.ts';
import { fieldsOf, listOf } from '../../util/object.ts';
import { compareText, listed } from '../../util/text.ts';
import {
  type ClusterNetwork,
  hasSelector,
  type NetworkPod,
  networkOf,
  peersOf,
  rulesOf,
  textOfSelector,
} from '../../workbench/network-policies.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Doubt } from './report.ts';

/**
 * Doubts of network policies that come, go, say something else, or are about other pods: what they stop is not simulated, so that no request
 * that is followed shows it. What they are called makes no difference, nor does another way to write the same.
 */
export function doubtsOfNetworkPolicies(
  [before, after]: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly DataPlane[],
): readonly Doubt[] {
  return after.inputs.flatMap((input): readonly Doubt[] => {
    const cluster = input.cluster?.name;
    const known = before.inputs.find((one) => one.cluster?.name === cluster);
    if (known === undefined || known.networkPolicies.length + input.networkPolicies.length === 0) return [];
    const networks = [networkOf(known), networkOf(input)] as const;
    const [earlier, later] = [textsOf(networks[0], networks), textsOf(networks[1], networks)];
    const differing = [
      ...[...earlier].filter(([text]) => !later.has(text)),
      ...[...later].filter(([text]) => !earlier.has(text)),
    ].map(([, policy]) => policy);
    return [...new Map(differing.map((policy) => [nameOf(policy), policy]))].flatMap(([name, policy]): readonly Doubt[] => {
      const found = networks.flatMap((network) => {
        const one = network.policies.find((other) => nameOf(other) === name);
        return one === undefined ? [] : [{ network, policy: one }];
      });
      const isThere = networks[1].policies.some((other) => nameOf(other) === name);
      const is = found.length > 1 ? 'changed' : isThere ? 'added' : 'removed';
      const because = { because: 'network policy', policy: wordsOfObject(policy), is } as const;
      const about = found.flatMap((one) => one.network.selectedBy(one.policy));
      const place = placeOf(
        found.map((one) => one.policy),
        about,
        (pod) => workloadOf(pod, cluster, planes),
      );
      const directions = new Set(found.flatMap((one) => directionsOf(one.policy)));
      return [
        ...(directions.has('Ingress') ? [{ from: { kind: 'anybody' }, to: place, ...because } as const] : []),
        ...(directions.has('Egress')
          ? [{ from: { kind: 'workload', workload: place }, to: 'anywhere', ...because } as const]
          : []),
      ];
    });
  });
}

function workloadOf({ namespace, name }: NetworkPod, cluster: string | undefined, planes: readonly DataPlane[]): string {
  const [pod] = planes.flatMap((plane) => podNamed(plane, podKey({ cluster, namespace, name })) ?? []);
  return podKey({ cluster, namespace, name: pod?.workloadName ?? name });
}

function nameOf(policy: NetworkPolicy): string {
  return `${policy.group} ${wordsOfObject(policy)}`;
}

function keyOf({ namespace, name }: NetworkPod): string {
  return `${namespace}/${name}`;
}
/** The workloads that a policy is about, or where they are if none of them is known. */
function placeOf(
  policies: readonly NetworkPolicy[],
  selected: readonly NetworkPod[],
  workloadOf: (pod: NetworkPod) => string,
): string {
  const namespace = policies[0]?.namespace ?? '';
  const isOfAll = policies.some((policy) => isOfKubernetes(policy) && textOfSelector(podSelectorOf(policy)) === 'all');
  if (isOfAll || !policies.every(hasSelector) || selected.length === 0)
    return namespace === '' ? 'the cluster' : `namespace ${namespace}`;
  return listed([...new Set(selected.map(workloadOf))].sort(compareText));
}

/** The policies of one side by what they say of the pods that are on both. */
function textsOf(
  network: ClusterNetwork,
  networks: readonly [ClusterNetwork, ClusterNetwork],
): ReadonlyMap<string, NetworkPolicy> {
  const isShared = (pod: NetworkPod): boolean => networks.every(({ pods }) => pods.has(keyOf(pod)));
  const shared = [...network.pods.values()].filter(isShared);
  const namesOf = (pods: readonly NetworkPod[]): readonly string[] => pods.filter(isShared).map(keyOf);
  return new Map(
    network.policies.map((policy) => {
      const { group, kind, namespace } = policy;
      const about = namesOf(network.selectedBy(policy));
      const told = isOfKubernetes(policy)
        ? rulesAsTexts(policy, shared, network)
        : [group, kind, textInOrder(policy.body), ownOf(policy), labelsNamedBy(policy, shared, network)];
      return [JSON.stringify([namespace, told, about]), policy];
    }),
  );
}

/** What a NetworkPolicy of Kubernetes says, with the pods that it means by it. */
function rulesAsTexts(policy: NetworkPolicy, pods: readonly NetworkPod[], network: ClusterNetwork): unknown {
  const selected = network.selectedBy(policy);
  const rulesFor = (direction: 'Ingress' | 'Egress'): readonly string[] | undefined => {
    if (!directionsOf(policy).includes(direction)) return undefined;
    const rules = rulesOf(policy, direction).map((rule) => {
      const peers = peersOf(rule, direction);
      const meant = pods.filter((pod) => peers.some((peer) => network.isPeer(policy, peer, pod)));
      const servers = direction === 'Ingress' ? selected : peers.length === 0 ? pods : meant;
      const ports = listOf(rule.ports)
        .map(fieldsOf)
        .map(({ protocol = 'TCP', port, endPort }) => {
          const named = typeof port === 'string' ? servers.map((pod) => [pod.name, portNamed(pod, port)]) : [];
          return JSON.stringify([protocol, port, endPort, named]);
        });
      const texts = peers.map(({ podSelector, namespaceSelector, ipBlock }) =>
        JSON.stringify([textOfSelector(podSelector), textOfSelector(namespaceSelector), textInOrder(ipBlock)]),
      );
      return JSON.stringify([texts.sort(), meant.map(keyOf), ports.sort()]);
    });
    return [...new Set(rules)].sort();
  };
  return ['Kubernetes', textOfSelector(podSelectorOf(policy)), rulesFor('Ingress'), rulesFor('Egress')];
}

/** What others name parts of policies by. */
function ownOf(policy: NetworkPolicy): unknown {
  return isEnforced(policy) ? undefined : [policy.name, textInOrder(policy.labels)];
}

function podSelectorOf({ body }: NetworkPolicy): unknown {
  return fieldsOf(body.spec).podSelector ?? {};
}

function portNamed({ spec }: NetworkPod, name: string): unknown {
  const ports = listOf(spec.containers).flatMap((container) => listOf(fieldsOf(container).ports).map(fieldsOf));
  return ports.find((port) => port.name === name)?.containerPort;
}

/** What others than Kubernetes select by is theirs: the labels and accounts of pods of which a policy speaks. */
function labelsNamedBy({ body }: NetworkPolicy, pods: readonly NetworkPod[], { labelsOf }: ClusterNetwork): unknown {
  const text = JSON.stringify(body);
  const isAccountNamed = /service-?account/i.test(text);
  return pods.map(({ labels, namespace, spec }) => [
    ...[labels, labelsOf(namespace)].map((all) =>
      Object.entries(all)
        .filter(([name]) => text.includes(name))
        .sort(([one], [other]) => compareText(one, other)),
    ),
    isAccountNamed && fieldsOf(spec).serviceAccountName,
  ]);
}
