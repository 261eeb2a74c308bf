import { dirname, join } from 'node:path';
import type { Report } from '../diagnostics/diagnostic.ts';
import { dataError } from '../diagnostics/user-error.ts';
import type { SourceDocument } from '../source/document.ts';
import { UnreadableError } from '../source/file-system.ts';
import { parseText } from '../source/parse.ts';
import { findFiles } from '../source/walk.ts';
import { kindOfDefault } from './default-path.ts';
import type { InputFiles } from './files.ts';
import type { InputOptions } from './options.ts';

/** What a table or a file of statements is about: what flags name, else `manifests` and `mesh.yaml` beside it, else what mesh.config.yaml names, else its folder. */
export function inputOfTable(file: string, options: InputOptions, files: InputFiles): InputOptions {
  const { registry, kustomize, helm } = options;
  if ([options.file, options.cluster, registry, kustomize, helm].some((named) => named !== undefined)) return {};
  const folder = dirname(file);
  const beside = options.meshConfig === undefined ? meshConfigIn(folder, files) : {};
  const manifests = manifestsIn(folder, files);
  if (manifests !== undefined) return { file: [manifests], ...beside };
  if (files.kindOf('mesh.config.yaml') === 'file' || files.kindOf('manifests') === 'folder') return {};
  return { file: [folder], ...beside };
}

const TABLE_NAME = /(^|\.)mesh-test\.(ya?ml|json)$|^requests\.ya?ml$/;
const STATEMENTS_NAME = /(^|\.)mesh-policy\.(ya?ml|json)$/;

/** The tables that paths name: files as they are, folders with all that they hold. What cannot be read of these is reported. */
export function tablesIn(paths: readonly string[], files: InputFiles, report: Report): string[] {
  return filesNamed(TABLE_NAME, paths, files, report);
}

/** The same of files of statements. */
export function statementFilesIn(paths: readonly string[], files: InputFiles, report: Report): string[] {
  return filesNamed(STATEMENTS_NAME, paths, files, report);
}

function filesNamed(name: RegExp, paths: readonly string[], files: InputFiles, report: Report): string[] {
  return paths.flatMap((path) => {
    const kind = files.kindOf(path);
    if (kind === undefined) throw dataError(`${path}: no such file or folder`);
    if (kind !== 'folder') return [path];
    return findFiles(path, (one) => name.test(one), files, report).map((found) => join(found.path));
  });
}

/** The document that a table is; undefined for an empty file. What cannot be read of it is reported. */
export function tableDocument(file: string, files: InputFiles, report: Report): SourceDocument | undefined {
  return parseText(file, readNamed(file, files), report)[0];
}

/** The text of a file that a flag names, `-` for standard input. */
export function readNamed(file: string, files: InputFiles): string {
  try {
    return file === '-' ? files.readStandardInput() : files.readText(file);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw dataError(`cannot read ${file}: ${error.message}`);
  }
}

/** A folder with `manifests` in it means these, as for tables. */
export function scaffoldInput(paths: readonly string[], files: InputFiles): InputOptions {
  const [path = '.'] = paths;
  const manifests = paths.length > 1 ? undefined : manifestsIn(path, files);
  return manifests === undefined ? { file: paths } : { file: [manifests], ...meshConfigIn(path, files) };
}

/** The folder `manifests` in a folder, where it has one. */
function manifestsIn(folder: string, files: InputFiles): string | undefined {
  const manifests = join(folder, 'manifests');
  return kindOfDefault(manifests, files) === 'folder' ? manifests : undefined;
}

/** The file `mesh.yaml` in a folder as its MeshConfig, where it has one. */
function meshConfigIn(folder: string, files: InputFiles): Pick<InputOptions, 'meshConfig'> {
  const meshConfig = join(folder, 'mesh.yaml');
  return kindOfDefault(meshConfig, files) === 'file' ? { meshConfig } : {};
}
