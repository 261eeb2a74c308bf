import type { Release } from '../releases/release.ts';
import { indexKinds } from '../resource/kinds.ts';
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

/** Counts what is passed over. */
export function passedOver(files: readonly string[], documents: readonly SourceDocument[], release: Release): PassedOver {
  const kindOf = indexKinds(release);
  const counts = new Map<string, number>();
  for (const { value } of documents) {
    if (!isObject(value) || typeof value.kind !== 'string' || typeof value.apiVersion !== 'string') continue;
    const group = value.apiVersion.includes('/') ? value.apiVersion.replace(/\/[^/]*$/, '') : '';
    if (kindOf(group, value.kind) !== undefined) continue;
    const name = group === '' ? value.kind : `${group}/${value.kind}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const kinds = [...counts].map(([name, count]) => ({ name, documents: count })).sort((a, b) => compareText(a.name, b.name));
  return { files, kinds };
}
