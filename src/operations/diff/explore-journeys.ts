import { type Exploration, type ExplorationMemory, exploreRequests } from '../../exploration/explore.ts';
import { ALWAYS } from '../../request-space/formula.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import type { Recording, RememberingRecorder } from '../../trace/recording/record.ts';
import { traceRequest } from '../../trace/trace.ts';
import { placesReached } from '../reachability/alike-callers.ts';
import type { AskedTls } from './asked-tls.ts';
import { type BothSides, placesOfTokens, type SidesClass } from './both-sides.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { formsOf } from './forms.ts';
import type { Journey } from './journey.ts';
import { asksForHost, type HostJudge } from './one-host.ts';
import { isOpenToAll, openRequest, withinOf } from './open-journeys.ts';
import { noticeRequest } from './seen.ts';

/** All requests of one client to one place, in classes that both sides treat alike, and the pods that they get to. */
export function exploreJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  group: readonly [Journey, ...Journey[]],
  memory: ExplorationMemory,
  most: number,
  askedTls: AskedTls,
  isAnyHostAlike: HostJudge,
): { readonly explored: Exploration<BothSides>; readonly visited: ReadonlySet<string> } {
  const [journey] = group;
  const { client, target } = journey;
  const [earlier, later] = planes;
  const ips = planes.map((plane) => target.ip ?? podNamed(plane, client.key)?.ips[0]);
  const [ip = '', ipAfterwards = ip] = ips;
  // Of several clusters, an address from outside is one of the gateway's.
  const isOfCluster = client.isOutside && podNamed(earlier, client.key)?.cluster !== undefined;
  const within = withinOf(group, [before, after], planes);
  const open = { ...openRequest(group, ip, within, askedTls), ...(isOfCluster && { entersAt: client.key }) };
  const withProbes = group.some(({ isClientChanged }) => isClientChanged);
  const visited = new Set<string>();
  let isHostAsked = false;

  /** Sends one through both sides; `begin` gives those who hear of it, the others hear of it as one for any host. */
  const send = (request: TraceRequest, begin: () => RememberingRecorder, others: Recording | undefined): BothSides => {
    const requests = [request, { ...request, address: { ip: ipAfterwards, port: target.port } }] as const;
    const recorders = [begin(), begin()] as const;
    // Once it is known that any host is asked for anew, only the words count that are found for that.
    const isLeft = others !== undefined && isHostAsked;
    const sides = [
      noticeRequest(requests[0], earlier, withProbes && !isLeft, recorders[0]),
      noticeRequest(requests[1], later, withProbes && !isLeft, recorders[1]),
    ] as const;
    for (const { outcomes } of sides) for (const place of placesReached(outcomes)) visited.add(place);
    const form = (at: 0 | 1): string => {
      if (others === undefined) return formsOf(sides[at].outcomes);
      if (isLeft) return '';
      const listener = others.begin({ ...recorders[at].chosen, isForOneAuthority: false });
      const outcomes = traceRequest(planes[at], { ...requests[at], isWithoutCircles: true }, listener);
      isHostAsked ||= !isAnyHostAlike(listener.readings(), within);
      return formsOf(outcomes);
    };
    return {
      sides,
      assumptions: [recorders[0].assumptions(), recorders[1].assumptions()],
      forms: [form(0), form(1)],
      places: [placesOfTokens(recorders[0].issuers()), placesOfTokens(recorders[1].issuers())],
    };
  };
  const ofAnyHost = (): Exploration<BothSides> =>
    exploreRequests<BothSides>(open, (request, begin) => send(request, begin, undefined), most, memory);
  const ofOneHost = (): Exploration<BothSides> => {
    const { recording } = memory;
    const narrow = { ...open, within: ALWAYS, isForOneAuthority: true };
    return exploreRequests<BothSides>(narrow, (request, begin) => send(request, begin, recording), most, memory);
  };
  // To ask for one of many hosts takes long, and mostly nobody tells the names of a service apart.
  const narrowed = within !== ALWAYS && !isOpenToAll(journey) ? ofOneHost() : undefined;
  const found = narrowed === undefined || isHostAsked ? ofAnyHost() : narrowed;
  const isGateway = client.client.kind === 'gateway';
  const explored = isGateway ? found : { ...found, classes: found.classes.map((one) => forTarget(one, target)) };
  return { explored, visited };
}

/** A class with the host for its witness that clients use there, where the host makes no difference. */
function forTarget(one: SidesClass, target: Target): SidesClass {
  if (one.readings.some(asksForHost)) return one;
  return { ...one, witness: { ...one.witness, request: { ...one.witness.request, authority: authorityOf(target) } } };
}
