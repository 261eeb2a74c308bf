import type { Change } from '../../diff/changes.ts';
import { canonicalText } from '../../diff/list-rules.ts';
import { append } from '../../util/collections.ts';
import { groupChanges } from '../diff/group-changes.ts';
import type { ChangesOf } from '../diff/proxy-changes.ts';
import type { ChangeGroup } from '../diff/report.ts';
import type { ChangeForm, UpgradeCause, UpgradeEffect } from './report.ts';

/** The changes of all proxies by what makes them, the widest first; each change once, in its form and in full. */
export function effectsOfCauses(
  changesOf: ChangesOf,
  explain: Parameters<typeof groupChanges<UpgradeCause>>[1],
): readonly UpgradeEffect[] {
  return groupChanges(changesOf, explain, causeId)
    .map(({ causes, groups }) => ({
      causes,
      proxies: [...new Set(groups.flatMap(({ proxies }) => proxies))].sort(),
      resources: new Set(groups.flatMap(resourcesOf)).size,
      forms: formsOf(groups),
      groups,
    }))
    .sort((a, b) => Number(a.causes.length === 0) - Number(b.causes.length === 0) || b.resources - a.resources);
}

/** Equal for the same cause; one behaviour can differ in several ways, each in clusters of its own. */
export function causeId(cause: UpgradeCause): string {
  const name = cause.kind === 'behaviour' ? cause.name : cause.kind;
  return [name, ...(cause.clusters ?? [])].join(' ');
}

function resourcesOf({ proxies, changes }: ChangeGroup): readonly string[] {
  return changes.flatMap(({ type, resource }) => proxies.map((proxy) => [proxy, type, resource].join('\n')));
}

interface Occurrence {
  readonly change: Change;
  readonly proxies: readonly string[];
}

function formsOf(groups: readonly ChangeGroup[]): readonly ChangeForm[] {
  const byForm = new Map<string, Occurrence[]>();
  for (const { proxies, changes } of groups) {
    for (const change of changes) append(byForm, [change.kind, change.type, whereOf(change)].join('\n'), { change, proxies });
  }
  return [...byForm.values()].flatMap(formOf).sort((a, b) => b.resources - a.resources);
}

function formOf(occurrences: readonly Occurrence[]): readonly ChangeForm[] {
  const [first] = occurrences;
  if (first === undefined) return [];
  const { kind, type, before, after } = first.change;
  const where = whereOf(first.change);
  const texts = new Set(occurrences.map(({ change }) => canonicalText([change.before ?? null, change.after ?? null])));
  const isOne = where !== '' && kind !== 'moved' && texts.size === 1;
  return [
    {
      kind,
      type,
      where,
      ...(isOne && before !== undefined && { before }),
      ...(isOne && after !== undefined && { after }),
      resources: new Set(occurrences.flatMap(({ change, proxies }) => resourcesOf({ proxies, changes: [change] }))).size,
      proxies: new Set(occurrences.flatMap(({ proxies }) => proxies)).size,
    },
  ];
}

/** The place of a change without the indexes of items. */
function whereOf({ path }: Change): string {
  return path
    .map((step) => (typeof step === 'number' ? '[]' : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
