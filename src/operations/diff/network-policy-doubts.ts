import { wordsOfObject } from '../../resource/foreign-objects.ts';
import { directionsOf, isEnforced, isOfKubernetes, type NetworkPolicy } from '../../resource/network-policies.ts';
import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import { groupBy } from '../../util/collections.ts';
import { textInOrder } from '../../util/json-text.ts';
import { type Fields, fieldsOf, listOf } from '../../util/object.ts';
import { compareText, listed } from '../../util/text.ts';
import {
  type ClusterNetwork,
  hasSelector,
  type NetworkPod,
  networkOf,
  type PolicyDirection,
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
    const differing = differingPolicies(networks[0], networks[1]);
    return [...groupBy(differing, ({ policy }) => nameOf(policy))].flatMap(([name, all]): readonly Doubt[] => {
      const [one] = all;
      if (one === undefined) return [];
      const found = networks.flatMap((network) => {
        const policy = network.policies.find((other) => nameOf(other) === name);
        return policy === undefined ? [] : [{ network, policy }];
      });
      const isThere = networks[1].policies.some((other) => nameOf(other) === name);
      const is = found.length < 2 ? (isThere ? 'added' : 'removed') : saysTheSame(found) ? 'about others' : 'changed';
      const because = { because: 'network policy', policy: wordsOfObject(one.policy), is } as const;
      const about = found.flatMap(({ network, policy }) => network.selectedBy(policy));
      const place = placeOf(
        found.map(({ policy }) => policy),
        about,
        (pod) => workloadOf(pod, cluster, planes),
      );
      const directions = new Set(all.flatMap(({ directions: some }) => some));
      return [
        ...(directions.has('Ingress') ? [{ from: { kind: 'anybody' }, to: place, ...because } as const] : []),
        ...(directions.has('Egress')
          ? [{ from: { kind: 'workload', workload: place }, to: 'anywhere', ...because } as const]
          : []),
      ];
    });
  });
}

function saysTheSame(found: readonly { readonly policy: NetworkPolicy }[]): boolean {
  return new Set(found.map(({ policy }) => textInOrder(policy.body))).size === 1;
}

/** A policy that differs, with the directions in which it does. */
interface DifferingPolicy {
  readonly policy: NetworkPolicy;
  readonly directions: readonly PolicyDirection[];
}

/** The policies of one side only that make a difference to pods of both. */
function differingPolicies(before: ClusterNetwork, after: ClusterNetwork): readonly DifferingPolicy[] {
  const isShared = (pod: NetworkPod): boolean => [before, after].every(({ pods }) => pods.has(keyOf(pod)));
  const [earlier, later] = [readNetwork(before, isShared), readNetwork(after, isShared)];
  const missing = (one: ReadNetwork, other: ReadNetwork): readonly DifferingPolicy[] => {
    const texts = new Set([...one.texts].map(([, text]) => text));
    return [...other.texts].flatMap(([policy, text]) => {
      if (texts.has(text)) return [];
      const subjects = other.subjectsOf.get(policy);
      const directions = DIRECTIONS.filter(
        (direction) =>
          subjects === undefined ||
          (directionsOf(policy).includes(direction) &&
            subjects.some((subject) => one.meaningOf(subject, direction) !== other.meaningOf(subject, direction))),
      );
      return directions.length === 0 ? [] : [{ policy, directions }];
    });
  };
  const differing = [...missing(later, earlier), ...missing(earlier, later)];
  // What policies name by itself stops nothing.
  const areOthers = [before, after].some(({ policies }) => policies.some((one) => !isOfKubernetes(one) && isEnforced(one)));
  return areOthers ? differing : differing.filter(({ policy }) => isEnforced(policy));
}

/** What the policies of one side say, as far as it is about pods of both. */
interface ReadNetwork {
  /** What each of them says, as a text. */
  readonly texts: ReadonlyMap<NetworkPolicy, string>;
  /** What each of those of Kubernetes is about: pods, or a selector of which none is known, or that all fit that come. */
  readonly subjectsOf: ReadonlyMap<NetworkPolicy, readonly string[]>;
  /** What those of Kubernetes let through together, as a text. */
  meaningOf(subject: string, direction: PolicyDirection): string;
}

function readNetwork(network: ClusterNetwork, isShared: (pod: NetworkPod) => boolean): ReadNetwork {
  const shared = [...network.pods.values()].filter(isShared);
  const texts = new Map<NetworkPolicy, string>();
  const subjectsOf = new Map<NetworkPolicy, readonly string[]>();
  const letThrough = new Map<string, Set<string>>();
  for (const policy of network.policies) {
    const pods = network.selectedBy(policy).filter(isShared);
    if (!isOfKubernetes(policy)) {
      const { group, kind, namespace, body } = policy;
      const told = [group, kind, textOfBody(body), ownOf(policy), labelsNamedBy(policy, shared, network)];
      texts.set(policy, JSON.stringify([namespace, told, pods.map(keyOf)]));
      continue;
    }
    const { namespace } = policy;
    const selector = textOfSelector(podSelectorOf(policy));
    // What is about a whole namespace is so of pods that come, too.
    const ofNone = JSON.stringify([namespace, selector]);
    const subjects = [
      ...pods.map((pod) => ({ subject: keyOf(pod), pod })),
      ...(pods.length === 0 || selector === 'all' ? [{ subject: ofNone, pod: undefined }] : []),
    ];
    const said = DIRECTIONS.filter((direction) => directionsOf(policy).includes(direction)).flatMap((direction) =>
      subjects.map(({ subject, pod }) => {
        const all = letThrough.get(`${direction} ${subject}`) ?? new Set();
        const parts = partsOf(policy, direction, pod, shared, network);
        for (const part of parts) all.add(part);
        letThrough.set(`${direction} ${subject}`, all);
        return [direction, subject, withoutCovered(parts)];
      }),
    );
    texts.set(policy, JSON.stringify(said));
    subjectsOf.set(
      policy,
      subjects.map(({ subject }) => subject),
    );
  }
  return {
    texts,
    subjectsOf,
    meaningOf: (subject, direction) => {
      const all = letThrough.get(`${direction} ${subject}`);
      return all === undefined ? 'all' : JSON.stringify(withoutCovered([...all]));
    },
  };
}

const DIRECTIONS: readonly PolicyDirection[] = ['Ingress', 'Egress'];

const ANY = '';

/** What a policy of Kubernetes lets through to or from a pod: each peer with each port. */
function partsOf(
  policy: NetworkPolicy,
  direction: PolicyDirection,
  subject: NetworkPod | undefined,
  pods: readonly NetworkPod[],
  network: ClusterNetwork,
): readonly string[] {
  return rulesOf(policy, direction).flatMap((rule) => {
    const peers = peersOf(rule, direction).map((peer) => {
      const meant = pods.filter((pod) => network.isPeer(policy, peer, pod));
      return { text: textOfPeer(peer, meant.map(keyOf)), meant };
    });
    const ports = listOf(rule.ports).map(fieldsOf);
    return (peers.length === 0 ? [{ text: ANY, meant: pods }] : peers).flatMap(({ text, meant }) => {
      const servers = direction === 'Egress' ? meant : subject === undefined ? [] : [subject];
      const texts = ports.map((port) => textOfPort(port, servers));
      return (texts.length === 0 ? [ANY] : texts).map((port) => JSON.stringify([text, port]));
    });
  });
}

/** A peer as a text: known pods of the policy's own namespace are these, by whichever of their labels they are meant. */
function textOfPeer({ podSelector, namespaceSelector, ipBlock }: Fields, meant: readonly string[]): string {
  const [ofPods, ofNamespaces] = [textOfSelector(podSelector), textOfSelector(namespaceSelector)];
  const areMeant = ipBlock === undefined && ofNamespaces === '' && ofPods !== 'all' && meant.length > 0;
  return JSON.stringify([areMeant ? 'pods' : [ofPods, ofNamespaces, textInOrder(ipBlock)], meant]);
}

/** A port as a text; a name is the number that servers give it. */
function textOfPort({ protocol = 'TCP', port, endPort = port }: Fields, servers: readonly NetworkPod[]): string {
  if (typeof port !== 'string') return JSON.stringify([protocol, port, endPort]);
  const numbers = new Set(servers.map((pod) => portNamed(pod, port)));
  const [number, ...others] = numbers;
  if (number !== undefined && others.length === 0) return JSON.stringify([protocol, number, number]);
  return JSON.stringify([protocol, port, servers.map((pod) => [keyOf(pod), portNamed(pod, port)])]);
}

/** Without those of which another lets through all, in order. */
function withoutCovered(parts: readonly string[]): readonly string[] {
  const all = new Set(parts);
  return [...all]
    .filter((part) => {
      // Made above.
      const [peer, port] = JSON.parse(part) as [string, string];
      return ![
        [ANY, ANY],
        [ANY, port],
        [peer, ANY],
      ].some((other) => JSON.stringify(other) !== part && all.has(JSON.stringify(other)));
    })
    .sort();
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

/** What a policy says, but for what it says to people. */
function textOfBody({ spec, specs, ...others }: Fields): string {
  const told = (value: unknown): Fields => {
    const { description: _, ...fields } = fieldsOf(value);
    return fields;
  };
  return textInOrder({ ...others, spec: told(spec), specs: listOf(specs).map(told) });
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
  // Of labels of namespaces, Cilium has names below one of its own.
  const words = new Set(
    text
      .split(/[^\w./-]+/)
      .map((word) => word.replace(/^(?:k8s|any)\./, '').replace(/^io\.cilium\.k8s\.namespace\.labels\./, '')),
  );
  const isAccountNamed = /service-?account/i.test(text);
  return pods.map(({ labels, namespace, spec }) => [
    ...[labels, labelsOf(namespace)].map((all) =>
      Object.entries(all)
        .filter(([name]) => words.has(name))
        .sort(([one], [other]) => compareText(one, other)),
    ),
    isAccountNamed && fieldsOf(spec).serviceAccountName,
  ]);
}
