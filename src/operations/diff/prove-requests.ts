import { createExplorationMemory, exploreRequests } from '../../exploration/explore.ts';
import type { OpenRequest } from '../../exploration/open-request.ts';
import type { Witness } from '../../exploration/request-of.ts';
import { ALWAYS, anyOf, type Formula } from '../../request-space/formula.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Assumption, KnownIssuer } from '../../trace/recording/recorder.ts';
import { groupBy } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { compact } from '../../util/object.ts';
import { differencesBetween, type ObservedRequest } from './compare-requests.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { formsOf } from './forms.ts';
import type { Journey } from './journey.ts';
import type { Doubt, RequestProof } from './report.ts';
import { comparable, noticeRequest, refuserIn, type Seen } from './seen.ts';

/** What all requests of some journeys do. */
export interface ProvenRequests {
  /** One of each class of requests that end otherwise. */
  readonly observed: readonly ObservedRequest[];
  readonly proof: RequestProof;
}

/** A class on both sides. */
interface BothSides {
  readonly sides: readonly [Seen, Seen];
  readonly assumptions: readonly [readonly Assumption[], readonly Assumption[]];
  readonly forms: readonly [string, string];
  /** Where tokens are looked for. */
  readonly places: readonly [string, string];
}

/** Sends all requests of journeys through both sides, class by class, `most` classes at most. */
export function proveRequests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  journeys: readonly Journey[],
  most: number,
): ProvenRequests {
  const [earlier, later] = planes;
  const observed: ObservedRequest[] = [];
  const doubts: Doubt[] = [];
  const assumptions = new Set<string>();
  let classes = 0;
  const variables: KnownVariables = new Map();
  for (const group of groupBy(journeys, placeOf).values()) {
    const [journey] = group;
    if (journey === undefined) continue;
    const { client, target } = journey;
    const about = { from: client.client, to: placeWords(group) };
    const ips = planes.map((plane) => target.ip ?? podNamed(plane, client.key)?.ips[0]);
    const [ip = '', ipAfterwards = ip] = ips;
    // Of several clusters, an address from outside is one of the gateway's.
    const isOfCluster = client.isOutside && podNamed(earlier, client.key)?.cluster !== undefined;
    const open = {
      ...openRequest(journey, ip, withinOf(group, [before, after], planes)),
      ...(isOfCluster && { entersAt: client.key }),
    };
    const withProbes = group.some(({ isClientChanged }) => isClientChanged);
    const explored = exploreRequests<BothSides>(
      open,
      (request, begin) => {
        const recorders = [begin(), begin()] as const;
        const sides = [
          noticeRequest(request, earlier, withProbes, recorders[0]),
          noticeRequest({ ...request, address: { ip: ipAfterwards, port: target.port } }, later, withProbes, recorders[1]),
        ] as const;
        return {
          sides,
          assumptions: [recorders[0].assumptions(), recorders[1].assumptions()],
          forms: [formsOf(sides[0].outcomes), formsOf(sides[1].outcomes)],
          places: [placesOfTokens(recorders[0].issuers()), placesOfTokens(recorders[1].issuers())],
        };
      },
      Math.max(0, most - classes),
      createExplorationMemory(variables),
    );
    classes += explored.classes.length;
    if (explored.gaveUp !== undefined)
      doubts.push({
        ...about,
        because: 'too much',
        at: explored.gaveUp.at,
        limit: explored.gaveUp.at === 'classes' ? most : explored.gaveUp.limit,
      });
    for (const { witness, seen, isOfOtherForm } of explored.classes) {
      if (isOfOtherForm) continue;
      const { sides, forms } = seen;
      const compared = comparable(...sides);
      if (Object.keys(differencesBetween(compared.before, compared.after)).length > 0) {
        observed.push(observedOf(journey, witness, seen));
        continue;
      }
      const unknown = unknownIn(seen);
      for (const what of unknown.same) assumptions.add(what);
      const isThroughBoth = sides[0].isThroughZtunnel === sides[1].isThroughZtunnel;
      if (unknown.others.length > 0)
        doubts.push({ ...about, because: 'not known', what: unknown.others, request: labelOf(witness) });
      else if (isThroughBoth && forms[0] !== forms[1])
        doubts.push({ ...about, because: 'made otherwise', request: labelOf(witness) });
    }
  }
  return { observed, proof: { classes, assumptions: [...assumptions].sort(), doubts: oneOfEach(doubts) } };
}

/** Of doubts for the same reason at one place, the first. */
function oneOfEach(doubts: readonly Doubt[]): readonly Doubt[] {
  const found = new Map<string, Doubt>();
  for (const doubt of doubts) {
    const key = JSON.stringify([doubt.from, doubt.to, doubt.because]);
    if (!found.has(key)) found.set(key, doubt);
  }
  return [...found.values()];
}

/** What both sides take for granted alike, and what not. */
function unknownIn({ assumptions: [before, after], places }: BothSides): {
  readonly same: readonly string[];
  readonly others: readonly string[];
} {
  const same: string[] = [];
  const others: string[] = [];
  const keys = [before, after].map((list) => new Set(list.map((one) => JSON.stringify(one))));
  for (const assumption of [...before, ...after]) {
    const isShared = keys.every((set) => set.has(JSON.stringify(assumption)));
    if (assumption.kind === 'untraceable') others.push(makerOf(assumption.what));
    else (isShared || assumption.kind === 'taken for granted' ? same : others).push(assumption.what);
  }
  // A token is tried at the first of the places of its issuer only.
  if (places[0] !== places[1]) others.push('tokens in other places');
  return { same, others: [...new Set(others)] };
}

function placesOfTokens(issuers: readonly KnownIssuer[]): string {
  return JSON.stringify(issuers.map(({ issuer, places }) => [issuer, places]).sort());
}

/** What makes the text that cannot be told of a request. */
function makerOf(source: string): string {
  const [, by] = /"made","([^"]*)"/.exec(source.replaceAll('\\', '')) ?? [];
  return by ?? source;
}

/** Journeys that go to one place together: all hosts of a gateway's port, one service of a workload. */
function placeOf({ client, target, isClientChanged }: Journey): string {
  const { scheme, port, ip, host, serverName } = target;
  const isOpen = client.isOutside && ip === undefined;
  return JSON.stringify([client.key, client.client.kind, scheme, port, ...(isOpen ? [isClientChanged] : [ip, host, serverName])]);
}

function placeWords(group: readonly Journey[]): string {
  const hosts = [...new Set(group.map(({ target: { host, port } }) => formatHostPort(host, port)))];
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more` : hosts.join(', ');
}

function openRequest({ client, target }: Journey, ip: string, within: Formula): OpenRequest {
  const { scheme, port, serverName } = target;
  const isSecured = scheme === 'https' || scheme === 'tls';
  return {
    from: client.isOutside ? '' : client.key,
    address: { ip, port },
    scheme,
    within,
    authority: target.host,
    serverName,
    isFromAnyAddress: client.isOutside,
    isForAnyServerName: isSecured && client.isOutside,
  };
}

/** The hosts of requests: those of the virtual hosts that the journeys go to; any where they go to none. */
function withinOf(group: readonly Journey[], sides: readonly ManifestConfiguration[], planes: readonly DataPlane[]): Formula {
  const names = new Set(group.flatMap(({ target }) => target.virtualHosts));
  if (names.size === 0 || group.some(({ target }) => target.virtualHosts.length === 0)) return ALWAYS;
  const key = group[0]?.client.key ?? '';
  return anyOf(
    sides.flatMap((side, at) =>
      (side.snapshotOf(key)?.routes ?? []).flatMap((routes) =>
        (planes[at]?.lookups.domains(routes) ?? []).flatMap(({ virtualHost, formula }) =>
          names.has(virtualHost.name ?? '') ? [formula] : [],
        ),
      ),
    ),
  );
}

function observedOf({ client }: Journey, witness: Witness, { sides }: BothSides): ObservedRequest {
  return {
    request: labelOf(witness),
    from: client.client,
    ...comparable(...sides),
    passed: [sides[0].passed, sides[1].passed],
    ...compact({ refusedBy: refuserIn(sides[0].outcomes) }),
  };
}

/** The request, for people: a token by its claims. */
function labelOf({ request, token }: Witness): ObservedRequest['request'] {
  const { scheme, method, authority, target, headers, address } = request;
  const isPlain = scheme === 'tcp' || scheme === 'tls';
  const port = 'port' in address ? address.port : 0;
  const isUsual = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  const host = /:\d+$/.test(authority) || isUsual ? authority : `${authority}:${port}`;
  const shown = token === undefined ? headers : headers.map(([name, value]) => [name, tokenShown(value, token)] as const);
  return { method: isPlain ? 'CONNECT' : method, url: `${scheme}://${host}${isPlain ? '' : target}`, headers: shown };
}

function tokenShown(value: string, { claims, isValid }: NonNullable<Witness['token']>): string {
  const start = Math.max(value.lastIndexOf(' '), value.lastIndexOf('=')) + 1;
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value.slice(start));
  if (!isToken) return value;
  const { exp: _, ...told } = claims;
  return `${value.slice(0, start)}${isValid ? '' : 'invalid '}${JSON.stringify(told)}`;
}
