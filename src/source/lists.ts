import { isObject } from '../util/object.ts';
import type { SourceDocument } from './document.ts';
import { isScalarAt } from './reference-lines.ts';

/**
 * Replaces lists (`kind: List`, `ServiceList`, ...) by their items, which keep their positions. Items of a typed list that
 * name no kind, as the API server writes them, get that of the list.
 */
export function expandLists(
  documents: readonly SourceDocument[],
  expand: (document: SourceDocument) => readonly SourceDocument[] = expandList,
): SourceDocument[] {
  return documents.some(isList) ? documents.flatMap(expand) : [...documents];
}

function isList({ value }: SourceDocument): boolean {
  return isObject(value) && typeof value.kind === 'string' && value.kind.endsWith('List');
}

/** The items of a list, and of lists in it; of all else that alone. */
export function expandList(document: SourceDocument): SourceDocument[] {
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
      // istioctl counts the lines of an item from the line after its own.
      reference: (path) => {
        const field = path !== undefined && isScalarAt(typed, path) ? path : [];
        const { line } = document.locate(['items', index, ...field]);
        return line + 1 + shiftOf(document);
      },
    });
  });
}

/** By how much istioctl's lines of a list are greater than the real ones. */
function shiftOf(list: SourceDocument): number {
  const path = ['apiVersion'];
  return (list.reference?.(path) ?? 0) - (list.reference === undefined ? 0 : list.locate(path).line);
}
