import { isAny } from '../../envoy/any.ts';
import type { FilterChain, Route } from '../../envoy/api.gen.ts';
import { createExplorationMemory, exploreRequests } from '../../exploration/explore.ts';
import type { Witness } from '../../exploration/request-of.ts';
import { ALWAYS } from '../../request-space/formula.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import { coverageUnits, partKey, partsMet } from '../../trace/coverage.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import { STRANGER } from '../../trace/strangers.ts';
import { type TableRequest, toTraceRequest } from '../../trace/table.ts';
import { traceRequest } from '../../trace/trace.ts';
import { originOf } from '../../util/origin.ts';
import { OUTSIDE } from '../../workbench/addresses.ts';
import { unsignedToken } from './request-table.ts';

/** A line of a table with the claims of its token, as it is written. */
export interface WrittenLine extends TableRequest {
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A request of a table, with the parts of the configuration and the places that it meets. */
export interface FollowedLine {
  readonly line: WrittenLine;
  readonly met: ReadonlySet<string>;
  readonly places: ReadonlySet<string>;
}

/** What is met on the way of a request. */
export function followed(line: WrittenLine, outcomes: readonly Outcome[]): FollowedLine {
  const places = new Set(outcomes.flatMap(({ hops }) => hops.map(({ place }) => place)));
  return { line, met: partsMet(outcomes), places };
}

/** Whether a filter chain reads requests of HTTP. */
export function looksIntoHttp({ filters = [] }: FilterChain): boolean {
  return filters.some(({ typedConfig }) => isAny(typedConfig, HTTP));
}

const HTTP = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** So many places that requests go to are explored, for one proxy and for all of them; so many classes at each, and so many connections. */
const LIMITS = { ofProxy: 12, all: 60, classes: 200, candidates: 100 } as const;

/**
 * Requests for parts of the configuration of some pods' proxies that those of a table do not meet: connections for filter chains of a pod,
 * of those for one the first that meets something, and what requests to the same places can be otherwise. Nothing is looked for that would meet a route of which is known that no request takes it.
 */
export function linesForUnmet(
  dataPlane: DataPlane,
  lines: readonly FollowedLine[],
  pods: readonly TracePod[],
  candidatesOf: (pod: TracePod, isAsked: (chain: FilterChain) => boolean) => readonly (readonly WrittenLine[])[],
  isHidden: (route: Route) => boolean,
): readonly WrittenLine[] {
  const met = new Set(lines.flatMap((line) => [...line.met]));
  const found: WrittenLine[] = [];
  const take = (more: FollowedLine): void => {
    found.push(more.line);
    for (const part of more.met) met.add(part);
  };
  const variables: KnownVariables = new Map();
  let left: number = LIMITS.all;
  for (const pod of pods) {
    const snapshot = dataPlane.snapshotOf(pod);
    const units = snapshot === undefined ? [] : [...coverageUnits([snapshot], [], isHidden).keys()];
    const unmet = (): readonly string[] => units.filter((unit) => !met.has(unit));
    if (unmet().length === 0) continue;
    const connect = (candidates: readonly WrittenLine[]): void => {
      for (const candidate of candidates) {
        const more = followed(candidate, traceRequest(dataPlane, toTraceRequest({ ...candidate, isWithoutNodes: true })));
        if (!unmet().some((unit) => more.met.has(unit))) continue;
        take(more);
        return;
      }
    };
    const isMet = (chain: FilterChain): boolean | undefined => {
      const origin = originOf(chain);
      return origin && met.has(partKey('filter chain', origin));
    };
    for (const candidates of candidatesOf(pod, (chain) => isMet(chain) === false)) connect(candidates);
    // Others than HTTP may meet policies.
    const others = candidatesOf(pod, (chain) => isMet(chain) === true && !looksIntoHttp(chain));
    for (const candidates of others.slice(0, LIMITS.candidates)) connect(candidates);
    for (const line of entrances(lines, podKey(pod)).slice(0, LIMITS.ofProxy)) {
      if (left === 0 || unmet().length === 0) break;
      left--;
      for (const more of linesAt(dataPlane, line, unmet, variables)) take(more);
    }
  }
  return found;
}

/** Requests to different places on whose way a proxy is, one for each, those from outside first. */
function entrances(lines: readonly FollowedLine[], pod: string): readonly WrittenLine[] {
  const byPlace = new Map<string, WrittenLine>();
  for (const { line, places } of lines) {
    const { from, to, host, scheme } = line;
    const key = JSON.stringify([from, to, host, scheme]);
    if (places.has(pod) && line.unresolved === undefined && !byPlace.has(key)) byPlace.set(key, line);
  }
  const found = [...byPlace.values()];
  return [...found.filter(({ from }) => from === OUTSIDE), ...found.filter(({ from }) => from !== OUTSIDE)];
}

/** Requests to the place of another one that meet something of what is not met. */
function linesAt(
  dataPlane: DataPlane,
  line: WrittenLine,
  unmet: () => readonly string[],
  variables: KnownVariables,
): readonly FollowedLine[] {
  const { authority, headers: _, method: __, target: ___, ...open } = toTraceRequest({ ...line, isWithoutNodes: true });
  const { classes } = exploreRequests(
    {
      ...open,
      within: ALWAYS,
      authority,
      isForOneAuthority: true,
      isFromAnyAddress: line.from === OUTSIDE,
      isForAnyServerName: false,
    },
    (request, begin) => partsMet(traceRequest(dataPlane, request, begin())),
    LIMITS.classes,
    createExplorationMemory(variables),
  );
  const found: FollowedLine[] = [];
  const taken = new Set<string>();
  for (const { witness, seen, isOfOtherForm } of classes) {
    const fresh = unmet().filter((part) => seen.has(part) && !taken.has(part));
    if (fresh.length === 0 || isOfOtherForm) continue;
    const more = lineOf(line, witness);
    // What a table can write is not all that a request can be.
    const again = followed(more, traceRequest(dataPlane, toTraceRequest(withToken(more))));
    if (!fresh.some((part) => again.met.has(part))) continue;
    found.push(again);
    for (const part of again.met) taken.add(part);
  }
  return found;
}

function lineOf({ from, to, host, scheme, serverName }: WrittenLine, { request, token }: Witness): WrittenLine {
  const { method, target, sourceIp, clientCertificate } = request;
  const carried = token?.isValid === true ? request.trustedTokens : undefined;
  const headers = request.headers.filter(([, value]) => !carried?.some((one) => value.endsWith(one)));
  return {
    from,
    to,
    ...(host !== undefined && { host }),
    ...(scheme !== undefined && { scheme }),
    ...(serverName !== undefined && { serverName }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(sourceIp !== undefined && sourceIp !== STRANGER && { source: sourceIp }),
    ...(target !== '/' && { path: target }),
    ...(method !== 'GET' && { method }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(carried !== undefined && token !== undefined && { claims: token.claims }),
    expect: {},
  };
}

/** The line with the token that its claims stand for. */
export function withToken({ claims, ...request }: WrittenLine): TableRequest {
  if (claims === undefined) return request;
  const token = unsignedToken(claims);
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` }, trustedTokens: [token] };
}
