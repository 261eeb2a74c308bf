import type { Change, TracedChange } from '../../diff/changes.ts';
import { memo } from '../../util/memo.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { ChangeGroup } from './report.ts';

/** Says what makes a proxy's change. */
type Explain<Cause> = (proxy: string, change: TracedChange) => readonly Cause[];

interface Entry {
  readonly change: Change;
  readonly proxies: string[];
}

/**
 * The changes of all proxies by what causes them; equal changes are told once, those of the same proxies together. `causeId` is equal
 * for the same cause.
 */
export function groupChanges<Cause>(
  changesOf: ChangesOf,
  explain: Explain<Cause>,
  causeId: (cause: Cause) => string,
): readonly { readonly causes: readonly Cause[]; readonly groups: readonly ChangeGroup[] }[] {
  const groups = new Map<string, { readonly causes: readonly Cause[]; readonly entries: Map<string, Entry> }>();
  const idOf = memo((causes: readonly Cause[]) => causes.map(causeId).join('\n'));
  for (const [proxy, changes] of changesOf) {
    for (const traced of changes) {
      const causes = explain(proxy, traced);
      const id = idOf(causes);
      const group = groups.get(id) ?? { causes, entries: new Map<string, Entry>() };
      groups.set(id, group);
      const entry = group.entries.get(traced.key) ?? { change: traced.change, proxies: [] };
      group.entries.set(traced.key, entry);
      entry.proxies.push(proxy);
    }
  }
  return [...groups]
    .sort(([a, left], [b, right]) => Number(left.causes.length === 0) - Number(right.causes.length === 0) || (a < b ? -1 : 1))
    .map(([, { causes, entries }]) => ({ causes, groups: byProxies([...entries.values()]) }));
}

function byProxies(entries: readonly Entry[]): readonly ChangeGroup[] {
  const groups = new Map<string, { readonly proxies: readonly string[]; readonly changes: Change[] }>();
  for (const { change, proxies } of entries) {
    const id = proxies.join('\n');
    const group = groups.get(id) ?? { proxies, changes: [] };
    groups.set(id, group);
    group.changes.push(change);
  }
  return [...groups.values()].sort((a, b) => b.proxies.length - a.proxies.length);
}
