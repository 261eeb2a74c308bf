import type { SourceDocument } from '../source/document.ts';
import { type Fields, fieldsOf, own, stringOf } from '../util/object.ts';
import { splitApiVersion } from './kinds.ts';

/** An object of somebody else than Istio, whose meaning is not followed. */
export interface ForeignObject {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  /** Empty for what is of the whole cluster. */
  readonly namespace: string;
  readonly labels: Fields;
  readonly annotations: Fields;
  /** All that it says beside its metadata and status. */
  readonly body: Fields;
}

/** The objects among documents of some kinds, which are named by group; `namespaceOf` is that of what names none, by file. */
export function foreignObjectsAmong(
  documents: readonly SourceDocument[],
  kinds: Readonly<Record<string, readonly string[]>>,
  isOfCluster: (kind: string) => boolean,
  namespaceOf: (file: string) => string,
): readonly ForeignObject[] {
  return documents.flatMap(({ file, value }): readonly ForeignObject[] => {
    const { apiVersion, kind, metadata, status: _, ...body } = fieldsOf(value);
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
    const { group } = splitApiVersion(apiVersion);
    if (own(kinds, group)?.includes(kind) !== true) return [];
    const { name, namespace, labels, annotations } = fieldsOf(metadata);
    const placed = isOfCluster(kind) ? '' : stringOf(namespace) || namespaceOf(file);
    const common = { kind, group, name: stringOf(name), namespace: placed, body };
    return [{ ...common, labels: fieldsOf(labels), annotations: fieldsOf(annotations) }];
  });
}

/** An object, for people. */
export function wordsOfObject({ kind, namespace, name }: Pick<ForeignObject, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}
