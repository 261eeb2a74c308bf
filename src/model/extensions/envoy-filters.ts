import type {
  EnvoyFilterApplyTo,
  EnvoyFilterEnvoyConfigObjectMatch,
  EnvoyFilterPatchContext,
  EnvoyFilterPatchOperation,
  EnvoyFilterProxyMatch,
} from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { findsExpression } from '../../util/re2.ts';
import { compareText } from '../../util/text.ts';
import { creationTime } from '../order.ts';
import type { Proxy } from '../proxies/proxy.ts';
import { factsOf } from '../proxies/roles.ts';
import { type PolicyWorkload, policyAttaches, policyWorkload } from '../security/policies.ts';

/** One entry of `configPatches`, with what protobuf leaves out filled in. */
export interface EnvoyPatch {
  readonly resource: ResourceOf<'EnvoyFilter'>;
  /** Its place in `spec.configPatches`. */
  readonly index: number;
  readonly applyTo: EnvoyFilterApplyTo;
  readonly operation: EnvoyFilterPatchOperation;
  readonly context: EnvoyFilterPatchContext;
  readonly match: EnvoyFilterEnvoyConfigObjectMatch;
  /** As the user wrote it; undefined where there is none, as for REMOVE. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** The EnvoyFilters of the mesh, ready for lookup. */
export interface EnvoyFilterIndex {
  /** Every patch of every EnvoyFilter, in the order in which they apply where they meet. */
  readonly patches: readonly EnvoyPatch[];
  /** Those for a proxy, in the order in which they apply; the same list for all proxies that share them. */
  forProxy(proxy: Proxy): readonly EnvoyPatch[];
  /** The EnvoyFilters that select a proxy, whether a patch of them is for it or not. */
  selectedFor(proxy: Proxy): readonly ResourceOf<'EnvoyFilter'>[];
}

interface Selected {
  readonly resource: ResourceOf<'EnvoyFilter'>;
  readonly patches: readonly EnvoyPatch[];
}

/**
 * Indexes the EnvoyFilters. A proxy gets those of the root namespace and of its own that select it, by priority, then those of
 * the root namespace first, then the oldest, then by name; of each the patches that are for its version and metadata.
 * As istio pilot/pkg/model/push_context.go EnvoyFilters and envoyfilter.go convertToEnvoyFilterWrapper, proxyMatch.
 */
export function buildEnvoyFilters(
  resources: readonly ResourceOf<'EnvoyFilter'>[],
  rootNamespace: string,
  behaviours: Behaviours,
): EnvoyFilterIndex {
  const selected: readonly Selected[] = [...resources]
    .sort((a, b) => compareFilters(a, b, rootNamespace) || compareNames(a, b, behaviours.ordersFiltersByName))
    .map((resource) => ({ resource, patches: readPatches(resource) }));
  const lists = new Map<string, readonly EnvoyPatch[]>();
  const matchesVersion = memo(findsVersion);
  const matchesProxy = (match: EnvoyFilterProxyMatch | undefined, proxy: Proxy): boolean => {
    if (match === undefined) return true;
    const { proxyVersion = '' } = match;
    if (behaviours.limitsProxyVersions && isLongProxyVersion(proxyVersion)) return false;
    if (proxyVersion !== '' && !matchesVersion(proxyVersion, proxy.istioVersion)) return false;
    return Object.entries(match.metadata ?? {}).every(([key, value]) => nodeMetadata(proxy, key) === value);
  };

  const selectedFor = (proxy: Proxy): readonly Selected[] =>
    selected
      .filter(({ resource }) => resource.namespace === rootNamespace || resource.namespace === proxy.namespace)
      .filter(({ resource }) => isSelected(resource, policyWorkload(proxy, rootNamespace), behaviours));

  return {
    selectedFor: (proxy) => selectedFor(proxy).map(({ resource }) => resource),
    patches: selected.flatMap(({ patches }) => patches),
    forProxy(proxy) {
      const patches = selectedFor(proxy)
        .flatMap((filter) => filter.patches)
        .filter(({ match }) => matchesProxy(match.proxy, proxy));
      const key = patches.map(({ resource, index }) => `${resource.namespace}/${resource.name}/${index}`).join(' ');
      const known = lists.get(key);
      if (known !== undefined) return known;
      lists.set(key, patches);
      return patches;
    },
  };
}

function isSelected({ spec, namespace }: ResourceOf<'EnvoyFilter'>, workload: PolicyWorkload, behaviours: Behaviours): boolean {
  const selector = { matchLabels: spec.workloadSelector?.labels ?? {} };
  return policyAttaches({ selector, targetRefs: spec.targetRefs ?? [] }, namespace, workload, behaviours);
}

function compareFilters(a: ResourceOf<'EnvoyFilter'>, b: ResourceOf<'EnvoyFilter'>, rootNamespace: string): number {
  const byPriority = (a.spec.priority ?? 0) - (b.spec.priority ?? 0);
  if (byPriority !== 0) return byPriority;
  const byRoot = Number(b.namespace === rootNamespace) - Number(a.namespace === rootNamespace);
  if (byRoot !== 0) return byRoot;
  const [timeA, timeB] = [creationTime(a), creationTime(b)];
  return timeA === timeB ? 0 : timeA < timeB ? -1 : 1;
}

/**
 * Of filters of one namespace; those of two namespaces never meet. With the namespace behind them, `a-b` comes before `a`.
 * As istio sortEnvoyFilters, and what stood in its place before.
 */
function compareNames(a: ResourceOf<'EnvoyFilter'>, b: ResourceOf<'EnvoyFilter'>, alone: boolean): number {
  return alone ? compareText(a.name, b.name) : compareText(`${a.name}.${a.namespace}`, `${b.name}.${b.namespace}`);
}

/** The objects whose lists a patch can insert into at a place; for all others inserting is adding. */
const insertable: readonly EnvoyFilterApplyTo[] = ['HTTP_FILTER', 'NETWORK_FILTER', 'HTTP_ROUTE', 'LISTENER_FILTER'];

function readPatches(resource: ResourceOf<'EnvoyFilter'>): readonly EnvoyPatch[] {
  return (resource.spec.configPatches ?? []).flatMap(({ applyTo = 'INVALID', match = {}, patch }, index) => {
    if (patch === undefined) return [];
    const operation = patch.operation ?? 'INVALID';
    const adds = operation.startsWith('INSERT_') && !insertable.includes(applyTo);
    return [
      {
        resource,
        index,
        applyTo,
        operation: adds ? 'ADD' : operation,
        context: match.context ?? 'ANY',
        match,
        value: patch.value,
      },
    ];
  });
}

/** The most characters of an expression for versions that istiod reads. */
export const MAX_PROXY_VERSION = 1024;

/** Whether an expression for versions is longer than some releases read. */
export function isLongProxyVersion(expression: string): boolean {
  return expression.length > MAX_PROXY_VERSION / 4 && new TextEncoder().encode(expression).length > MAX_PROXY_VERSION;
}

/** Whether the expression matches somewhere in the version of a proxy; one that is not valid restricts nothing. */
function findsVersion(expression: string, version: string): boolean {
  return findsExpression(expression, version) ?? true;
}

/** The metadata with text values that a proxy sends, as istio pkg/bootstrap/config.go GetNodeMetaData collects it. */
function nodeMetadata(proxy: Proxy, key: string): string | undefined {
  switch (key) {
    case 'NAME':
      return proxy.name;
    case 'NAMESPACE':
      return proxy.namespace;
    case 'CLUSTER_ID':
      return proxy.clusterId;
    case 'MESH_ID':
      return 'cluster.local';
    case 'ISTIO_VERSION':
      return proxy.istioVersion;
    case 'SERVICE_ACCOUNT':
      return proxy.serviceAccount;
    case 'WORKLOAD_NAME':
      return proxy.workloadName;
    case 'NODE_NAME':
      return proxy.nodeName;
    case 'NETWORK':
      return proxy.network === '' ? undefined : proxy.network;
    case 'INTERCEPTION_MODE':
      return factsOf[proxy.role].reportedInterception ?? proxy.interceptionMode;
    default:
      return proxy.proxyConfig.proxyMetadata?.[`ISTIO_META_${key}`];
  }
}
