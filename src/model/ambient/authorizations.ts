import type { Condition, Operation, Rule, Source } from '../../api/istio.gen.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { parseCidr } from '../../util/cidr.ts';
import { own } from '../../util/object.ts';
import { isDryRun, targetRefsOf } from '../security/policies.ts';

/** A text that a connection's text is compared with; istio security.StringMatch. */
export type TextMatch =
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly presence: Readonly<Record<string, never>> };

/** A range of addresses. */
export interface AddressMatch {
  readonly address: string;
  readonly length: number;
}

/** Conditions on a connection, of which each that is there must hold; istio security.Match. */
export interface ConnectionMatch {
  readonly namespaces?: readonly TextMatch[];
  readonly notNamespaces?: readonly TextMatch[];
  readonly principals?: readonly TextMatch[];
  readonly notPrincipals?: readonly TextMatch[];
  readonly serviceAccounts?: readonly { readonly namespace: string; readonly serviceAccount: string }[];
  readonly notServiceAccounts?: readonly { readonly namespace: string; readonly serviceAccount: string }[];
  readonly sourceIps?: readonly AddressMatch[];
  readonly notSourceIps?: readonly AddressMatch[];
  readonly destinationIps?: readonly AddressMatch[];
  readonly notDestinationIps?: readonly AddressMatch[];
  readonly destinationPorts?: readonly number[];
  readonly notDestinationPorts?: readonly number[];
}

/** Of the matches of a rule one must hold, and so of the groups; of the rules of a group all must. */
export type Rules = readonly ConnectionMatch[];
export type Group = readonly Rules[];

/** A policy that ztunnel enforces; istio security.Authorization. */
export interface Authorization {
  readonly name: string;
  readonly namespace: string;
  readonly scope: 'GLOBAL' | 'NAMESPACE' | 'WORKLOAD_SELECTOR';
  readonly action: 'ALLOW' | 'DENY';
  readonly groups: readonly Group[];
  /** Only tried out. */
  readonly dryRun?: true;
  /** The resource that it is made of. */
  readonly resource: Resource;
  /** Which of the rules of the resource each group is made of; undefined where it is made of none. */
  readonly rules?: readonly number[];
}

/** What becomes of an AuthorizationPolicy at ztunnel. */
export interface ConvertedPolicy {
  /** Undefined where ztunnel is not told of it. */
  readonly authorization: Authorization | undefined;
  /** Why ztunnel is not told of it, though it would concern it. */
  readonly refused?: 'dryRun' | 'action';
  /** Attributes of HTTP in its rules, sorted, of which ztunnel knows nothing. */
  readonly httpAttributes: readonly string[];
  readonly selector: Labels | undefined;
  readonly resource: ResourceOf<'AuthorizationPolicy'>;
}

/** As istio ambient/authorization.go convertAuthorizationPolicy. Policies with targetRefs are for waypoints and gateways alone. */
export function convertPolicy(
  resource: ResourceOf<'AuthorizationPolicy'>,
  rootNamespace: string,
  sendsDryRun: boolean,
): ConvertedPolicy {
  const { name, namespace, spec } = resource;
  const { action = 'ALLOW', selector, rules = [] } = spec;
  const base = { selector: selector?.matchLabels, httpAttributes: [], resource, authorization: undefined };
  const dryRun = isDryRun(resource);
  if (dryRun && !sendsDryRun) return { ...base, refused: 'dryRun' };
  if (targetRefsOf(spec).length > 0) return base;
  if (action !== 'ALLOW' && action !== 'DENY') return { ...base, refused: 'action' };
  const converted = rules.map((rule, index) => ({ ...convertRule(rule, namespace), index }));
  // A rule that asks for more than ztunnel knows allows nothing there, and denies what is left of it.
  const kept = converted.filter(({ httpAttributes }) => action === 'DENY' || httpAttributes.length === 0);
  const scope = selector !== undefined ? 'WORKLOAD_SELECTOR' : namespace === rootNamespace ? 'GLOBAL' : 'NAMESPACE';
  return {
    ...base,
    authorization: {
      name,
      namespace,
      scope,
      action,
      groups: kept.map(({ group }) => group),
      ...(dryRun && { dryRun }),
      resource,
      rules: kept.map(({ index }) => index),
    },
    httpAttributes: [...new Set(converted.flatMap(({ httpAttributes }) => httpAttributes))].sort(),
  };
}

const httpOperations = ['hosts', 'notHosts', 'methods', 'notMethods', 'paths', 'notPaths'] as const satisfies (keyof Operation)[];
const httpSources = [
  'remoteIpBlocks',
  'notRemoteIpBlocks',
  'requestPrincipals',
  'notRequestPrincipals',
] as const satisfies (keyof Source)[];

/** As handleRule: what the operations ask, what the sources ask, and each further condition, in this order. */
function convertRule(
  { to = [], from = [], when = [] }: Rule,
  namespace: string,
): { readonly group: Group; readonly httpAttributes: readonly string[] } {
  const operations = to.map(({ operation = {} }) => operation);
  const sources = from.map(({ source = {} }) => source);
  const group = [operations.map(operationMatch), sources.map((source) => sourceMatch(source, namespace))]
    .filter((rules) => rules.length > 0)
    .concat(when.map((condition) => [conditionMatch(condition)]));
  const used = <Fields extends object>(fields: Fields, names: readonly (keyof Fields & string)[]): string[] =>
    names.filter((name) => Array.isArray(fields[name]) && fields[name].length > 0);
  return {
    group,
    httpAttributes: [
      ...operations.flatMap((operation) => used(operation, httpOperations)),
      ...sources.flatMap((source) => used(source, httpSources)),
      ...when.flatMap(({ key = '' }) => (own(conditions, key) === undefined ? [key] : [])),
    ],
  };
}

function operationMatch({ ports = [], notPorts = [] }: Operation): ConnectionMatch {
  return { destinationPorts: portsOf(ports), notDestinationPorts: portsOf(notPorts) };
}

function sourceMatch(source: Source, namespace: string): ConnectionMatch {
  return {
    sourceIps: rangesOf(source.ipBlocks),
    notSourceIps: rangesOf(source.notIpBlocks),
    namespaces: textsOf(source.namespaces),
    notNamespaces: textsOf(source.notNamespaces),
    serviceAccounts: accountsOf(source.serviceAccounts, namespace),
    notServiceAccounts: accountsOf(source.notServiceAccounts, namespace),
    principals: textsOf(source.principals),
    notPrincipals: textsOf(source.notPrincipals),
  };
}

/** What the keys of further conditions mean that ztunnel knows. */
const conditions: Readonly<Record<string, (values: readonly string[], notValues: readonly string[]) => ConnectionMatch>> = {
  'source.namespace': (values, not) => ({ namespaces: textsOf(values), notNamespaces: textsOf(not) }),
  'source.principal': (values, not) => ({ principals: textsOf(values), notPrincipals: textsOf(not) }),
  'source.ip': (values, not) => ({ sourceIps: rangesOf(values), notSourceIps: rangesOf(not) }),
  'destination.ip': (values, not) => ({ destinationIps: rangesOf(values), notDestinationIps: rangesOf(not) }),
  'destination.port': (values, not) => ({ destinationPorts: portsOf(values), notDestinationPorts: portsOf(not) }),
};

function conditionMatch({ key = '', values = [], notValues = [] }: Condition): ConnectionMatch {
  return own(conditions, key)?.(values, notValues) ?? {};
}

function textsOf(texts: readonly string[] = []): readonly TextMatch[] {
  return texts.map((text) => {
    if (text === '*') return { presence: {} };
    if (text.startsWith('*')) return { suffix: text.slice(1) };
    return text.endsWith('*') ? { prefix: text.slice(0, -1) } : { exact: text };
  });
}

/** `namespace/account`, or an account of the policy's own namespace. */
function accountsOf(
  accounts: readonly string[] = [],
  ownNamespace: string,
): readonly { readonly namespace: string; readonly serviceAccount: string }[] {
  return accounts.map((account) => {
    const slash = account.indexOf('/');
    return slash === -1
      ? { namespace: ownNamespace, serviceAccount: account }
      : { namespace: account.slice(0, slash), serviceAccount: account.slice(slash + 1) };
  });
}

/** Numbers that are no ports are passed over. */
function portsOf(texts: readonly string[] = []): readonly number[] {
  return texts.filter((text) => /^\d{1,10}$/.test(text) && Number(text) <= 65535).map(Number);
}

/** Texts that are neither addresses nor ranges are passed over. */
function rangesOf(texts: readonly string[] = []): readonly AddressMatch[] {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
