import { isObject, own } from '../util/object.ts';
import { Sealed } from '../util/sealed.ts';

/** How the items of a list of Envoy's API are to be compared. */
export interface ListRule {
  /** Whether Envoy goes by the order of the items. */
  readonly ordered: boolean;
  /** What makes an item the same one in two lists, the strongest first; undefined where an item has no such thing. */
  readonly identities: readonly ((item: Readonly<Record<string, unknown>>) => string | undefined)[];
  /** Whether items that nothing else pairs are one and the same item, changed: the first left over with the first, and so on. */
  readonly pairsRest: boolean;
}

type Identity = ListRule['identities'][number];

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : canonicalText(value);
const by =
  (...fields: readonly string[]): Identity =>
  (item) =>
    fields.some((field) => own(item, field) !== undefined)
      ? fields.map((field) => textOf(own(item, field)) ?? '').join('\n')
      : undefined;

const byMatch: Identity = ({ filterChainMatch = {} }) => canonicalText(filterChainMatch);

/** A name, or what stands for one in the items of lists without a rule. */
const byName = by('name');

const named: ListRule = { ordered: false, identities: [byName], pairsRest: false };
const namedInOrder: ListRule = { ordered: true, identities: [byName], pairsRest: false };
const anyOrder: ListRule = { ordered: false, identities: [byName], pairsRest: true };
const inOrder: ListRule = { ordered: true, identities: [byName], pairsRest: true };

const addressOfEndpoint: Identity = ({ endpoint, endpointName }) =>
  typeof endpointName === 'string' ? endpointName : textOf((endpoint as { address?: unknown } | undefined)?.address);

/**
 * The lists in which Envoy does not go by the order of the items, or whose items have an identity other than a name; by field, or by
 * the field that holds the message and the field in it. All others are in order.
 */
const rules: Readonly<Record<string, ListRule>> = {
  // Envoy takes the most specific match and refuses two chains with the same one.
  filterChains: {
    ordered: false,
    identities: [by('name', 'filterChainMatch'), byMatch, byName],
    pairsRest: false,
  },
  prefixRanges: anyOrder,
  sourcePrefixRanges: anyOrder,
  directSourcePrefixRanges: anyOrder,
  sourcePorts: anyOrder,
  serverNames: anyOrder,
  applicationProtocols: anyOrder,
  listenerFilters: namedInOrder,
  filters: namedInOrder,
  httpFilters: namedInOrder,
  upgradeConfigs: { ordered: false, identities: [by('upgradeType')], pairsRest: false },
  customTags: { ordered: false, identities: [by('tag')], pairsRest: false },
  accessLog: anyOrder,
  // A virtual host is found by its domains, whichever stands first.
  virtualHosts: named,
  domains: anyOrder,
  // The first route that matches wins.
  routes: { ordered: true, identities: [by('name', 'match'), by('match'), byName], pairsRest: true },
  'match.headers': { ordered: false, identities: [by('name')], pairsRest: false },
  'match.queryParameters': named,
  'match.dynamicMetadata': anyOrder,
  'weightedClusters.clusters': named,
  requestHeadersToRemove: anyOrder,
  responseHeadersToRemove: anyOrder,
  retriableStatusCodes: anyOrder,
  retryHostPredicate: named,
  requestMirrorPolicies: { ordered: false, identities: [by('cluster')], pairsRest: true },
  allowOriginStringMatch: anyOrder,
  // A policy holds when one permission and one principal do.
  permissions: anyOrder,
  principals: anyOrder,
  'andRules.rules': anyOrder,
  'orRules.rules': anyOrder,
  'andIds.ids': anyOrder,
  'orIds.ids': anyOrder,
  'valueMatch.orMatch': anyOrder,
  audiences: anyOrder,
  matchTypedSubjectAltNames: anyOrder,
  matchSubjectAltNames: anyOrder,
  verifyCertificateHash: anyOrder,
  verifyCertificateSpki: anyOrder,
  transportSocketMatches: namedInOrder,
  // Groups of the same locality and priority are one.
  endpoints: {
    ordered: false,
    identities: [
      ({ locality, priority }) => `${priority ?? 0} ${canonicalText(locality ?? {})}`,
      ({ locality }) => canonicalText(locality ?? {}),
    ],
    pairsRest: false,
  },
  lbEndpoints: { ordered: false, identities: [addressOfEndpoint], pairsRest: false },
  healthChecks: inOrder,
};

/** The rule of the list in a field; `parent` is the field whose message has that field. */
export function listRule(field: string, parent: string): ListRule {
  return rules[`${parent}.${field}`] ?? own(rules, field) ?? inOrder;
}

/**
 * A text that is the same for values which mean the same: the order of fields, and of items where Envoy ignores it, is none of it. It is
 * for comparison only: what is sealed is open in it.
 */
export function canonicalText(value: unknown, field = '', parent = ''): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonicalText(item, field, parent));
    return `[${(listRule(field, parent).ordered ? items : items.sort()).join(',')}]`;
  }
  if (value instanceof Sealed) return canonicalText(value.reveal());
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(own(value, key), key, field)}`);
  return `{${members.join(',')}}`;
}
