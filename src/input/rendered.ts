import { basename, resolve } from 'node:path';
import type { Report } from '../diagnostics/diagnostic.ts';
import { unreadable } from '../diagnostics/problems/reading.ts';
import { usageError } from '../diagnostics/user-error.ts';
import type { SourceText } from '../source/load.ts';
import { decodeUtf8 } from '../source/utf8.ts';
import type { InputFiles } from './files.ts';
import type { InputOptions } from './options.ts';

/** What builds a kustomization, the first that is there. */
const builders: readonly (readonly [program: string, ...args: string[]])[] = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
];

/** The manifests that kustomize (or kubectl) and helm make of the folders that flags name; why they cannot is reported. */
export function renderedTexts(options: InputOptions, files: InputFiles, report: Report): readonly SourceText[] {
  const { kustomize = [], helm, values = [], namespace } = options;
  if (values.length > 0 && helm === undefined) throw usageError('--values belongs to --helm: name the chart as well');
  const attempt = (folder: string, program: string, render: () => Uint8Array): readonly SourceText[] => {
    const file = `${folder} (${program})`;
    try {
      return [{ file, text: decodeUtf8(render(), file) }];
    } catch (error) {
      report(unreadable({}, folder, error instanceof Error ? error.message : String(error)));
      return [];
    }
  };
  return [
    ...kustomize.flatMap((folder) => attempt(folder, 'kustomize', () => build(folder, files))),
    ...(helm === undefined ? [] : attempt(helm, 'helm', () => render(helm, values, namespace, files))),
  ];
}

function build(folder: string, files: InputFiles): Uint8Array {
  mustBeFolder(folder, files);
  for (const [program, ...args] of builders) {
    try {
      return runOf(files)(program, [...args, asPath(folder)]);
    } catch (error) {
      if (!isMissing(error, program)) throw error;
    }
  }
  throw new Error('building a kustomization needs kustomize or kubectl on the path; neither is installed');
}

function render(folder: string, values: readonly string[], namespace: string | undefined, files: InputFiles): Uint8Array {
  mustBeFolder(folder, files);
  const release =
    basename(resolve(files.cwd ?? '/', folder))
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, '-') || 'release';
  const flags = values.flatMap((file) => ['--values', asPath(file)]);
  const place = namespace === undefined ? [] : ['--namespace', namespace];
  try {
    return runOf(files)('helm', ['template', release, asPath(folder), ...flags, ...place]);
  } catch (error) {
    if (isMissing(error, 'helm'))
      throw new Error('rendering a chart needs helm on the path; it is not installed', { cause: error });
    throw error;
  }
}

function mustBeFolder(folder: string, files: InputFiles): void {
  const kind = files.kindOf(folder);
  if (kind !== 'folder') throw new Error(kind === undefined ? 'no such file or folder' : 'it is no folder');
}

function runOf({ run }: InputFiles): NonNullable<InputFiles['run']> {
  if (run === undefined) throw new Error('no other program can be run here');
  return run;
}

/** Whether a program is not there, as its caller says in words. */
function isMissing(error: unknown, program: string): boolean {
  return error instanceof Error && error.message === `${program} is not installed`;
}

/** A path that no program takes for a flag or an address. */
function asPath(path: string): string {
  return path.startsWith('/') || path.startsWith('./') || path.startsWith('../') ? path : `./${path}`;
}
