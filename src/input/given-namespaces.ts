import { join, normalize } from 'node:path';
import type { SourceDocument } from '../source/document.ts';
import { isPlaceholder } from '../source/templates.ts';
import { folderOf, isWithin } from '../source/walk.ts';
import { groupBy } from '../util/collections.ts';
import { type Fields, fieldsOf, listOf } from '../util/object.ts';
import type { Kustomization } from './kustomizations.ts';

/** What applies files says in which namespace those go that name none. */
interface Giver {
  readonly namespace: string;
  readonly members: Members;
}

interface Members {
  readonly files: ReadonlySet<string>;
  /** The folders of kustomizations that are built for it. */
  readonly folders: ReadonlySet<string>;
}

/** The files that were found in folders, and the kustomizations among them by their folders. */
interface Found {
  readonly files: ReadonlySet<string>;
  readonly kustomizations: ReadonlyMap<string, readonly Kustomization[]>;
}

/**
 * The namespaces of files whose objects name none, by file: `namespace` of the kustomization that lists them (kustomize), `targetNamespace`
 * of a Kustomization of Flux, and the destination of an Application of Argo CD that apply their folder. A kustomization goes before those
 * that it is made of; a file that different ones are said of is in none of them.
 */
export function givenNamespaces(
  files: readonly string[],
  kustomizations: readonly Kustomization[],
  documents: readonly SourceDocument[],
): ReadonlyMap<string, string> {
  const applying = documents.filter(mayApplyFolder);
  if (kustomizations.length === 0 && applying.length === 0) return new Map();
  const found = foundIn(files, kustomizations);
  const givers = [
    ...kustomizations.flatMap(({ folder, namespace }): readonly Giver[] =>
      namespace === undefined || isPlaceholder(namespace) ? [] : [{ namespace, members: membersOf(normalize(folder), found) }],
    ),
    ...applying.flatMap((document) => giversOf(document, found)),
  ];
  const namespaces = new Map<string, string>();
  if (givers.length === 0) return namespaces;
  for (const file of found.files) {
    const here = givers.filter(({ members }) => members.files.has(file));
    const outer = here.filter((giver) => !here.some((other) => other !== giver && isInside(giver, other)));
    const names = new Set(outer.map(({ namespace }) => namespace));
    const [name] = names;
    if (name !== undefined && names.size === 1) namespaces.set(file, name);
  }
  return namespaces;
}

/** The files that kustomizations would change: what is read of them is not what they make of it. */
export function unbuiltFiles(files: readonly string[], kustomizations: readonly Kustomization[]): ReadonlySet<string> {
  const changing = kustomizations.filter(({ changesThem }) => changesThem);
  return changing.length === 0 ? new Set() : filesOf(changing, foundIn(files, kustomizations));
}

/** The files that kustomizations list as manifests. */
export function listedFiles(files: readonly string[], kustomizations: readonly Kustomization[]): ReadonlySet<string> {
  return filesOf(kustomizations, foundIn(files, kustomizations));
}

function filesOf(kustomizations: readonly Kustomization[], found: Found): ReadonlySet<string> {
  return new Set(kustomizations.flatMap(({ folder }) => [...membersOf(normalize(folder), found).files]));
}

function foundIn(files: readonly string[], kustomizations: readonly Kustomization[]): Found {
  return {
    files: new Set(files.map((file) => normalize(file))),
    kustomizations: groupBy(kustomizations, ({ folder }) => normalize(folder)),
  };
}

/** Whether what the one builds is a part of what the other builds. */
function isInside({ members: inner }: Giver, { members: outer }: Giver): boolean {
  return inner.folders.size < outer.folders.size && [...inner.folders].every((folder) => outer.folders.has(folder));
}

function mayApplyFolder({ value }: SourceDocument): boolean {
  const { kind } = fieldsOf(value);
  return kind === 'Kustomization' || kind === 'Application';
}

/** Objects of GitOps that apply a folder of the repository. */
function giversOf({ value }: SourceDocument, found: Found): readonly Giver[] {
  const { apiVersion, kind, spec } = fieldsOf(value);
  if (typeof apiVersion !== 'string') return [];
  const fields = fieldsOf(spec);
  if (kind === 'Kustomization' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/'))
    return giverOf(fields.targetNamespace, fields, true, found);
  if (kind !== 'Application' || !apiVersion.startsWith('argoproj.io/')) return [];
  const { namespace } = fieldsOf(fields.destination);
  return [fields.source, ...listOf(fields.sources)].flatMap((source) => {
    const { directory, ...others } = fieldsOf(source);
    return giverOf(namespace, others, fieldsOf(directory).recurse === true, found);
  });
}

/** Paths are relative to the root of the repository, of which what is read may be a part. */
function giverOf(namespace: unknown, { path }: Fields, isRecursive: boolean, found: Found): readonly Giver[] {
  if (typeof namespace !== 'string' || namespace === '' || isPlaceholder(namespace) || typeof path !== 'string') return [];
  const wanted = normalize(path)
    .split('/')
    .filter((step) => step !== '')
    .join('/');
  const files = [...found.files];
  const folders = new Set(files.map(folderOf).filter((folder) => folder === wanted || folder.endsWith(`/${wanted}`)));
  return [...folders].map((folder) => {
    if (found.kustomizations.has(folder)) return { namespace, members: membersOf(folder, found) };
    const inside = files.filter((file) => (isRecursive ? isWithin(file, folder) : folderOf(file) === folder));
    return { namespace, members: { files: new Set(inside), folders: new Set() } };
  });
}

/** What the kustomization of a folder is built of. */
function membersOf(folder: string, found: Found): Members {
  const files = new Set<string>();
  const folders = new Set<string>();
  const add = (place: string): void => {
    if (folders.has(place)) return;
    const [kustomization] = found.kustomizations.get(place) ?? [];
    if (kustomization === undefined) return;
    folders.add(place);
    for (const listed of kustomization.lists) {
      const path = normalize(join(place, listed)).replace(/\/$/, '');
      if (found.files.has(path)) files.add(path);
      else add(path);
    }
  };
  add(folder);
  return { files, folders };
}
