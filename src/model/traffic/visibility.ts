import type { Behaviours } from '../../releases/release.ts';

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

/** Whether a reader in `namespace` sees something of this visibility. */
export function isVisible(visibility: Visibility, namespace: string): boolean {
  if (visibility.everywhere) return true;
  if (visibility.nowhere) return false;
  return visibility.namespaces.has(namespace);
}
