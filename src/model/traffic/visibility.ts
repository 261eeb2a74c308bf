import type { ServiceEntryVisibility, ServiceEntryVisibilityVisibility } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { labelsOfNamespaces, matchesSelector } from '../../resource/namespaces.ts';
import type { Resource } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { toKubernetes } from '../discovery.ts';

/**
 * Who may see a resource: its `exportTo`, or the mesh default of its kind, decided once when the model is built.
 * As istio pkg/config/visibility and pilot/pkg/model/push_context.go.
 */
export interface Visibility {
  /** Every namespace (`*`). */
  readonly everywhere: boolean;
  /** No namespace (`~`): not even the resource's own. */
  readonly nowhere: boolean;
  /** Namespaces named, with `.` resolved to the resource's own. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether the resource itself says it (exportTo not empty), rather than the mesh default. */
  readonly explicit: boolean;
}

/** The visibility of a resource of `namespace` with this `exportTo`; `defaults` is the mesh default for its kind. */
export function visibilityOf(
  exportTo: readonly string[] | undefined,
  namespace: string,
  defaults: readonly string[] | undefined,
): Visibility {
  const explicit = exportTo !== undefined && exportTo.length > 0;
  const targets = explicit ? exportTo : defaults !== undefined && defaults.length > 0 ? defaults : ['*'];
  const everywhere = targets.includes('*');
  const nowhere = targets.includes('~');
  return {
    everywhere,
    nowhere: nowhere && !everywhere,
    namespaces: new Set(targets.filter((t) => t !== '*' && t !== '~').map((t) => (t === '.' ? namespace : t))),
    explicit,
  };
}

/**
 * The defaults for Services or VirtualServices that count. Some releases look for `.`, then for `*`, and for nothing else, so that
 * nobody sees what has neither. As istio pilot/pkg/model/push_context.go initServiceRegistry, initVirtualServices.
 */
export function effectiveDefaults(
  defaults: readonly string[] | undefined,
  { readsWholeDefaultExports }: Behaviours,
): readonly string[] | undefined {
  if (readsWholeDefaultExports || defaults === undefined || defaults.length === 0) return defaults;
  return [['.', '*'].find((target) => defaults.includes(target)) ?? '~'];
}

/**
 * What the mesh leaves of the visibility of a ServiceEntry: all, its own namespace, or nothing.
 * As istio pilot/pkg/model/push_context.go serviceExportTo.
 */
export function narrowed(visibility: Visibility, namespace: string, limit: ServiceEntryVisibilityVisibility): Visibility {
  const onlyNowhere = visibility.nowhere && visibility.namespaces.size === 0;
  if (onlyNowhere || limit === 'PUBLIC' || limit === 'VISIBILITY_UNSPECIFIED') return visibility;
  if (limit === 'NONE' || !(visibility.everywhere || visibility.namespaces.has(namespace)))
    return { ...visibility, everywhere: false, nowhere: true, namespaces: new Set() };
  return { ...visibility, everywhere: false, nowhere: false, namespaces: new Set([namespace]) };
}

/**
 * How far the ServiceEntries of a namespace are seen at most, by its labels: the first policy all of whose rules match decides.
 * A rule without a selector, or with a malformed one, matches nothing. As istio pilot/pkg/model/serviceentry_visibility.go VisibilityFor.
 */
export function entryVisibilities(
  settings: ServiceEntryVisibility | undefined,
  resources: readonly Resource[],
): (namespace: string) => ServiceEntryVisibilityVisibility {
  if (!settings?.applyToSidecars) return () => 'PUBLIC';
  const { defaultVisibility = 'VISIBILITY_UNSPECIFIED' } = settings;
  const policies = (settings.policies ?? []).map(({ visibility = 'VISIBILITY_UNSPECIFIED', matchingRules = [] }) => ({
    visibility,
    selectors: matchingRules.map(({ namespaceSelector }) => namespaceSelector && toKubernetes(namespaceSelector)),
  }));
  const labelsOf = labelsOfNamespaces(resources);
  return memo((namespace) => {
    const labels = labelsOf.get(namespace) ?? {};
    const policy = policies.find(({ selectors }) =>
      selectors.every((selector) => selector !== undefined && matchesSelector(selector, labels)),
    );
    return policy?.visibility ?? defaultVisibility;
  });
}

/** Whether a reader in `namespace` sees something of this visibility. */
export function isVisible(visibility: Visibility, namespace: string): boolean {
  if (visibility.everywhere) return true;
  if (visibility.nowhere) return false;
  return visibility.namespaces.has(namespace);
}
