import type { Report } from '../diagnostics/diagnostic.ts';
import { podsNotExpanded } from '../diagnostics/problems/repositories.ts';
import type { Release } from '../releases/release.ts';
import { indexKinds } from '../resource/kinds.ts';
import { isOtherWorkload } from '../resource/other-workloads.ts';
import type { SourceDocument } from '../source/document.ts';
import { isObject } from '../util/object.ts';
import { compareText } from '../util/text.ts';

/** What of an input nobody looked at, since it is not for mesh. */
export interface PassedOver {
  /** Files that nobody named and that hold no Kubernetes object. */
  readonly files: readonly string[];
  /** Kinds that mesh does not read, with the number of their documents; sorted by name. */
  readonly kinds: readonly PassedOverKind[];
}

/** A kind that mesh does not read. */
export interface PassedOverKind {
  /** Group and kind. */
  readonly name: string;
  readonly documents: number;
}

/** Tells of the kinds that are passed over although they stand for pods, once each. */
export function tellUnexpanded(documents: readonly SourceDocument[], { kinds }: PassedOver, report: Report): void {
  for (const { name } of kinds) {
    const slash = name.lastIndexOf('/');
    const group = name.slice(0, Math.max(0, slash));
    const kind = name.slice(slash + 1);
    const [first, ...others] = documents.filter(({ value }) => isOf(value, group, kind) && hasPods(value));
    if (first === undefined) continue;
    const shown = group === '' ? kind : `${kind} (${group})`;
    report(podsNotExpanded({ location: first.locate(['kind']), path: ['kind'] }, shown, others.length + 1));
  }
}

function isOf(value: unknown, group: string, kind: string): boolean {
  if (!isObject(value) || value.kind !== kind || typeof value.apiVersion !== 'string') return false;
  return group === '' ? !value.apiVersion.includes('/') : value.apiVersion.startsWith(`${group}/`);
}

function hasPods(value: unknown): boolean {
  const template = isObject(value) && isObject(value.spec) ? value.spec.template : undefined;
  const spec = isObject(template) ? template.spec : undefined;
  return isObject(spec) && Array.isArray(spec.containers);
}

/** Counts what is passed over. */
export function passedOver(files: readonly string[], documents: readonly SourceDocument[], release: Release): PassedOver {
  const kindOf = indexKinds(release);
  const counts = new Map<string, number>();
  for (const { value } of documents) {
    if (!isObject(value) || typeof value.kind !== 'string' || typeof value.apiVersion !== 'string') continue;
    const group = value.apiVersion.includes('/') ? value.apiVersion.replace(/\/[^/]*$/, '') : '';
    if (kindOf(group, value.kind) !== undefined || isOtherWorkload(group, value.kind)) continue;
    const name = group === '' ? value.kind : `${group}/${value.kind}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const kinds = [...counts].map(([name, count]) => ({ name, documents: count })).sort((a, b) => compareText(a.name, b.name));
  return { files, kinds };
}
