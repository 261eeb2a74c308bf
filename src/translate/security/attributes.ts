import { any } from '../../envoy/any.ts';
import type { Permission, Principal, StringMatcher, ValueMatcher } from '../../envoy/api.gen.ts';
import { parseCidr } from '../../util/cidr.ts';
import { isObject } from '../../util/object.ts';
import { quoteMeta, trimCharacters } from '../../util/text.ts';
import { PEER_PRINCIPAL } from '../http-filters/tunnel.ts';
import {
  anyOfValues,
  anyText,
  anyValue,
  claimHolds,
  claimIs,
  exactly,
  headerMatching,
  matchingRegex,
  matchingValue,
  metadataMatching,
  withPrefix,
  withSuffix,
} from './matchers.ts';
import type { OperationAttribute, SourceAttribute } from './rule-model.ts';

/** Where a rule is enforced, and whose it is. */
export interface RuleContext {
  /** On connections instead of requests: what only requests have cannot be asked for. */
  readonly forTcp: boolean;
  /** What tells who the peer is: its certificate, or the end of the tunnel (HBONE) that the connection came through. */
  readonly peer: 'connection' | 'tunnel';
  /** Namespace of the policy, for service accounts that name none. */
  readonly namespace: string;
}

/** A matcher, or why there is none. */
export type Matched<T> = T | Unmatched;

/** Why an attribute gives no matcher. */
export interface Unmatched {
  readonly problem: string;
  /** The attribute exists on requests only and the rule is for connections: not a mistake of the user. */
  readonly httpOnly: boolean;
}

/** Whether there is no matcher. */
export function isProblem(outcome: unknown): outcome is Unmatched {
  return isObject(outcome) && typeof outcome.problem === 'string';
}

function problem(reason: string, httpOnly = false): Unmatched {
  return { problem: reason, httpOnly };
}

/**
 * How an attribute becomes Envoy's matcher: value by value (`each`; several are then joined by "or"), or all values at once
 * (`all`). `key` is that of the condition.
 */
export type AttributeMatcher<T> =
  | { readonly each: (value: string, key: string, context: RuleContext) => Matched<T> }
  | { readonly all: (values: readonly string[], key: string, context: RuleContext) => Matched<T> };

/** Matchers of what is asked of an operation. As istio pilot/pkg/security/authz/model/generator.go. */
export const operationMatchers: Readonly<Record<OperationAttribute, AttributeMatcher<Permission>>> = {
  host: { each: onRequests((value) => ({ header: headerMatching(':authority', value, true) })) },
  method: { each: onRequests((value) => ({ header: headerMatching(':method', value) })) },
  path: { each: onRequests(pathMatcher) },
  destinationPort: {
    each: (value) => {
      const port = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      return port <= 65535 ? { destinationPort: port } : problem(`"${value}" is no port`);
    },
  },
  destinationIp: { each: (value) => rangeMatcher(value, (destinationIp) => ({ destinationIp })) },
  sni: { each: (value) => ({ requestedServerName: matchingValue(value) }) },
  filterMetadata: { all: filterMetadataMatcher },
};

/** Matchers of what is asked of a source. */
export const sourceMatchers: Readonly<Record<SourceAttribute, AttributeMatcher<Principal>>> = {
  principal: { each: (value, _, context) => authenticated(matchingValue(value, 'spiffe://'), context) },
  requestPrincipal: { all: onRequests(requestPrincipalMatcher) },
  serviceAccount: { each: (value, _, context) => authenticated(serviceAccountMatcher(value, context.namespace), context) },
  trustDomain: { each: (value, _, context) => authenticated(trustDomainMatcher(value), context) },
  namespace: {
    each: (value, _, context) => authenticated(matchingRegex(`.*/ns/${value.split('*').map(quoteMeta).join('.*')}/.*`), context),
  },
  remoteIp: { each: (value) => rangeMatcher(value, (remoteIp) => ({ remoteIp })) },
  sourceIp: { each: (value) => rangeMatcher(value, (directRemoteIp) => ({ directRemoteIp })) },
  audience: { all: onRequests((values) => ({ metadata: claimHolds(['aud'], anyOfValues(values)) })) },
  presenter: { all: onRequests((values) => ({ metadata: claimHolds(['azp'], anyOfValues(values)) })) },
  header: {
    each: onRequests((value, key) => {
      const name = nameInBrackets(key.slice('request.headers'.length));
      return isProblem(name) ? name : { header: headerMatching(name, value) };
    }),
  },
  claim: {
    all: onRequests((values, key) => {
      const claims = namesInBrackets(key.slice('request.auth.claims'.length));
      return isProblem(claims) ? claims : { metadata: claimHolds(claims, anyOfValues(values)) };
    }),
  },
};

type Builder<V, T> = (value: V, key: string, context: RuleContext) => Matched<T>;

function onRequests<V, T>(build: Builder<V, T>): Builder<V, T> {
  return (value, key, context) =>
    context.forTcp ? problem(`"${key}" exists on requests only`, true) : build(value, key, context);
}

function authenticated(principalName: StringMatcher, { peer }: RuleContext): Principal {
  return peer === 'tunnel'
    ? { filterState: { key: PEER_PRINCIPAL, stringMatch: principalName } }
    : { authenticated: { principalName } };
}

function rangeMatcher<T>(value: string, build: (range: { addressPrefix: string; prefixLen: number }) => T): Matched<T> {
  const cidr = parseCidr(value);
  return cidr
    ? build({ addressPrefix: cidr.address, prefixLen: cidr.length })
    : problem(`"${value}" is no address or CIDR range`);
}

/** `{*}` stands for one segment of a path, `{**}` for any number; a path with either is a template. */
function pathMatcher(value: string): Permission {
  if (!/\{\*\*?\}/.test(value)) return { urlPath: { path: matchingValue(value) } };
  const pathTemplate = value.replace(/\{(\*\*?)\}/g, '$1');
  return {
    uriTemplate: {
      name: 'uri-template',
      typedConfig: any('type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig', {
        pathTemplate,
      }),
    },
  };
}

/** `experimental.envoy.filters.a.b[c]` is key `c` of filter `envoy.filters.a.b`; a value in brackets is an element of a list. */
function filterMetadataMatcher(values: readonly string[], key: string): Matched<Permission> {
  const name = key.slice('experimental.'.length).replace(/\]$/, '');
  const bracket = name.indexOf('[');
  if (bracket === -1) return problem(`"${key}" names no metadata key in brackets`);
  const matchers = values.map((value): ValueMatcher => {
    if (!value.startsWith('[') || !value.endsWith(']')) return { stringMatch: matchingValue(value) };
    return { listMatch: { oneOf: { stringMatch: matchingValue(trimCharacters(value, '[]')) } } };
  });
  return { metadata: metadataMatching(name.slice(0, bracket), [name.slice(bracket + 1)], anyValue(matchers)) };
}

/** `<name>` or `<namespace>/<name>`: a SPIFFE identity that holds both, with anything else between and after. */
function serviceAccountMatcher(value: string, ownNamespace: string): StringMatcher {
  const slash = value.indexOf('/');
  const namespace = slash === -1 ? ownNamespace : value.slice(0, slash);
  const name = value.slice(slash + 1);
  return matchingRegex(`spiffe://.+/ns/${quoteMeta(namespace)}/(.+/|)sa/${quoteMeta(name)}(/.+)?`);
}

function trustDomainMatcher(value: string): StringMatcher {
  if (value === '*') return withPrefix('spiffe://');
  const star = value.indexOf('*');
  if (star === -1) return withPrefix(`spiffe://${value}/`);
  return matchingRegex(`spiffe://${quoteMeta(value.slice(0, star))}[^/]*${quoteMeta(value.slice(star + 1))}/.*`);
}

/** `<issuer>/<subject>` with a wildcard at either end; the issuer may be a URL, so the last slash parts them. */
function requestPrincipalMatcher(values: readonly string[]): Principal {
  const principals = values.map((value): Principal => {
    const { issuer, subject } = issuerAndSubject(value);
    return { andIds: { ids: [{ metadata: claimIs('iss', issuer) }, { metadata: claimIs('sub', subject) }] } };
  });
  const [only] = principals;
  return principals.length === 1 && only !== undefined ? only : { orIds: { ids: principals } };
}

function issuerAndSubject(value: string): { issuer: StringMatcher; subject: StringMatcher } {
  if (value === '*') return { issuer: anyText, subject: anyText };
  const slash = value.lastIndexOf('/');
  const issuer = slash === -1 ? value : value.slice(0, slash);
  const subject = slash === -1 ? '' : value.slice(slash + 1);
  if (value.startsWith('*')) {
    if (slash === -1) return { issuer: anyText, subject: withSuffix(value.slice(1)) };
    return { issuer: issuer === '*' ? anyText : withSuffix(issuer.slice(1)), subject: exactly(subject) };
  }
  if (value.endsWith('*')) {
    if (slash === -1) return { issuer: withPrefix(value.slice(0, -1)), subject: anyText };
    return { issuer: exactly(issuer), subject: subject === '*' ? anyText : withPrefix(subject.slice(0, -1)) };
  }
  return { issuer: exactly(issuer), subject: exactly(subject) };
}

function nameInBrackets(text: string): Matched<string> {
  if (!text.startsWith('[') || !text.endsWith(']')) return problem(`expected a name in brackets, found "${text}"`);
  return text.slice(1, -1);
}

/** `[a][b]` is a path of names; anything else in one pair of brackets is a single name. */
function namesInBrackets(text: string): Matched<readonly string[]> {
  if (/^(\[[^[\]]*\])*$/.test(text)) return [...text.matchAll(/\[([^[\]]*)\]/g)].map(([, name = '']) => name);
  const name = nameInBrackets(text);
  return isProblem(name) ? name : [name];
}
