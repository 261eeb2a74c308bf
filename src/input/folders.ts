import { dirname } from 'node:path';
import { groupBy } from '../util/collections.ts';

/** A file, and what the objects in it are called. */
export interface NamedObjects {
  readonly file: string;
  readonly names: ReadonlySet<string>;
}

/** A folder of the input, as a tree. */
interface Folder<File> {
  readonly files: readonly File[];
  readonly folders: readonly Folder<File>[];
}

/**
 * The files in groups that folders make where these hold variants of one object, as the steps of a tutorial or the environments of a
 * system do: a folder in which something is called as beside it goes apart, together with all around it that is there once. Where no two folders clash there is one group, of all files.
 */
export function groupByFolder<File extends NamedObjects>(files: readonly File[]): readonly (readonly File[])[] {
  return variantsOf(folderOf(files.map((file) => ({ file, steps: stepsOf(file.file) }))));
}

/** The folders on the way to a file, from above. */
function stepsOf(file: string): readonly string[] {
  return dirname(file)
    .split('/')
    .filter((step) => step !== '.');
}

function folderOf<File>(entries: readonly { readonly file: File; readonly steps: readonly string[] }[]): Folder<File> {
  const here = entries.filter(({ steps }) => steps.length === 0).map(({ file }) => file);
  const below = groupBy(
    entries.filter(({ steps }) => steps.length > 0),
    ({ steps }) => steps[0] ?? '',
  );
  const folders = [...below.values()].map((inside) =>
    folderOf(inside.map(({ file, steps }) => ({ file, steps: steps.slice(1) }))),
  );
  return { files: here, folders };
}

/** The contents of a folder that can be there at the same time; all of it, where it has no variants. */
function variantsOf<File extends NamedObjects>({ files, folders }: Folder<File>): readonly (readonly File[])[] {
  const inside = folders.map(variantsOf);
  const counts = new Map<string, number>();
  for (const names of [namesOf(files), ...inside.map((variants) => namesOf(variants.flat()))]) {
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const isApart = (variants: readonly (readonly File[])[]): boolean =>
    variants.length > 1 || [...namesOf(variants.flat())].some((name) => (counts.get(name) ?? 0) > 1);
  const common = [...files, ...inside.filter((variants) => !isApart(variants)).flat(2)];
  const groups = inside
    .filter(isApart)
    .flatMap((variants) => variants.map((variant) => [...withoutNames(common, variant), ...variant]));
  const seen = new Set(groups.flat());
  return common.every((file) => seen.has(file)) && groups.length > 0 ? groups : [common, ...groups];
}

/** The files in which nothing is called as in those others. */
function withoutNames<File extends NamedObjects>(files: readonly File[], others: readonly File[]): readonly File[] {
  const names = namesOf(others);
  return files.filter((file) => ![...file.names].some((name) => names.has(name)));
}

function namesOf(files: readonly NamedObjects[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => [...file.names]));
}
