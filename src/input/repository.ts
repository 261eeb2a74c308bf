import { normalize } from 'node:path';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import { yamlSyntax } from '../diagnostics/problems/reading.ts';
import {
  chartNotRendered,
  kustomizationNotBuilt,
  patchPassedOver,
  templateNotRendered,
} from '../diagnostics/problems/repositories.ts';
import type { SourceDocument } from '../source/document.ts';
import { expandList, expandLists } from '../source/lists.ts';
import type { SourceText } from '../source/load.ts';
import { parseText } from '../source/parse.ts';
import { hasPlaceholder, isTemplate, mayHavePlaceholder, mayHoldPlaceholders } from '../source/templates.ts';
import { folderOf, isWithin } from '../source/walk.ts';
import { memo } from '../util/memo.ts';
import { isObject } from '../util/object.ts';
import { listed } from '../util/text.ts';
import { type Chart, chartsOf, isPartOf } from './charts.ts';
import type { InputFiles } from './files.ts';
import { givenNamespaces, listedFiles, unbuiltFiles } from './given-namespaces.ts';
import { isPatch, isPatchAnywhere, type Kustomization, kustomizationOf } from './kustomizations.ts';
import { installedElsewhere, type Unread } from './unread.ts';

/** A text of the input with the documents in it, items of lists apart, and what is wrong with reading them. */
export interface ReadFile extends SourceText {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly Diagnostic[];
}

/** The texts that hold manifests, and the names of those that nobody named and that hold none. */
export interface RepositoryTexts {
  readonly manifests: readonly ReadFile[];
  readonly foreign: readonly string[];
  /** The namespace of what names none, by file, as what builds or applies the file says it. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Files that a kustomization would change which is not built. */
  readonly unbuilt: ReadonlySet<string>;
  /** What is not read and may hold what others look for. */
  readonly unread: Unread;
}

/**
 * Tells the manifests of a repository from all else that lies in its folders. Files that nobody named and that hold no Kubernetes object
 * are passed over; parts of Helm charts and of kustomizations are too, and each of these is named once, with what to do.
 */
export function readRepository(texts: readonly SourceText[], files: InputFiles, report: Report): RepositoryTexts {
  const found = texts.filter(({ isFound }) => isFound === true);
  const charts = chartsOf(found, files);
  const kustomizations = found.flatMap((text) => kustomizationOf(text) ?? []);
  const parts = kustomizations.flatMap((kustomization) => kustomization.parts);
  const ofBuilds = new Set(kustomizations.map(({ file }) => file));
  const isPart = ({ file, isFound }: SourceText): boolean =>
    isFound === true &&
    (charts.some(({ folder }) => isPartOf(file, folder)) ||
      ofBuilds.has(file) ||
      parts.some((part) => isWithin(normalize(file), part)));
  const once = files.once ?? ((_file, _text, make) => make());
  const { again, chunks } = files;
  const known = again && { expand: again('expanded lists', [], () => memo(expandList)), ...(chunks && { chunks }) };
  const read = texts.filter((text) => !isPart(text)).map((text) => once(text.file, text.text, () => sortOut(text, known)));
  reportCharts(charts, report);
  reportKustomizations(
    kustomizations.filter(({ file, changesThem }) => changesThem && !charts.some(({ folder }) => isPartOf(file, folder))),
    report,
  );
  reportTemplates(
    read
      .filter(({ file, kind, hasTemplates }) => file.isFound === true && (kind === 'template' || hasTemplates === true))
      .map(({ file }) => file.file),
    report,
  );
  const written = read.filter(({ kind }) => kind === 'manifest').map(({ file }) => file);
  const manifests = withoutPatches(withoutUnusedPatches(written, kustomizations), kustomizations, report);
  const documents = manifests.flatMap((file) => file.documents);
  const names = manifests.flatMap(({ file, isFound }) => (isFound === true ? [file] : []));
  const namespaces = givenNamespaces(names, kustomizations, documents);
  const folders = new Set(names.map((file) => folderOf(normalize(file))));
  return {
    manifests,
    namespaces,
    unread: {
      texts: [
        ...found.filter(({ file }) => charts.some(({ folder }) => isPartOf(file, folder))),
        ...read.filter(isNotReadInFull).map(({ file }) => file),
      ],
      installed: installedElsewhere(documents, folders, (file) => namespaces.get(normalize(file))),
    },
    unbuilt: unbuiltFiles(names, kustomizations),
    foreign: read.filter(({ kind }) => kind === 'foreign').map(({ file }) => file.file),
  };
}

/** Without the patches that lie beside a kustomization which does not use them. */
function withoutUnusedPatches(files: readonly ReadFile[], kustomizations: readonly Kustomization[]): readonly ReadFile[] {
  if (kustomizations.length === 0) return files;
  const listed = listedFiles(
    files.map(({ file }) => file),
    kustomizations,
  );
  const isBeside = ({ file, isFound }: ReadFile): boolean =>
    isFound === true &&
    !listed.has(normalize(file)) &&
    kustomizations.some(({ folder }) => isWithin(normalize(file), normalize(folder)));
  return files.map((file) => {
    const whole = isBeside(file) ? file.documents.filter((document) => !isPatch(document)) : file.documents;
    return whole.length === file.documents.length ? file : { ...file, documents: whole };
  });
}

/** Without the patches of which nobody says what they are for. */
function withoutPatches(
  files: readonly ReadFile[],
  kustomizations: readonly Kustomization[],
  report: Report,
): readonly ReadFile[] {
  const names = files.map(({ file }) => file);
  const listedAsManifest = memo((): ReadonlySet<string> => listedFiles(names, kustomizations));
  const left = files.map((file) => {
    if (file.isFound !== true || !MAY_BE_PATCH.test(file.text) || listedAsManifest().has(normalize(file.file))) return file;
    const whole = file.documents.filter((document) => !isPatchAnywhere(document));
    return whole.length === file.documents.length ? file : { ...file, documents: whole };
  });
  const patched = left.filter((file, index) => file !== files[index]).map(({ file }) => file);
  const [first] = patched;
  if (first === undefined) return files;
  report(patchPassedOver({ location: { file: first, line: 1, column: 1 } }, patched));
  return left;
}

/** What is in the text of a patch, be it YAML or JSON. */
const MAY_BE_PATCH = /\$patch|apps\/v1|CustomResourceDefinition/;

/** Whether documents of a file are passed over that may be manifests. */
function isNotReadInFull({ file, kind, hasTemplates }: SortedFile): boolean {
  return kind === 'template' || hasTemplates === true || (kind === 'manifest' && file.problems.some(isSyntax));
}

interface SortedFile {
  readonly file: ReadFile;
  readonly kind: 'manifest' | 'template' | 'foreign';
  /** Whether documents of it are templates, beside manifests. */
  readonly hasTemplates?: boolean;
}

/** What a text that cannot be read in full must have to be worth a word. */
const MAY_BE_MANIFEST = /\b(?:apiVersion|kind)\b/;

/** What a text is; of a file that nobody named, without what is no manifest. */
function sortOut(text: SourceText, known: KnownReading | undefined): SortedFile {
  const file = readDocuments(text, known);
  if (text.isFound !== true) return { file: ofNamed(file), kind: 'manifest' };
  if (isBrokenTemplate(file)) return { file, kind: 'template' };
  const objects = file.documents.filter(isManifest);
  if (objects.length === 0 && (file.problems.length === 0 || !mayBeManifest(file))) return { file, kind: 'foreign' };
  const documents = mayHoldPlaceholders(text.text) ? objects.filter((document) => !mayHavePlaceholder(document)) : objects;
  if (documents.length === file.documents.length) return { file, kind: 'manifest' };
  const kind = documents.length === 0 && objects.length > 0 && file.problems.length === 0 ? 'template' : 'manifest';
  return { file: { ...file, documents }, kind, hasTemplates: documents.length < objects.length };
}

function mayBeManifest({ text, problems }: ReadFile): boolean {
  return MAY_BE_MANIFEST.test(text) || !problems.every(isSyntax);
}

/** A file that was named, whose templates are reported once. */
function ofNamed(file: ReadFile): ReadFile {
  const [problem] = file.problems;
  if (problem !== undefined && isBrokenTemplate(file)) {
    const { location = { file: file.file, line: 1, column: 1 } } = problem;
    return { ...file, documents: [], problems: [templateNotRendered({ location }, file.file)] };
  }
  const [first] = file.documents.filter(hasPlaceholder);
  if (first === undefined) return file;
  const note: Diagnostic = { ...templateNotRendered({ location: first.locate([]) }, file.file), severity: 'warning' };
  return {
    ...file,
    documents: file.documents.filter((document) => !hasPlaceholder(document)),
    problems: [...file.problems, note],
  };
}

/** Whether a text cannot be read because it is a template; what is YAML and too large in some way is none. */
function isBrokenTemplate({ text, problems }: ReadFile): boolean {
  const broken = problems.filter(isSyntax);
  return (
    broken.length > 0 &&
    isTemplate(
      text,
      broken.flatMap(({ location }) => location?.line ?? []),
    )
  );
}

function isSyntax({ code }: Diagnostic): boolean {
  return code === yamlSyntax.code;
}

/** Whether a document is a Kubernetes object. */
export function isKubernetesObject({ value }: SourceDocument): boolean {
  return isObject(value) && [value.apiVersion, value.kind].every((name) => typeof name === 'string' && name !== '');
}

/** Whether a document of a file that nobody named is, or is meant to be, a Kubernetes object. */
function isManifest({ value }: SourceDocument): boolean {
  if (!isObject(value)) return false;
  const names = [value.apiVersion, value.kind].filter((name) => typeof name === 'string' && name !== '').length;
  return names === 2 || (names === 1 && isObject(value.metadata) && isObject(value.spec));
}

/** How what was read before is read. */
interface KnownReading extends Pick<InputFiles, 'chunks'> {
  readonly expand: (document: SourceDocument) => readonly SourceDocument[];
}

/** The documents of a text. */
export function readDocuments(text: SourceText, known?: KnownReading): ReadFile {
  const problems: Diagnostic[] = [];
  const report: Report = (diagnostic) => void problems.push(diagnostic);
  const documents = expandLists(parseText(text.file, text.text, report, known?.chunks?.(text.file)), known?.expand);
  // What is new comes first: V8 makes a shape of its own for each object that grows after a spread.
  return { documents, problems, ...text };
}

function reportCharts(charts: readonly Chart[], report: Report): void {
  const [first] = charts;
  if (first === undefined) return;
  const folders = charts.map(({ folder }) => folder);
  report(chartNotRendered({ location: { file: first.file, line: 1, column: 1 } }, folders));
}

function reportKustomizations(kustomizations: readonly Kustomization[], report: Report): void {
  const [first] = kustomizations;
  if (first === undefined) return;
  const folders = kustomizations.map(({ folder }) => folder);
  report(kustomizationNotBuilt({ location: { file: first.file, line: 1, column: 1 } }, folders));
}

/** As many templates are named. */
const MOST_NAMES = 10;

function reportTemplates(templates: readonly string[], report: Report): void {
  const [first] = templates;
  if (first === undefined) return;
  const location = { file: first, line: 1, column: 1 };
  report({ ...templateNotRendered({ location }, listed(templates, MOST_NAMES)), severity: 'info' });
}
