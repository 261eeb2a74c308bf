import { describeClasses } from '../../exploration/describe-classes.ts';
import {
  createExplorationMemory,
  type Exploration,
  type ExplorationMemory,
  exploreRequests,
  MOST_CLASSES,
} from '../../exploration/explore.ts';
import type { OpenRequest } from '../../exploration/open-request.ts';
import { isUsualRequest } from '../../exploration/usual-request.ts';
import { allOf, anyOf, type Formula, isAlways, NEVER, textTest } from '../../request-space/formula.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Delivery, TraceRequest } from '../../trace/outcome.ts';
import { AUTHORIZATION, type Recorder, type Scene } from '../../trace/recording/recorder.ts';
import { traceRequest } from '../../trace/trace.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import { assumedOf } from '../assumed.ts';
import { placesReached } from '../reachability/alike-callers.ts';
import type { IdentityQuestions } from '../reachability/identity-questions.ts';
import { createEntranceSharing } from './entrance-sharing.ts';
import type { RequestEntrance } from './entrances.ts';
import type { ExploredEntrance, Explorer } from './prove.ts';
import type { Statement, TokenDemand } from './statement.ts';
import { type Violation, violationOf, type Witnessing } from './violations.ts';

/**
 * Explores all requests of entrances. What a statement asks of a request counts as what decides about it, so that all requests of a class
 * break it or none does.
 */
export function createExplorer(dataPlane: DataPlane, identities: IdentityQuestions): Explorer {
  const variables: KnownVariables = new Map();
  const memories = memo((_kind: string, _place: string) => createExplorationMemory(variables));
  const sharing = createEntranceSharing(dataPlane, identities);
  /** Of several clusters, an address is somebody else's from each; what a client says of its TLS is a question of its own. */
  const viewOf = ({ from, entersAt, applicationProtocols }: RequestEntrance['base']): readonly unknown[] => {
    const { cluster, network } = podNamed(dataPlane, entersAt ?? from) ?? {};
    return [cluster, network, applicationProtocols];
  };
  const isGateway = (key: string): boolean => podNamed(dataPlane, key)?.proxy === 'gateway';
  /** Where gateways hand the same bytes to each other again, nothing but these gets them that has not got them before. */
  const isAboutGateways = memo(
    ({ from, to }: Statement): boolean =>
      to.some(({ servers }) => servers === undefined || [...servers.keys()].some(isGateway)) ||
      from.some((sender) => sender.entersInPlainText || [...(sender.pods ?? []), ...sender.notPods].some(isGateway)),
  );
  const explore = (entrance: RequestEntrance, statement: Statement, dataPlane: DataPlane): ExploredEntrance => {
    const places = new Set<string>();
    const observe = (request: TraceRequest, begin: () => Recorder): { readonly violation: Violation | undefined } => {
      const recorder = begin();
      const outcomes = traceRequest(dataPlane, { ...request, isWithoutCircles: !isAboutGateways(statement) }, recorder);
      for (const place of placesReached(outcomes)) places.add(place);
      return { violation: violationOf(statement, entrance.kind, request, outcomes, dataPlane, witnessing(recorder)) };
    };
    const memory = memories(
      entrance.kind,
      JSON.stringify([viewOf(entrance.base), entrance.base.address, entrance.base.scheme, entrance.authority]),
    );
    const explored = exploreRequests(openOf(entrance), observe, MOST_CLASSES, memory);
    const { classes, gaveUp } = explored;
    const which = gaveUp === undefined ? brokenAmong(explored, memory) : undefined;
    const found = [
      ...classes.map(({ witness, seen, assumptions }) => ({
        request: witness.request,
        violation: seen.violation,
        ...assumedOf(assumptions),
      })),
      ...(gaveUp === undefined ? [] : [{ gaveUp }]),
    ];
    return { classes: found, places, ...compact({ which }) };
  };
  return (entrance, statement) => sharing.find(entrance, statement, (seen) => explore(entrance, statement, seen));
}

/** The requests that break a statement, if any do: those that clients send as a rule, where some of these do. */
function brokenAmong(
  explored: Exploration<{ readonly violation: Violation | undefined }>,
  memory: ExplorationMemory,
): SetDescription | undefined {
  const all = explored.classes.filter(({ isOfOtherForm }) => !isOfOtherForm);
  const broken = all.filter(({ seen }) => seen.violation !== undefined);
  if (broken.length === 0) return undefined;
  const isUsual = ({ witness: { request } }: (typeof all)[number]): boolean => isUsualRequest(request);
  const isAnyUsual = broken.some(isUsual);
  const [told, kept] = [broken, all.filter(({ seen }) => seen.violation === undefined)].map((some) =>
    isAnyUsual ? some.filter(isUsual) : some,
  );
  return describeClasses(explored, told ?? [], kept ?? [], memory);
}

/** All requests of an entrance. */
function openOf({ kind, base, within, authority }: RequestEntrance): OpenRequest {
  const { address } = base;
  const isNamed = !isAlways(within);
  const host = 'unresolved' in address ? address.unresolved : formatHostPort(address.ip, address.port);
  return {
    ...base,
    within,
    authority: authority ?? host,
    isForOneAuthority: authority !== undefined,
    isFromAnyAddress: kind !== 'pod',
    isForAnyServerName: base.scheme === 'https' || base.scheme === 'tls' || isNamed,
  };
}

/** Tells a recorder what a statement asks. */
function witnessing(recorder: Recorder): Witnessing {
  return {
    text(delivery, part, test, is) {
      recorder.holds(textTest({ kind: part }, test), is, sceneOf(delivery));
    },
    token(demand, is) {
      for (const issuer of demand.issuers) recorder.tokens({ issuer, place: AUTHORIZATION, places: [] });
      const formula = tokenFormula(demand);
      if (formula !== NEVER) recorder.holds(formula, is, OF_REQUEST);
    },
  };
}

/** The parts of a request as it was sent. */
const OF_REQUEST: Scene = {
  text: (dimension) => ({ kind: 'request', dimension }),
  address: () => ({ ip: '', forwarded: undefined }),
  port: () => 0,
};

/** The parts of a request as they came to a server. */
function sceneOf({ sources }: Delivery): Scene {
  return {
    ...OF_REQUEST,
    text: (dimension) => sources?.get(`:${dimension.kind}`) ?? { kind: 'request', dimension },
  };
}

/** That a request carries a token that a statement demands. */
function tokenFormula({ issuers, claims }: TokenDemand): Formula {
  return anyOf(
    issuers.map((issuer) => {
      const ofClaims = claims.map(({ path, tests }) =>
        anyOf(tests.map((test) => textTest({ kind: 'claim', issuer, path }, test))),
      );
      return allOf([{ kind: 'token', dimension: { kind: 'token', issuer }, is: 'valid' }, ...ofClaims]);
    }),
  );
}
