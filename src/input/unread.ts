import { normalize } from 'node:path';
import type { Absent } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { isPlaceholder } from '../source/templates.ts';
import { isWithin } from '../source/walk.ts';
import { memo } from '../util/memo.ts';
import { type Fields, fieldsOf, listOf, stringOf } from '../util/object.ts';

/** What of an input is not read, and may hold what others look for. */
export interface Unread {
  /** Texts of charts, templates and files that cannot be read. */
  readonly texts: readonly UnreadText[];
  /** By namespace, what installs a chart or a folder of another repository there. */
  readonly installed: ReadonlyMap<string, string>;
}

export interface UnreadText {
  readonly file: string;
  readonly text: string;
}

/** Nothing. */
export const nothingUnread: Unread = { texts: [], installed: new Map() };

/** The namespaces into which releases of Helm and Applications of Argo CD install what is not among the files. */
export function installedElsewhere(
  documents: readonly SourceDocument[],
  folders: ReadonlySet<string>,
  placeOf: (file: string) => string | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const document of documents) {
    const namespace = namespaceOf(document, folders, placeOf);
    if (namespace === '' || isPlaceholder(namespace) || found.has(namespace)) continue;
    const { kind, metadata } = fieldsOf(document.value);
    found.set(namespace, `${stringOf(kind)} ${stringOf(fieldsOf(metadata).name)}`);
  }
  return found;
}

/** Where an object installs what is not read; empty for all others. */
function namespaceOf(
  { value, file }: SourceDocument,
  folders: ReadonlySet<string>,
  placeOf: (file: string) => string | undefined,
): string {
  const { apiVersion, kind, metadata, spec } = fieldsOf(value);
  const [group = ''] = stringOf(apiVersion).split('/');
  const fields = fieldsOf(spec);
  const home = (): string => stringOf(fieldsOf(metadata).namespace) || (placeOf(file) ?? '');
  if (group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease') {
    const chart = fieldsOf(fieldsOf(fields.chart).spec).chart ?? fieldsOf(fields.chartRef).name;
    return isOfIstio(chart) ? '' : stringOf(fields.targetNamespace) || home();
  }
  if (group === 'helm.cattle.io' && kind === 'HelmChart')
    return isOfIstio(fields.chart) ? '' : stringOf(fields.targetNamespace) || home();
  if (group !== 'argoproj.io') return '';
  if (kind === 'Application') return namespaceOfApplication(fields, folders);
  return kind === 'ApplicationSet' ? namespaceOfApplication(fieldsOf(fieldsOf(fields.template).spec), folders) : '';
}

function namespaceOfApplication({ source, sources, destination }: Fields, folders: ReadonlySet<string>): string {
  const isElsewhere = [source, ...listOf(sources)].map(fieldsOf).some(({ chart, path }) => {
    if (chart !== undefined) return !isOfIstio(chart);
    return typeof path === 'string' && !isAmong(path, folders);
  });
  return isElsewhere ? stringOf(fieldsOf(destination).namespace) : '';
}

/** Whether a folder that is named from the root of the repository is among those that are read. */
function isAmong(path: string, folders: ReadonlySet<string>): boolean {
  const wanted = normalize(path).replace(/^\/|\/$/g, '');
  return [...folders].some((folder) => folder === wanted || isWithin(folder, wanted) || `/${folder}/`.includes(`/${wanted}/`));
}

/** The charts of Istio, whose gateways are taken to exist as they make them. */
const OF_ISTIO: readonly string[] = ['base', 'cni', 'gateway', 'istiod', 'ztunnel'];

function isOfIstio(chart: unknown): boolean {
  return OF_ISTIO.includes(stringOf(chart).split('/').at(-1) ?? '');
}

/** Says of what is looked for, and not in this file, what may hold it that is not read; undefined where nothing does. */
export function whatMayHold(all: readonly Unread[]): (absent: Absent, file: string | undefined) => string | undefined {
  const texts = all.flatMap((unread) => unread.texts);
  const givenIn = memo((text: string) => givenBy(text));
  return ({ namespace, kinds, names }, file) => {
    const installer = namespace === '' ? undefined : all.map(({ installed }) => installed.get(namespace)).find(Boolean);
    if (installer !== undefined) return `${installer} installs in namespace ${namespace} what is not read`;
    if (names.length === 0) return undefined;
    const holder = texts.find((text) => text.file !== file && mayHold(givenIn(text.text), kinds, names));
    return holder && `${holder.file}, which is not read, may have it`;
  };
}

/** What the fields of a text say. */
interface Given {
  /** The values of `kind`; none in values of a chart. */
  readonly kinds: ReadonlySet<string>;
  /** Names, and fields with their values. */
  readonly words: ReadonlySet<string>;
}

function mayHold({ kinds, words }: Given, wanted: readonly string[], names: readonly string[]): boolean {
  return (kinds.size === 0 || wanted.some((kind) => kinds.has(kind))) && names.every((name) => words.has(name));
}

/** Fields with the name of what has them, or what such names are made of (Helm). */
const NAMING: readonly string[] = ['name', 'nameOverride', 'fullnameOverride'];

/** Reads the fields of a text, be it YAML or a template of it. */
function givenBy(text: string): Given {
  const kinds = new Set<string>();
  const words = new Set<string>();
  for (let colon = text.indexOf(': '); colon !== -1; colon = text.indexOf(': ', colon + 1)) {
    const field = wordBefore(text, colon);
    const [, value] = VALUE.exec(text.slice(colon + 1, colon + LONGEST_VALUE)) ?? [];
    if (field === '' || value === undefined) continue;
    if (field === 'kind') kinds.add(value);
    if (NAMING.includes(field)) words.add(value);
    words.add(`${field}: ${value}`);
  }
  return { kinds, words };
}

const VALUE = /^[ \t]*["']?([\w.-]+)/;
/** Of a name, with what may stand before it. */
const LONGEST_VALUE = 270;
const LETTER = /[\w./-]/;

/** The word that ends before a place, in quotes or not. */
function wordBefore(text: string, place: number): string {
  const end = /["']/.test(text.charAt(place - 1)) ? place - 1 : place;
  let start = end;
  while (start > 0 && LETTER.test(text.charAt(start - 1))) start -= 1;
  return text.slice(start, end);
}
