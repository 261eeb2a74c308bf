import type { HTTPMatchRequest, HTTPRoute } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { preflightRefused } from '../../diagnostics/problems/policy-effects.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { AuthorizationPolicies } from '../../model/security/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { learnsIdentities } from './identities-at-gateways.ts';
import type { Analyzer } from './support/analyzer.ts';
import { type Asked, type Demand, demandsOf, enforced, type RuleDemands } from './support/authorization.ts';
import {
  ANY_TEXT,
  commonPatterns,
  patternCovers,
  patternOfMatch,
  patternOfPolicy,
  patternsOverlap,
  type TextPattern,
} from './support/text-patterns.ts';
import { nameOfRule, type TrafficRule } from './support/traffic.ts';

/**
 * Policies at gateways that refuse what browsers ask before a request of another origin: OPTIONS, without a token. Envoy's filter
 * for CORS, which would answer, stands behind the one for authorization. At sidecars the two never meet: CORS is answered on the way
 * out, policies hold on the way in.
 */
export const preflights: Analyzer = {
  name: 'mesh.authorizationpolicy.Preflights',
  about: 'AuthorizationPolicies of gateways that refuse the preflights which a corsPolicy there would answer',
  reads: ['AuthorizationPolicy', 'VirtualService', 'HTTPRoute'],
  codes: [preflightRefused.code],
  run: (reader, report) => {
    if (reader.list('AuthorizationPolicy').length === 0) return;
    const mesh = reader.mesh();
    const traffic = reader.traffic();
    const demands = memo(demandsOf);
    const seen = new Set<string>();
    for (const rule of traffic.rules) {
      const preflight = preflightOf(rule);
      if (preflight === undefined) continue;
      for (const { policies, knowsIdentities } of policiesAt(mesh, traffic.clientsOf(rule))) {
        for (const { demand, why } of refusals(policies, demands, preflight, knowsIdentities)) {
          const subject = at(demand.policy, demand.path);
          const key = `${demand.policy.namespace}/${demand.policy.name}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const { action = 'ALLOW' } = demand.policy.spec;
          report(preflightRefused(subject, formatField(demand.path), why, `corsPolicy of ${nameOfRule(rule)}`, action));
        }
      }
    }
  },
};

/** The preflights that a rule with CORS would answer. */
interface Preflight {
  readonly hosts: readonly TextPattern[];
  readonly paths: readonly TextPattern[];
}

function preflightOf({ list, rule, virtualService }: TrafficRule): Preflight | undefined {
  const { corsPolicy, match = [] }: Pick<HTTPRoute, 'corsPolicy' | 'match'> = rule;
  if (list !== 'http' || corsPolicy === undefined) return undefined;
  const matches = match.filter(takesPreflights);
  if (match.length > 0 && matches.length === 0) return undefined;
  return {
    hosts: (virtualService.spec.hosts ?? []).map((host) => patternOfPolicy(host.toLowerCase())),
    paths: matches.length === 0 ? [ANY_TEXT] : matches.map(({ uri }) => patternOfMatch(uri)),
  };
}

/** What a preflight has of headers that somebody might ask for. */
const PREFLIGHT_HEADERS = /^(:authority|host|origin|user-agent|referer|accept.*|access-control-.*|sec-.*|x-forwarded-.*)$/i;

function takesPreflights({ method, headers = {} }: HTTPMatchRequest): boolean {
  const isForOptions =
    method === undefined || patternsOverlap(patternOfMatch(method), patternOfPolicy('OPTIONS')) || method.regex === '.*';
  const isRegexForOthers = method?.regex !== undefined && !/OPTIONS|\.[*+]/.test(method.regex);
  return isForOptions && !isRegexForOthers && Object.keys(headers).every((name) => PREFLIGHT_HEADERS.test(name));
}

interface PoliciesOfGateway {
  readonly policies: AuthorizationPolicies;
  readonly knowsIdentities: boolean;
}

function policiesAt(
  mesh: Mesh,
  clients: readonly { readonly role: string; readonly proxies: Mesh['proxies'] }[],
): readonly PoliciesOfGateway[] {
  const found = new Map<AuthorizationPolicies, PoliciesOfGateway>();
  for (const { role, proxies } of clients) {
    if (role !== 'gateway') continue;
    for (const proxy of proxies) {
      const policies = mesh.policies.authorizationPolicies(proxy);
      if (policies.deny.length + policies.allow.length === 0 || found.has(policies)) continue;
      found.set(policies, { policies, knowsIdentities: learnsIdentities(mesh, proxy) });
    }
  }
  return [...found.values()];
}

interface Refusal {
  readonly demand: RuleDemands;
  /** What a preflight lacks. */
  readonly why: string;
}

function refusals(
  { deny, allow }: AuthorizationPolicies,
  demands: (policy: ResourceOf<'AuthorizationPolicy'>) => readonly RuleDemands[],
  preflight: Preflight,
  knowsIdentities: boolean,
): readonly Refusal[] {
  const rulesOf = (policies: readonly ResourceOf<'AuthorizationPolicy'>[]): readonly RuleDemands[] =>
    enforced(policies).flatMap(demands);
  const denying = rulesOf(deny).flatMap((rule): readonly Refusal[] => {
    const found = denies(rule, preflight);
    return found === undefined || (found === 'identity' && !knowsIdentities) ? [] : [{ demand: rule, why: words[found] ?? '' }];
  });
  const allowing = rulesOf(allow);
  const passing = allowing.filter((rule) => lacks(rule).length === 0);
  const refusing = allowing.flatMap((rule): readonly Refusal[] => {
    const lacking = lacks(rule);
    const [first] = lacking;
    // Where nobody has an identity, no other request passes either.
    if (first === undefined || (lacking.includes('identity') && !knowsIdentities)) return [];
    return isLetThrough(rule, passing, preflight) ? [] : [{ demand: rule, why: words[first] ?? '' }];
  });
  return [...denying, ...refusing];
}

const words: Readonly<Partial<Record<Asked, string>>> = {
  token: 'which carry no token',
  identity: 'which carry no identity',
  method: 'whose method it leaves out',
  header: 'which do not carry that header',
};

/** Whether no preflight meets a demand, whoever sends it. */
function isLacking({ asked, key, values, notValues }: Demand): boolean {
  if (asked === 'token' || asked === 'identity') return values.length > 0;
  if (asked === 'header') return values.length > 0 && !PREFLIGHT_HEADERS.test(key.slice('request.headers['.length, -1));
  if (asked !== 'method') return false;
  return (values.length > 0 && !values.some(isOptions)) || notValues.some(isOptions);
}

function isOptions(method: string): boolean {
  return patternsOverlap(patternOfPolicy(method), patternOfPolicy('OPTIONS'));
}

/** What preflights lack to match a rule; nothing where some of its alternatives can match. */
function lacks({ sources, operations, conditions }: RuleDemands): readonly Asked[] {
  const lacking = (alternatives: readonly (readonly Demand[])[]): readonly Asked[] => {
    const each = alternatives.map((demands) => demands.filter(isLacking));
    return each.some((demands) => demands.length === 0) ? [] : each.flat().map(({ asked }) => asked);
  };
  return [...lacking(sources), ...lacking(operations), ...lacking([conditions])];
}

/** Where a request goes that an operation is for. */
interface Region {
  readonly hosts: readonly TextPattern[];
  readonly notHosts: readonly TextPattern[];
  readonly paths: readonly TextPattern[];
  readonly notPaths: readonly TextPattern[];
}

function regionOf(operation: readonly Demand[]): Region {
  const host = operation.find(({ asked }) => asked === 'host');
  const path = operation.find(({ asked }) => asked === 'path');
  const patterns = (values: readonly string[] = []): readonly TextPattern[] => values.map(patternOfPolicy);
  const hosts = (values: readonly string[] = []): readonly TextPattern[] =>
    patterns(values.map((value) => value.toLowerCase().replace(/:(\d+|\*)$/, '')));
  const orAny = (list: readonly TextPattern[]): readonly TextPattern[] => (list.length === 0 ? [ANY_TEXT] : list);
  return {
    hosts: orAny(hosts(host?.values)),
    notHosts: hosts(host?.notValues),
    paths: orAny(patterns(path?.values)),
    notPaths: patterns(path?.notValues),
  };
}

/** What a rule of a DENY policy makes of preflights: why it denies some that it would not, were they other requests. */
function denies({ sources, operations, conditions }: RuleDemands, preflight: Preflight): Asked | undefined {
  if (conditions.some(isLacking)) return undefined;
  for (const operation of operations.filter((demands) => !demands.some(isLacking) && meets(demands, preflight))) {
    for (const source of sources.filter((demands) => !demands.some(isLacking))) {
      const escape = [...operation, ...source, ...conditions].find(isEscapable);
      if (escape !== undefined) return escape.asked;
    }
  }
  return undefined;
}

/** Whether a request that is no preflight may well not meet a demand. */
function isEscapable({ asked, values, notValues }: Demand): boolean {
  if (asked === 'method') return !values.includes('*') && (values.length > 0 || notValues.length > 0);
  return (asked === 'token' || asked === 'identity' || asked === 'header') && notValues.length > 0;
}

function meets(operation: readonly Demand[], preflight: Preflight): boolean {
  const { hosts, notHosts, paths, notPaths } = regionOf(operation);
  const left = (list: readonly TextPattern[], others: readonly TextPattern[], excluded: readonly TextPattern[]): boolean =>
    commonPatterns(list, others).some((pattern) => !excluded.some((not) => patternCovers(not, pattern)));
  return left(preflight.hosts, hosts, notHosts) && left(preflight.paths, paths, notPaths);
}

/** Whether other rules let all preflights through to where this one lets requests through, or it lets none. */
function isLetThrough(rule: RuleDemands, passing: readonly RuleDemands[], preflight: Preflight): boolean {
  const open = passing.flatMap(({ operations }) => operations.filter((demands) => !demands.some(isLacking)).map(regionOf));
  return rule.operations
    .map(regionOf)
    .every((region) =>
      commonPatterns(preflight.hosts, region.hosts).every((host) =>
        commonPatterns(preflight.paths, region.paths).every(
          (path) =>
            region.notHosts.some((not) => patternCovers(not, host)) ||
            region.notPaths.some((not) => patternCovers(not, path)) ||
            open.some((other) => reaches(other, host, path, region)),
        ),
      ),
    );
}

function reaches({ hosts, notHosts, paths, notPaths }: Region, host: TextPattern, path: TextPattern, beside: Region): boolean {
  const isFree = (excluded: readonly TextPattern[], pattern: TextPattern, also: readonly TextPattern[]): boolean =>
    excluded.every((not) => !patternsOverlap(not, pattern) || also.some((one) => patternCovers(one, not)));
  return (
    hosts.some((one) => patternCovers(one, host)) &&
    isFree(notHosts, host, beside.notHosts) &&
    paths.some((one) => patternCovers(one, path)) &&
    isFree(notPaths, path, beside.notPaths)
  );
}
