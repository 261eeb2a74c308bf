import { isObject } from '../util/object.ts';
import type { SourceDocument } from './document.ts';

/**
 * Replaces lists (`kind: List`, `ServiceList`, ...) by their items, which keep their positions. Items of a typed list that
 * name no kind, as the API server writes them, get that of the list.
 */
export function expandLists(documents: readonly SourceDocument[]): SourceDocument[] {
  return documents.flatMap(expandList);
}

function expandList(document: SourceDocument): SourceDocument[] {
  const { value } = document;
  if (!isObject(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return [document];
  if (!Array.isArray(value.items) && value.items !== null && value.items !== undefined) return [document];
  const items: readonly unknown[] = value.items ?? [];
  const itemKind = value.kind.slice(0, -'List'.length);
  return items.flatMap((item, index) => {
    const typed =
      itemKind !== '' && isObject(item) && item.kind === undefined
        ? { apiVersion: value.apiVersion, kind: itemKind, ...item }
        : item;
    return expandList({
      file: document.file,
      index: document.index,
      value: typed,
      locate: (path, on) => document.locate(['items', index, ...path], on),
    });
  });
}
