import type { Report } from '../diagnostics/diagnostic.ts';
import { linkLeadsOut, nothingFound, unreadable } from '../diagnostics/problems/reading.ts';
import { type EntryKind, type FileSystem, UnreadableError } from './file-system.ts';
import { attempt, type FoundFile, findFiles, folderOf, isWithin } from './walk.ts';

const MANIFEST_NAME = /\.(ya?ml|json)$/i;
/** Request tables and statements stand beside manifests and are none (docs/test.md, docs/prove.md). */
const TABLE_NAME = /\.mesh-(test|policy)\.(ya?ml|json)$/;
const PATTERN = /[*?[\]{}]/;
/** Configures mesh itself (input/config-file.ts). */
const CONFIG_FILE = 'mesh.config.yaml';

/** A text of the input with the name its user knows it by. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Set where a link out of its folder led to the text: its lines are for nobody to see. */
  readonly isForeign?: true;
  /** Set where nobody named the file: it lay in a folder, or fitted a pattern. */
  readonly isFound?: true;
}

/** Whether a file that nobody named is to be left out; `real` is its path without links. */
export type IsExcluded = (path: string, real: string) => boolean;

/**
 * The texts that the paths stand for: files, folders (with the folders in them; what is hidden and node_modules are left out),
 * patterns, `-` for standard input. A file that several paths name is read once. What cannot be read is reported. Of the files that
 * nobody names, those that are excluded are left out.
 */
export function readTexts(
  paths: readonly string[],
  files: FileSystem,
  report: Report,
  isExcluded: IsExcluded = () => false,
): SourceText[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    if (path !== '-') return attempt(path, report, () => readPath(path, files, seen, report, isExcluded)) ?? [];
    if (seen.has(path)) return [];
    seen.add(path);
    return readStandardInput(files, report);
  });
}

function readStandardInput(files: FileSystem, report: Report): SourceText[] {
  try {
    return [{ file: '-', text: files.readStandardInput() }];
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const { place, path, message } = error;
    report(unreadable(place === undefined ? {} : { location: { file: '-', ...place } }, path, message));
    return [];
  }
}

function readPath(path: string, files: FileSystem, seen: Set<string>, report: Report, isExcluded: IsExcluded): SourceText[] {
  const kind = files.kindOf(path);
  const readFound = (found: readonly FoundFile[]): SourceText[] => {
    const wanted = found.filter((file) => !isExcluded(file.path, file.real));
    return readFiles(wanted, 'file', files, seen, report, { isFound: true });
  };
  if (kind === 'folder') {
    const found = findFiles(path, isManifest, files, report);
    if (found.length === 0) report(nothingFound({}, path, 'the folder has no .yaml, .yml or .json file'));
    return readFound(found);
  }
  // The link that a user names is followed, wherever it leads.
  if (kind === 'stream') return readFiles([{ path, real: path }], kind, files, seen, report);
  if (kind !== undefined) return readNamed(path, kind, files, seen, report);
  if (!PATTERN.test(path)) {
    report(unreadable({}, path, 'no such file or folder'));
    return [];
  }
  const found = matchesOf(path, files, report);
  if (found.length === 0) report(nothingFound({}, path, 'no file matches the pattern'));
  return readFound(found);
}

function isManifest(name: string): boolean {
  const mayBe = MANIFEST_NAME.test(name) || name === 'Kustomization';
  return mayBe && !name.startsWith('.') && name !== CONFIG_FILE && !TABLE_NAME.test(name);
}

function readNamed(path: string, kind: EntryKind, files: FileSystem, seen: Set<string>, report: Report): SourceText[] {
  const real = files.realPath(path);
  const texts = readFiles([{ path, real }], kind, files, seen, report);
  const isForeign = ownersOf(path, real, files).some((folder) => !isWithin(real, files.realPath(folder)));
  return isForeign ? texts.map((text) => ({ ...text, isForeign })) : texts;
}

/** The folders to which a file belongs by its name alone: that in which it stands, and the current one for names that do not leave it. */
function ownersOf(path: string, real: string, files: FileSystem): readonly string[] {
  const isBelow = !path.startsWith('/') && !path.split('/').includes('..');
  // What a revision holds (input/revisions.ts) lies nowhere in the file system.
  return [parentOf(path, files), ...(isBelow && real.startsWith('/') ? ['.'] : [])];
}

/** The manifests that match a pattern. It names what lies below the folder that it begins with, not what links there lead to elsewhere. */
function matchesOf(pattern: string, files: FileSystem, report: Report): FoundFile[] {
  const matches = [...files.glob(pattern)].sort();
  if (matches.length === 0) return [];
  const root = files.realPath(parentOf(pattern.slice(0, pattern.search(PATTERN)), files));
  return matches.flatMap((match) => {
    const kind = attempt(match, report, () => files.kindOf(match));
    if (kind !== 'folder' && !MANIFEST_NAME.test(match)) return [];
    if (kind === undefined || kind === 'other') return [];
    const real = attempt(match, report, () => files.realPath(match));
    if (real === undefined) return [];
    if (!isWithin(real, root)) {
      report(linkLeadsOut({}, match, real, pattern));
      return [];
    }
    if (kind === 'folder') return findFiles(match, isManifest, files, report);
    return kind === 'file' ? [{ path: match, real }] : [];
  });
}

/** The folder in which a path stands; that of `HEAD:a.yaml` is `HEAD:` (input/revisions.ts). */
function parentOf(path: string, files: FileSystem): string {
  const folder = folderOf(path);
  const revision = path.slice(0, path.indexOf(':') + 1);
  return folder === '.' && revision !== '' && files.kindOf(revision) === 'folder' ? revision : folder;
}

function readFiles(
  found: readonly FoundFile[],
  kind: EntryKind,
  files: FileSystem,
  seen: Set<string>,
  report: Report,
  how: Pick<SourceText, 'isFound'> = {},
): SourceText[] {
  const texts: SourceText[] = [];
  for (const { path, real } of found) {
    if (seen.has(real)) continue;
    seen.add(real);
    const text = attempt(path, report, () => files.readText(path, kind));
    if (text !== undefined) texts.push({ file: path, text, ...how });
  }
  return texts;
}
