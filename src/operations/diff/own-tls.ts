import { type DataPlane, podAt, podNamed, seenFrom } from '../../trace/data-plane.ts';
import { ipOfEndpoint } from '../../trace/host.ts';
import type { TracePod } from '../../trace/pod.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import type { AskedTls } from './asked-tls.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';

/** A journey of bytes as one of TLS that the client begins by itself, for whatever name. */
function withOwnTls(journey: Journey, scheme: 'tls' | 'https'): Journey {
  const { serverName: _, namesTaken: __, ...target } = journey.target;
  return { ...journey, target: { ...target, scheme } };
}

/**
 * Finds the journeys of the clients' own TLS beside those of bytes, where somebody on their way looks at the name that it asks for, and those
 * with HTTP in it, where a server's proxy ends it.
 */
export function createTlsFinder(
  sides: readonly ManifestConfiguration[],
  planes: readonly DataPlane[],
  asked: AskedTls,
): (journey: Journey, reached: readonly TracePod[]) => readonly Journey[] {
  /** Whether a cluster of a client leads to where its endpoints do not tell: where the connection was for, or where nodes lead it. */
  const isLedFurther = memo((client: string, name: string) =>
    planes.some((plane, at) => {
      const { lookups } = plane;
      const snapshot = sides[at]?.snapshotOf(client);
      const cluster = snapshot && lookups.cluster(snapshot, name);
      if (snapshot === undefined || cluster === undefined) return false;
      if (cluster.type === 'ORIGINAL_DST') return true;
      const seen = seenFrom(plane, podNamed(plane, client));
      return (lookups.assignment(snapshot, cluster)?.endpoints ?? []).some(({ lbEndpoints = [] }) =>
        lbEndpoints.some((endpoint) => {
          const address = ipOfEndpoint(endpoint) ?? '';
          if (!isIpAddress(address)) return true;
          const port = endpoint.endpoint?.address?.socketAddress?.portValue ?? 0;
          return podAt(seen, address) === undefined && seen.serviceAt({ ip: address, port }) !== undefined;
        }),
      );
    }),
  );
  return (journey, reached) => {
    const { client, target } = journey;
    const { scheme } = target;
    if (scheme !== 'tcp' && scheme !== 'tls') return [];
    // What gateways end is asked for from outside.
    const ended: readonly Journey[] = isEndedBy(asked, reached) ? [{ ...journey, target: { ...target, scheme: 'https' } }] : [];
    if (scheme === 'tls') return ended;
    const isAsked =
      reached.some((pod) => isAskerOf(asked, pod)) ||
      (target.clusters.some((name) => isLedFurther(client.key, name)) && asked.isAskedAnywhere());
    return isAsked ? [withOwnTls(journey, 'tls'), ...ended] : ended;
  };
}

/** The same journeys as what else pods without a proxy, or past theirs, can send: HTTP, bytes, and TLS of their own for any name. */
export function inOtherProtocols(journeys: readonly Journey[]): readonly Journey[] {
  return journeys
    .filter(({ target }) => target.scheme === 'http' || target.scheme === 'tcp')
    .flatMap((journey) => [
      { ...journey, target: { ...journey.target, scheme: journey.target.scheme === 'http' ? 'tcp' : 'http' } },
      withOwnTls(journey, 'https'),
    ]);
}

/**
 * Journeys by TLS of the client's own, where a proxy among those that it can get to looks at the name that this asks for, or a server's
 * ends it.
 */
export function byOwnTls(journey: Journey, reached: readonly TracePod[], asked: AskedTls): readonly Journey[] {
  const isAsked = reached.some((pod) => isAskerOf(asked, pod));
  const { scheme } = journey.target;
  return [
    ...(isAsked && scheme !== 'tls' ? [withOwnTls(journey, 'tls')] : []),
    ...(isEndedBy(asked, reached) && scheme !== 'https' ? [withOwnTls(journey, 'https')] : []),
  ];
}

/** Whether a proxy looks at the name that TLS asks for; who sends requests on may lead them to another that does. */
function isAskerOf(asked: AskedTls, pod: TracePod): boolean {
  return pod.proxy === 'gateway' || pod.proxy === 'waypoint' ? asked.isAskedAnywhere() : asked.isAskedAt(pod);
}

/** Whether the proxy of a server ends TLS. */
function isEndedBy(asked: AskedTls, reached: readonly TracePod[]): boolean {
  return reached.some((pod) => pod.proxy === 'sidecar' && asked.isEndedAt(pod));
}
