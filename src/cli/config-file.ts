import { dirname, join, relative } from 'node:path';
import { unknownField, unreadable, wrongType } from '../diagnostics/catalog.ts';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import { describeValue } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { nearestNames } from '../util/nearest.ts';
import { isObject } from '../util/object.ts';
import type { Io } from './io.ts';

const CONFIG_FILE = 'mesh.config.yaml';
const KEYS = ['manifests', 'registry', 'meshConfig', 'namespace'] as const;

/** What mesh.config.yaml says; paths are relative to the folder of the command. Schema: schemas/mesh.config.schema.json. */
export interface MeshConfigFile {
  readonly file: string;
  readonly manifests?: readonly string[];
  readonly registry?: string;
  readonly meshConfig?: string;
  readonly namespace?: string;
}

/** The nearest mesh.config.yaml, from the folder of the command upwards. Mistakes in it are reported. */
export function readConfigFile(io: Io, report: Report): MeshConfigFile | undefined {
  const file = findUpwards(io);
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = io.readText(file);
  } catch (error) {
    report(unreadable({}, file, error instanceof Error ? error.message : String(error)));
    return { file };
  }
  const document = parseText(file, text, report)[0];
  return document === undefined ? { file } : decodeConfig(file, document, report);
}

function findUpwards(io: Io): string | undefined {
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_FILE);
    if (io.kindOf(path) === 'file') return relative(io.cwd, path) || CONFIG_FILE;
    if (dirname(folder) === folder) return undefined;
  }
}

function decodeConfig(file: string, document: SourceDocument, report: Report): MeshConfigFile {
  const { value } = document;
  if (!isObject(value)) {
    report(wrongType({ location: document.locate([]) }, CONFIG_FILE, 'an object', describeValue(value)));
    return { file };
  }
  for (const key of Object.keys(value)) {
    if (KEYS.some((known) => known === key)) continue;
    report(unknownField({ location: document.locate([key], 'key'), path: [key] }, key, nearestNames(key, KEYS)));
  }
  const text = (part: unknown, path: Path): string | undefined => {
    if (part === undefined || part === null) return undefined;
    if (typeof part === 'string') return part;
    report(wrongType({ location: document.locate(path), path }, path.join('.'), 'a text', describeValue(part)));
    return undefined;
  };
  const folder = dirname(file);
  const place = (path: string | undefined): string | undefined => path && join(folder, path);
  const listed = Array.isArray(value.manifests) ? value.manifests : [value.manifests];
  const manifests = listed.map((one, index) => place(text(one, ['manifests', index]))).filter((path) => path !== undefined);
  const registry = place(text(value.registry, ['registry']));
  const meshConfig = place(text(value.meshConfig, ['meshConfig']));
  const namespace = text(value.namespace, ['namespace']);
  return {
    file,
    ...(manifests.length > 0 && { manifests }),
    ...(registry !== undefined && { registry }),
    ...(meshConfig !== undefined && { meshConfig }),
    ...(namespace !== undefined && { namespace }),
  };
}
