import { describeClasses } from '../../exploration/describe-classes.ts';
import { createExplorationMemory, exploreRequests, type RequestClass } from '../../exploration/explore.ts';
import type { OpenRequest } from '../../exploration/open-request.ts';
import type { Witness } from '../../exploration/request-of.ts';
import { isUsualRequest } from '../../exploration/usual-request.ts';
import { ALWAYS } from '../../request-space/formula.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import type { Target } from '../../sample-requests/targets.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import type { RememberingRecorder } from '../../trace/recording/record.ts';
import { traceRequest } from '../../trace/trace.ts';
import { groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import { assumedOf } from '../assumed.ts';
import { connectionWords, type Ending, endingOf, type SentWay } from './attempts.ts';
import type { ChainWay } from './chain-ways.ts';
import type { Demands, ExploredWay } from './graph.ts';
import type { Parties } from './workloads.ts';

/** So many classes are looked at over one way, and over all of them. */
const CLASSES_OF_WAY = 1_000;
const CLASSES_OF_GRAPH = 20_000;

/** What all requests over a way do, with all that became of them. */
export interface WayFound extends ExploredWay {
  readonly outcomes: readonly Outcome[];
}

/** Explores all requests to a target from where samples are sent; a client without a proxy asks for any name by its TLS. */
export type ExploreWay = (
  target: Target,
  way: SentWay,
  about: string,
  dataPlane: DataPlane,
  chain: ChainWay | undefined,
  isWithoutProxy: boolean,
) => WayFound;

/**
 * Explores ways of a graph. `about` tells what decides over a way: those of which it is the same keep what they find for one another.
 */
export function createWayExplorer({
  dataPlane: { podByKey },
  idOf,
}: Pick<Parties, 'idOf'> & { readonly dataPlane: DataPlane }): ExploreWay {
  const variables: KnownVariables = new Map();
  const memories = memo((_about: string) => createExplorationMemory(variables));
  let left = CLASSES_OF_GRAPH;
  return (target, way, about, dataPlane, chain, isWithoutProxy) => {
    const outcomes: Outcome[] = [];
    if (left <= 0)
      return {
        attempts: [],
        assumptions: [],
        gaveUp: { at: 'classes of all ways', limit: CLASSES_OF_GRAPH, tried: 0 },
        outcomes,
      };
    const observe = (request: TraceRequest, begin: () => RememberingRecorder): readonly Ending[] => {
      const found = traceRequest(dataPlane, { ...request, isWithoutCircles: true }, begin());
      for (const outcome of found) outcomes.push(outcome);
      return found.map((outcome) => endingOf(outcome, target.scheme, dataPlane, idOf));
    };
    const memory = memories(about);
    const explored = exploreRequests(openOf(target, way, chain, isWithoutProxy), observe, Math.min(CLASSES_OF_WAY, left), memory);
    left -= explored.classes.length;
    // What nobody sends as a rule is no reason to call.
    const usual = explored.classes.filter(
      ({ witness, isOfOtherForm }) => !isOfOtherForm && isCalledSo(witness) && chain?.takes(witness.request) !== false,
    );
    const { gaveUp } = explored;
    const passing = usual.filter(({ seen }) => seen.some(isDelivered));
    const refused = usual.filter(({ seen }) => !seen.some(isDelivered));
    const describe = (some: readonly WayClass[]) => {
      const own = new Set(some);
      const others = usual.filter((one) => !own.has(one));
      return describeClasses(explored, some, others, memory);
    };
    const isMixed = gaveUp === undefined && passing.length > 0 && refused.length > 0;
    const demands: Demands | undefined = isMixed
      ? {
          ...compact({ passing: describe(passing) }),
          refused: [...groupBy(refused, ({ seen }) => JSON.stringify(reasonsOf(seen))).values()].map((some) => ({
            because: reasonsOf(some[0]?.seen ?? []),
            ...compact({ which: describe(some) }),
          })),
        }
      : undefined;
    // Settings of what is not simulated can be long: its name is enough.
    const unknown = usual.map(({ assumptions }) =>
      assumedOf(assumptions.map((one) => (one.kind === 'not simulated' ? { ...one, config: '' } : one))),
    );
    return {
      attempts: usual.flatMap(({ witness, seen }) => seen.map((ending) => ({ request: requestWords(witness), ...ending }))),
      ...compact({ demands }),
      assumptions: [...new Set(unknown.flatMap(({ assumptions, untraceable }) => [...assumptions, ...untraceable]))].sort(),
      ...(gaveUp !== undefined && { gaveUp: { at: gaveUp.at, limit: gaveUp.limit, tried: explored.classes.length } }),
      outcomes,
    };
  };

  /** All requests to a target. */
  function openOf(
    target: Target,
    { from, ownIp, address, entersAt }: SentWay,
    chain: ChainWay | undefined,
    isWithoutProxy: boolean,
  ): OpenRequest {
    const { scheme, ip = ownIp ?? '', port, serverName } = target;
    return {
      ...compact({ entersAt }),
      from,
      address: address ?? { ip, port },
      scheme,
      within: chain?.serverNames ?? ALWAYS,
      authority: authorityOf(target),
      serverName,
      isFromAnyAddress: !podByKey.has(from),
      isForOneAuthority: true,
      isForAnyServerName: scheme === 'tls' && (chain !== undefined || isWithoutProxy),
    };
  }
}

type WayClass = RequestClass<readonly Ending[]>;

/** Whether clients send such requests; those with a token that nobody takes are refused wherever tokens are looked at. */
function isCalledSo({ request, token }: Witness): boolean {
  return isUsualRequest(request) && token?.isValid !== false;
}

function isDelivered({ end }: Ending): boolean {
  return end === 'delivered';
}

function reasonsOf(seen: readonly Ending[]): Ending['because'] {
  return [...new Map(seen.flatMap(({ because }) => because).map((reason) => [JSON.stringify(reason), reason])).values()];
}

/** A request, for people: a token by its claims. */
function requestWords({ request, chosen, token }: Witness): string {
  const { scheme, method, target, headers, trustedTokens = [], clientCertificate } = request;
  const certificate = clientCertificate === undefined ? [] : ['with a client certificate'];
  if (scheme === 'tcp' || scheme === 'tls') return [connectionWords(chosen), ...certificate].join(' ');
  const { exp: _, ...claims } = token?.claims ?? {};
  const shown = headers.filter(([, value]) => !trustedTokens.some((text) => value.endsWith(text)));
  const path = trustedTokens.reduce((left, text) => left.replace(text, 'token'), target);
  return [
    `${method} ${path}`,
    ...shown.map(([name, value]) => `${name}: ${value}`),
    ...(token === undefined ? [] : [`token ${JSON.stringify(claims)}`]),
    ...certificate,
  ].join(' ');
}
