import { exampleAddress, shareByRange } from '../../exploration/address-set.ts';
import { plainTarget, type Target } from '../../sample-requests/targets.ts';
import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { rangeOfText } from '../../trace/strings.ts';
import type { ManifestConfiguration } from './configuration.ts';

/** Pods of both sides, `namespace/name`, that differ in what decides about requests beside the configuration of proxies. */
export interface PodsOtherwise {
  /** Those whose own requests may end otherwise. */
  readonly clients: ReadonlySet<string>;
  /** Those that requests come to otherwise. */
  readonly servers: ReadonlySet<string>;
}

/**
 * Finds what no configuration of a proxy tells of pods: as whom they run, which connections are led through their proxies, ports of containers,
 * addresses, nodes where a Service keeps to these, and Secrets that proxies get.
 */
export function findPodsOtherwise(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
): PodsOtherwise {
  const [before] = planes;
  const isNodeAsked = sides.some(({ benches }) =>
    benches.some(({ mesh }) => mesh.registry.services.some(({ nodeLocal }) => nodeLocal)),
  );
  const areSecretsKept = sides.some(({ benches }) =>
    benches.some(({ mesh }) => mesh.resources.some(({ kind }) => kind === 'Secret')),
  );
  const [clients, servers] = [new Set<string>(), new Set<string>()];
  for (const pod of planes[1].pods) {
    const key = podKey(pod);
    const earlier = podNamed(before, key);
    if (earlier === undefined) continue;
    const pairs = [
      { pod: earlier, plane: planes[0] },
      { pod, plane: planes[1] },
    ] as const;
    const differ = (factsOf: (side: (typeof pairs)[0 | 1]) => unknown): boolean => {
      const [one, other] = pairs.map((side) => JSON.stringify(factsOf(side)));
      return one !== other;
    };
    const isOtherSecret = areSecretsKept && differ(secretsOf);
    if (isOtherSecret || differ((side) => clientFacts(side.pod, isNodeAsked))) clients.add(key);
    if (isOtherSecret || differ((side) => serverFacts(side.pod))) servers.add(key);
  }
  return { clients, servers };
}

function clientFacts({ identity, ips, proxy, interception, nodeName, ...pod }: TracePod, isNodeAsked: boolean): unknown {
  const { includeOutboundRanges, excludeOutboundRanges, includeOutboundPorts, excludeOutboundPorts } =
    interception ?? NOTHING_LEFT_ALONE;
  return [
    ...[identity, ips, proxy, pod.isIntercepted, pod.isIpv6Intercepted],
    ...[includeOutboundRanges, excludeOutboundRanges, includeOutboundPorts, excludeOutboundPorts],
    isNodeAsked && nodeName,
  ];
}

function serverFacts({ identity, proxy, ports, sockets, interception, ...pod }: TracePod): unknown {
  const { includeInboundPorts, excludeInboundPorts, excludeOutboundPorts } = interception ?? NOTHING_LEFT_ALONE;
  return [
    ...[identity, proxy, pod.isIntercepted, pod.isIpv6Intercepted, ports, sockets],
    ...[includeInboundPorts, excludeInboundPorts, excludeOutboundPorts],
  ];
}

/** What annotations leave to a pod that has none. */
const NOTHING_LEFT_ALONE: NonNullable<TracePod['interception']> = {
  includeInboundPorts: undefined,
  excludeInboundPorts: [],
  includeOutboundRanges: undefined,
  excludeOutboundRanges: [],
  includeOutboundPorts: [],
  excludeOutboundPorts: [],
};

/** Which of the Secrets that a proxy asks for it gets. */
function secretsOf({ pod, plane }: { readonly pod: TracePod; readonly plane: DataPlane }): unknown {
  const snapshot = plane.snapshotOf(pod);
  if (snapshot === undefined) return [];
  const text = JSON.stringify([snapshot.listeners, snapshot.clusters]);
  const names = new Set([...text.matchAll(/"name":"((?:kubernetes|configmap)[^"]*)"/g)].map(([, name = '']) => name));
  return [...names].sort().map((name) => [name, plane.secret(pod, name)]);
}

/** The ports of a pod that its containers or annotations name. */
export function portsNamedBy({ ports, interception }: TracePod): readonly number[] {
  const { includeInboundPorts = [], excludeInboundPorts = [] } = interception ?? {};
  return [...ports, ...includeInboundPorts, ...excludeInboundPorts];
}

/**
 * Where annotations of a client tell addresses or ports apart, one of each part: what is sent there goes through its proxy or past it, whoever has
 * the address.
 */
export function targetsPastProxy(pods: readonly TracePod[], ports: readonly number[]): readonly Target[] {
  const all = pods.map(({ interception = NOTHING_LEFT_ALONE }) => interception);
  const texts = all.flatMap(({ includeOutboundRanges = [], excludeOutboundRanges }) => [
    ...includeOutboundRanges,
    ...excludeOutboundRanges,
  ]);
  const ranges = [...new Set(texts)].flatMap((text) => rangeOfText(text) ?? []);
  const named = all.flatMap(({ includeOutboundPorts, excludeOutboundPorts }) => [
    ...includeOutboundPorts,
    ...excludeOutboundPorts,
  ]);
  if (ranges.length + named.length === 0) return [];
  const parts = shareByRange(ranges, (range) => [range]).map(({ own }) => own);
  const addresses = parts.map((part) => exampleAddress(part, ['198.51.100.1'])).filter((ip) => ip !== '');
  return addresses.flatMap((ip) => [...new Set([...named, ...ports])].map((port) => plainTarget(ip, ip, port)));
}
