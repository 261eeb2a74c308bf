import { isAny } from '../envoy/any.ts';
import type { FilterStateMatcher, Permission, Policy, Principal, RBAC, SourcedMetadata } from '../envoy/api.gen.ts';
import { nothingElse, type WithFields } from '../util/fields.ts';
import type { ExpressionCompiler } from '../util/re2.ts';
import type { CallerWatch } from './caller-watch.ts';
import { type HeaderValues, type MessageHeaders, sceneOf } from './headers.ts';
import { splitQuery } from './path.ts';
import { policyFormula } from './recording/policy-formulas.ts';
import type { Forwarded, Recorder, Scene } from './recording/recorder.ts';
import { metadataSource, serverNameSource } from './recording/scenes.ts';
import { constant, type TextSource } from './recording/source.ts';
import type { Fact } from './step.ts';
import { inRange, type MetadataByFilter, matchesHeader, matchesMetadata, matchesString } from './strings.ts';
import { matchesTemplate } from './uri-template.ts';

/** What policies look at. */
export interface RbacSubject {
  /** Empty for connections of other protocols. */
  readonly headers: HeaderValues;
  readonly destination: { readonly ip: string; readonly port: number };
  /** The address of the connection. */
  readonly directIp: string;
  /** The address of the client, as forwarded headers tell where they are trusted. */
  readonly remoteIp: string;
  readonly isTls: boolean;
  /** Names of the client's certificate; empty without one. */
  readonly peerNames: readonly string[];
  readonly serverName: string;
  readonly metadata: MetadataByFilter;
  readonly compile: ExpressionCompiler;
}

/** The same where what they look at is told to whoever records. */
export interface RecordedSubject extends RbacSubject {
  readonly headers: MessageHeaders;
  readonly recorder?: Recorder | undefined;
  readonly serverNameSource?: TextSource | undefined;
  /** Where the name of the client's certificate comes from, if it may be any. */
  readonly peerSource?: TextSource | undefined;
  readonly forwarded?: Forwarded | undefined;
  /** Issuers of the tokens whose claims are metadata, by the names of filter and key. */
  readonly claims?: ReadonlyMap<string, string>;
}

/** What a set of policies says. */
export interface RbacVerdict {
  readonly isAllowed: boolean;
  /** Name and value of the policy that matches. */
  readonly name: string | undefined;
  readonly policy: Policy | undefined;
}

/** What a set of rules decides, or would decide where they are shadow rules. */
export function policyFact(
  event: 'decides' | 'would decide',
  of: 'request' | 'connection',
  { action = 'ALLOW' }: RBAC,
  { name, isAllowed }: RbacVerdict,
  filter: string,
): Fact {
  return { kind: 'policy', name: name ?? filter, event, of, action, isMatch: name !== undefined, isAllowed };
}

/** Evaluates policies in the order of their names. Envoy source/extensions/filters/common/rbac/engine_impl.cc. */
export function evaluateRbac(rbac: RBAC, subject: RecordedSubject): RbacVerdict {
  const policies = Object.entries(rbac.policies ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const seen = seenByPolicies(subject);
  const at = policies.findIndex(([, policy]) => matchesPolicy(policy, seen));
  subject.recorder?.first(
    rbac,
    () => policies.map(([, policy]) => policyFormula(policy)),
    at === -1 ? [] : [at],
    sceneOfSubject(subject),
  );
  const found = policies[at];
  const action = rbac.action ?? 'ALLOW';
  const isAllowed = action === 'LOG' || (found !== undefined) === (action === 'ALLOW');
  return { isAllowed, name: found?.[0], policy: found?.[1] };
}

/** A subject as policies see it; what tells who calls is asked for only where a policy does, so that a watch hears of nothing else. */
function seenByPolicies(subject: RecordedSubject): RbacSubject {
  const { headers, destination, isTls, serverName, metadata, compile } = subject;
  return {
    headers: headers.values,
    destination,
    isTls,
    serverName,
    metadata,
    compile,
    get directIp() {
      return subject.directIp;
    },
    get remoteIp() {
      return subject.remoteIp;
    },
    get peerNames() {
      return subject.peerNames;
    },
  };
}

/** As `evaluateRbac`, and the watch is told. */
export function watchedVerdict(rbac: RBAC, subject: RecordedSubject, watch: CallerWatch | undefined): RbacVerdict {
  const verdict = evaluateRbac(rbac, subject);
  if (watch === undefined) return verdict;
  // Filters that come after change both.
  const asked = { ...subject, headers: subject.headers.copy(), metadata: new Map(subject.metadata) };
  watch.note(verdict.name, ({ ip, names }) => {
    const other: RecordedSubject = {
      ...asked,
      recorder: undefined,
      get directIp() {
        return ip(asked.directIp);
      },
      get remoteIp() {
        return ip(asked.remoteIp);
      },
      get peerNames() {
        return names(asked.peerNames);
      },
    };
    return evaluateRbac(rbac, other).name;
  });
  return verdict;
}

/** Where what policies look at comes from. */
export function sceneOfSubject(subject: RecordedSubject): Scene {
  const { headers, destination, directIp, remoteIp, isTls, peerNames, serverName, metadata, claims, recorder, forwarded } =
    subject;
  const ofHeaders = sceneOf(headers);
  return {
    text(dimension) {
      const { kind } = dimension;
      if (kind === 'serverName') return subject.serverNameSource ?? serverNameSource(serverName, recorder);
      if (kind === 'transport') return constant(isTls ? 'tls' : 'raw_buffer');
      if (kind === 'identity') return subject.peerSource ?? constant(peerNames[0]);
      return kind === 'claim' ? metadataSource(dimension, metadata, claims) : ofHeaders.text(dimension);
    },
    address(kind) {
      if (kind === 'remoteAddress') return { ip: remoteIp, forwarded };
      return { ip: kind === 'destinationAddress' ? destination.ip : directIp, forwarded: undefined };
    },
    port: (kind) => (kind === 'destinationPort' ? destination.port : 0),
  };
}

/** Conditions in CEL, of which Istio makes none, are not known to a trace and taken to hold. */
type PolicyFields = 'permissions' | 'principals' | 'condition' | 'checkedCondition' | 'celConfig';

function matchesPolicy(policy: Policy, subject: RbacSubject): boolean {
  const { permissions = [], principals = [] }: WithFields<Policy, PolicyFields> = policy;
  return (
    permissions.some((permission) => matchesPermission(permission, subject)) &&
    principals.some((principal) => matchesPrincipal(principal, subject))
  );
}

/** Whether a permission covers what is asked for. */
export function matchesPermission(permission: Permission, subject: RbacSubject): boolean {
  const { andRules, orRules, notRule, any, header, urlPath, metadata, sourcedMetadata, ...connection } = permission;
  const { destinationIp, destinationPort, destinationPortRange, requestedServerName, uriTemplate, ...extensions } = connection;
  // What other extensions match is not known to a trace.
  const { matcher, ...rest } = extensions;
  nothingElse(rest);
  if (andRules !== undefined) return (andRules.rules ?? []).every((rule) => matchesPermission(rule, subject));
  if (orRules !== undefined) return (orRules.rules ?? []).some((rule) => matchesPermission(rule, subject));
  if (notRule !== undefined) return !matchesPermission(notRule, subject);
  if (any !== undefined) return any;
  if (header !== undefined) return matchesHeader(header, subject.headers, subject.compile);
  if (urlPath !== undefined) return pathTest(subject, (path) => matchesString(urlPath.path ?? {}, path, subject.compile));
  if (destinationIp !== undefined) return inRange(destinationIp, subject.destination.ip);
  if (destinationPort !== undefined) return subject.destination.port === destinationPort;
  if (destinationPortRange !== undefined) {
    const { start = 0, end = 0 } = destinationPortRange;
    return subject.destination.port >= start && subject.destination.port < end;
  }
  if (metadata !== undefined) return matchesMetadata(metadata, subject.metadata, subject.compile);
  if (sourcedMetadata !== undefined) return matchesSourced(sourcedMetadata, subject);
  if (requestedServerName !== undefined) return matchesString(requestedServerName, subject.serverName, subject.compile);
  const template = uriTemplate?.typedConfig;
  if (isAny(template, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')) {
    return pathTest(subject, (path) => matchesTemplate(template.pathTemplate ?? '', path, subject.compile));
  }
  return false;
}

/** Whether the client is one that is meant. */
export function matchesPrincipal(principal: Principal, subject: RbacSubject): boolean {
  const { andIds, orIds, notId, any, header, urlPath, metadata, sourcedMetadata, filterState, ...client } = principal;
  const { authenticated, sourceIp, directRemoteIp, remoteIp, ...extensions } = client;
  // What other extensions match is not known to a trace.
  const { custom, ...rest } = extensions;
  nothingElse(rest);
  if (andIds !== undefined) return (andIds.ids ?? []).every((id) => matchesPrincipal(id, subject));
  if (orIds !== undefined) return (orIds.ids ?? []).some((id) => matchesPrincipal(id, subject));
  if (notId !== undefined) return !matchesPrincipal(notId, subject);
  if (any !== undefined) return any;
  if (authenticated !== undefined) {
    const { principalName } = authenticated;
    if (!subject.isTls) return false;
    if (principalName === undefined) return true;
    const names = subject.peerNames.length === 0 ? [''] : subject.peerNames;
    return names.some((name) => matchesString(principalName, name, subject.compile));
  }
  if (sourceIp !== undefined) return inRange(sourceIp, subject.directIp);
  if (directRemoteIp !== undefined) return inRange(directRemoteIp, subject.directIp);
  if (remoteIp !== undefined) return inRange(remoteIp, subject.remoteIp);
  if (header !== undefined) return matchesHeader(header, subject.headers, subject.compile);
  if (urlPath !== undefined) return pathTest(subject, (path) => matchesString(urlPath.path ?? {}, path, subject.compile));
  if (metadata !== undefined) return matchesMetadata(metadata, subject.metadata, subject.compile);
  if (sourcedMetadata !== undefined) return matchesSourced(sourcedMetadata, subject);
  if (filterState !== undefined) return matchesFilterState(filterState, subject);
  return false;
}

/** Metadata of the request; of that which stands in routes, a trace knows nothing. */
function matchesSourced(sourced: SourcedMetadata, { metadata, compile }: RbacSubject): boolean {
  const read: WithFields<SourcedMetadata, 'metadataMatcher' | 'metadataSource'> = sourced;
  const { metadataMatcher = {}, metadataSource = 'DYNAMIC' } = read;
  return metadataSource === 'DYNAMIC' && matchesMetadata(metadataMatcher, metadata, compile);
}

/** The only state that Istio's policies name is the identity of the peer. */
function matchesFilterState(matcher: FilterStateMatcher, { peerNames, compile }: RbacSubject): boolean {
  const { key, stringMatch }: WithFields<FilterStateMatcher, 'key' | 'stringMatch' | 'addressMatch'> = matcher;
  if (key !== 'io.istio.peer_principal' || stringMatch === undefined) return false;
  return peerNames.some((name) => matchesString(stringMatch, name, compile));
}

function pathTest({ headers }: RbacSubject, test: (path: string) => boolean): boolean {
  const path = headers.get(':path');
  return path !== undefined && test(splitQuery(path)[0]);
}

/** What Envoy writes into the details of a refusal; spaces would break access logs. */
export function deniedDetails(policy: string | undefined): string {
  return `rbac_access_denied_matched_policy[${(policy ?? 'none').replaceAll(' ', '_')}]`;
}

/** What shadow rules leave for later filters and telemetry. */
export function shadowMetadata(prefix: string, isAllowed: boolean, policy: string | undefined): Record<string, unknown> {
  return {
    [`${prefix}shadow_engine_result`]: isAllowed ? 'allowed' : 'denied',
    ...(policy === undefined ? {} : { [`${prefix}shadow_effective_policy_id`]: policy }),
  };
}
