import { type Sample, sentRequest, urlOf } from '../../sample-requests/samples.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { addAll } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { createSharing, type ProxyKinds } from '../reachability/alike-callers.ts';
import { type LocatedReason, located } from '../why/located.ts';
import { whyOfOutcomes } from '../why/why.ts';
import type { ObservedRequest, RepeatableRequest } from './compare-requests.ts';
import type { Journey, Traveller } from './journey.ts';
import { comparable, isAtZtunnelOnce, noticeRequest, refuserIn, type Seen } from './seen.ts';

/** Sends a sample of a journey through both sides. */
type DrawRequest = (journey: Journey, sample: Sample) => ObservedRequest;

/** What is kept of a request on one side. */
interface Drawn extends Omit<Seen, 'outcomes'> {
  readonly refusedBy: string | undefined;
  /** Kept only where it may be asked why the request reaches nobody. */
  readonly outcomes: readonly Outcome[];
}

type Draw = (sent: RepeatableRequest | undefined, client: Traveller) => Drawn;

/**
 * Draws requests: the same one of several clients is followed once, as far as nothing on its way tells these apart. `benches` are asked why
 * requests reach nobody afterwards.
 */
export function createDrawing(
  planes: readonly [DataPlane, DataPlane],
  proxyKinds: readonly ProxyKinds[],
  benches: Benches,
): DrawRequest {
  const [before, after] = planes;
  const isZtunnelThere = planes.some(({ ztunnel }) => ztunnel !== undefined);
  const create = isZtunnelThere ? drawEach : drawShared;
  const [drawBefore, drawAfter] = [create(before, proxyKinds[0]), create(after, proxyKinds[1])];
  return ({ client, isClientChanged }, sample) => {
    const { method, headers, claims, target } = sample;
    const [sent, sentAfterwards] = planes.map((plane) => requestOn(plane, client, sample, isClientChanged));
    const [earlier, later] = [drawBefore(sent, client), drawAfter(sentAfterwards, client)];
    const shown = headers.filter(([name]) => name !== 'authorization');
    return {
      request: {
        method: target.scheme === 'tcp' || target.scheme === 'tls' ? 'CONNECT' : method,
        url: urlOf(sample),
        headers: claims === undefined ? shown : [...shown, ['authorization', `Bearer ${JSON.stringify(claims)}`]],
      },
      ...compact({ sent }),
      from: client.client,
      ...comparable(earlier, later),
      passed: [earlier.passed, later.passed],
      ...compact({ refusedBy: earlier.refusedBy }),
      ...(isLost(earlier, later) && { why: whyOf(later, sample, benches) }),
    };
  };
}

/** Whether a request reaches nobody where ztunnel takes the place of a proxy, or the other way round. */
function isLost(before: Drawn, after: Drawn): boolean {
  const isDelivered = ({ noticed }: Drawn): boolean => noticed.pods?.every(({ value }) => value.length > 0) === true;
  return isAtZtunnelOnce(before, after) && isDelivered(before) && !isDelivered(after);
}

function whyOf({ outcomes }: Drawn, { target }: Sample, benches: Benches): readonly LocatedReason[] {
  return whyOfOutcomes(benches, outcomes, target.host).map(located);
}

/** A sample as a client sends it, which has to be there. */
function requestOn(dataPlane: DataPlane, client: Traveller, sample: Sample, isProbed: boolean): RepeatableRequest | undefined {
  const pod = podNamed(dataPlane, client.key);
  if (pod === undefined) return undefined;
  const way = client.isOutside ? { from: '', ...(pod.cluster !== undefined && { entersAt: client.key }) } : { from: client.key };
  return { request: { ...sentRequest(sample, pod.ips[0]), isBrief: true, ...way }, isProbed };
}

const NOBODY: Drawn = {
  noticed: {},
  isThroughZtunnel: false,
  proxied: new Set(),
  bare: new Set(),
  passed: new Set(),
  outcomes: [],
  refusedBy: undefined,
};

/** Draws each request by itself. */
function drawEach(dataPlane: DataPlane): Draw {
  return (sent) => {
    if (sent === undefined) return NOBODY;
    const seen = noticeRequest(sent.request, dataPlane, sent.isProbed);
    return { ...seen, refusedBy: refuserIn(seen.outcomes) };
  };
}

/** Draws requests that clients have in common once; only where no ztunnel can take the place of a proxy. */
function drawShared(dataPlane: DataPlane, proxyKinds: ProxyKinds | undefined): Draw {
  const drawOne = drawEach(dataPlane);
  const sharing = createSharing<SharedRequest>(dataPlane, 'one cluster', proxyKinds);
  const kinds = memo((_request: string): object => ({}));
  return (sent, client) => {
    const pod = client.isOutside ? undefined : podNamed(dataPlane, client.key);
    if (sent === undefined || pod === undefined) return drawOne(sent, client);
    const { request, isProbed } = sent;
    const { from: _, ...others } = request;
    const to = 'ip' in request.address ? request.address.ip : undefined;
    const found = sharing.find(pod, to, kinds(JSON.stringify([others, isProbed])), (plane) => {
      const outcomes: Outcome[] = [];
      const seen = noticeRequest(request, plane, isProbed, undefined, (ways) => addAll(outcomes, ways));
      return { result: sharedOf(seen, client.key), outcomes };
    });
    return ofClient(found, client.key);
  };
}

/** What is found of a request, whoever of several clients sends it. */
interface SharedRequest extends Pick<Drawn, 'noticed' | 'passed' | 'refusedBy'> {
  /** The client itself stands among these as nothing. */
  readonly proxied: readonly string[];
  readonly bare: readonly string[];
}

function sharedOf({ noticed, passed, proxied, bare, outcomes }: Seen, client: string): SharedRequest {
  const others = (places: ReadonlySet<string>): readonly string[] => [...places].map((place) => (place === client ? '' : place));
  return { noticed, passed, refusedBy: refuserIn(outcomes), proxied: others(proxied), bare: others(bare) };
}

function ofClient({ noticed, passed, refusedBy, ...places }: SharedRequest, client: string): Drawn {
  const all = (others: readonly string[]): ReadonlySet<string> => new Set(others.map((place) => place || client));
  const [proxied, bare] = [all(places.proxied), all(places.bare)];
  return { noticed, passed, refusedBy, proxied, bare, isThroughZtunnel: false, outcomes: [] };
}
