import type { HTTPMatchRequest, HTTPRoute, StringMatch } from '../../api/istio.gen.ts';
import { addAll } from '../../util/collections.ts';
import type { EveryField, ForEveryField } from '../../util/fields.ts';
import { compact, own } from '../../util/object.ts';

/**
 * The rules that stand in place of a rule which delegates: those of the delegate, narrowed by the matches of the root's rule and
 * filled in with its other fields. A delegate's rule that no match of the root allows is left out.
 * As istio model/virtualservice.go MergeHTTPRoutes.
 */
export function mergeDelegate(root: HTTPRoute, delegateRules: readonly HTTPRoute[]): HTTPRoute[] {
  return delegateRules.flatMap((rule) => mergeRule(root, rule) ?? []);
}

function mergeRule(root: HTTPRoute, rule: HTTPRoute): HTTPRoute | undefined {
  const match = mergeMatches(root.match ?? [], rule.match ?? []);
  if (match === undefined) return undefined;
  const merged: EveryField<HTTPRoute> = {
    match,
    route: rule.route,
    redirect: rule.redirect,
    delegate: undefined,
    name: joinNames(root.name, rule.name),
    rewrite: rule.rewrite ?? root.rewrite,
    directResponse: rule.directResponse ?? root.directResponse,
    timeout: rule.timeout ?? root.timeout,
    retries: rule.retries ?? root.retries,
    fault: rule.fault ?? root.fault,
    mirror: rule.mirror ?? root.mirror,
    mirrorPercent: rule.mirrorPercent ?? root.mirrorPercent,
    mirrorPercentage: rule.mirrorPercentage ?? root.mirrorPercentage,
    corsPolicy: rule.corsPolicy ?? root.corsPolicy,
    mirrors: isEmpty(rule.mirrors) ? root.mirrors : rule.mirrors,
    headers: rule.headers ?? root.headers,
  };
  return compact({ ...rule, ...merged });
}

/** Each match of the delegate with each match of the root that allows it; undefined when one of the delegate's fits none. */
function mergeMatches(root: readonly HTTPMatchRequest[], delegate: readonly HTTPMatchRequest[]): HTTPMatchRequest[] | undefined {
  if (root.length === 0) return [...delegate];
  if (delegate.length === 0) return [...root];
  const merged: HTTPMatchRequest[] = [];
  for (const leaf of delegate) {
    const allowed = root.filter((candidate) => conflictOfMatches(candidate, leaf) === undefined);
    if (allowed.length === 0) return undefined;
    addAll(
      merged,
      allowed.map((candidate) => mergeMatch(candidate, leaf)),
    );
  }
  return merged;
}

function mergeMatch(root: HTTPMatchRequest, leaf: HTTPMatchRequest): HTTPMatchRequest {
  const merged: EveryField<HTTPMatchRequest> = {
    name: joinNames(root.name, leaf.name),
    uri: leaf.uri ?? root.uri,
    scheme: leaf.scheme ?? root.scheme,
    method: leaf.method ?? root.method,
    authority: leaf.authority ?? root.authority,
    // Those that differ are in conflict.
    ignoreUriCase: leaf.ignoreUriCase,
    headers: { ...root.headers, ...leaf.headers },
    withoutHeaders: { ...root.withoutHeaders, ...leaf.withoutHeaders },
    queryParams: { ...root.queryParams, ...leaf.queryParams },
    port: leaf.port || root.port,
    sourceLabels: { ...root.sourceLabels, ...leaf.sourceLabels },
    sourceNamespace: leaf.sourceNamespace || root.sourceNamespace,
    gateways: isEmpty(leaf.gateways) ? root.gateways : leaf.gateways,
    statPrefix: leaf.statPrefix || root.statPrefix,
  };
  return compact({ ...leaf, ...merged });
}

/** Whether what a root and a leaf say of a field cannot hold for one request; istio hasConflict. */
const conflictOf: ForEveryField<HTTPMatchRequest, (root: HTTPMatchRequest, leaf: HTTPMatchRequest) => boolean> = {
  uri: (root, leaf) => textConflicts(root.uri, leaf.uri),
  scheme: (root, leaf) => textConflicts(root.scheme, leaf.scheme),
  method: (root, leaf) => textConflicts(root.method, leaf.method),
  authority: (root, leaf) => textConflicts(root.authority, leaf.authority),
  headers: (root, leaf) => mapConflicts(root.headers, leaf.headers),
  withoutHeaders: (root, leaf) => mapConflicts(root.withoutHeaders, leaf.withoutHeaders),
  queryParams: (root, leaf) => mapConflicts(root.queryParams, leaf.queryParams),
  ignoreUriCase: (root, leaf) => (root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false),
  port: (root, leaf) => Boolean(root.port && leaf.port && root.port !== leaf.port),
  sourceNamespace: (root, leaf) => Boolean(root.sourceNamespace && root.sourceNamespace !== leaf.sourceNamespace),
  sourceLabels: (root, leaf) =>
    Object.entries(leaf.sourceLabels ?? {}).some(([name, value]) => (own(root.sourceLabels, name) ?? value) !== value),
  gateways: ({ gateways: ofRoot = [] }, { gateways: ofLeaf = [] }) =>
    ofRoot.length > 0 &&
    ofLeaf.length > 0 &&
    (ofRoot.length < ofLeaf.length || ofLeaf.some((gateway) => !ofRoot.includes(gateway))),
  name: () => false,
  statPrefix: () => false,
};
const conflictsOfFields = Object.entries(conflictOf);

/** The first field in which a match of the root and one of its delegate contradict each other; undefined when they can be joined. */
export function conflictOfMatches(root: HTTPMatchRequest, leaf: HTTPMatchRequest): string | undefined {
  return conflictsOfFields.find(([, isConflict]) => isConflict(root, leaf))?.[0];
}

function mapConflicts(
  root: Readonly<Record<string, StringMatch>> | undefined,
  leaf: Readonly<Record<string, StringMatch>> | undefined,
): boolean {
  return Object.entries(leaf ?? {}).some(([name, value]) => textConflicts(own(root, name), value));
}

/** Whether what the leaf accepts is not plainly a part of what the root accepts; istio stringMatchConflict. */
function textConflicts(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  // a regular expression cannot be compared with anything, another expression included
  if (root.regex && (leaf.regex || leaf.prefix || leaf.exact)) return true;
  if (leaf.regex && (root.regex || root.prefix || root.exact)) return true;
  if (root.exact) return Boolean(leaf.prefix) || leaf.exact !== root.exact;
  if (root.prefix) {
    const narrower = leaf.prefix || leaf.exact;
    if (narrower) return !narrower.startsWith(root.prefix);
  }
  return true;
}

function joinNames(root: string | undefined, leaf: string | undefined): string | undefined {
  if (!leaf) return root;
  return root ? `${root}-${leaf}` : leaf;
}

function isEmpty(list: readonly unknown[] | undefined): boolean {
  return list === undefined || list.length === 0;
}
