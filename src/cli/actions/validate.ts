import { notAnObject } from '../../diagnostics/catalog.ts';
import type { Diagnostic, ResourceRef } from '../../diagnostics/diagnostic.ts';
import { formatDiagnostic } from '../../output/diagnostics.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import {
  createResourceValidator,
  type ResourceValidator,
  type ValidatedResource,
  validateObject,
} from '../../resource/checks/index.ts';
import { createDocumentDecoder, type DocumentDecoder } from '../../resource/decode.ts';
import { type Resource, refOf } from '../../resource/resource.ts';
import { describeValue, formatPath } from '../../resource/shape.ts';
import type { SourceDocument } from '../../source/document.ts';
import { expandLists } from '../../source/lists.ts';
import { readTexts, type SourceText } from '../../source/load.ts';
import { parseText } from '../../source/parse.ts';
import { isObject } from '../../util/object.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { sourcesOf } from '../load.ts';
import { printDiagnostics } from '../report.ts';

/** Codes of problems with reading itself, as opposed to what stands in a resource. */
const UNREADABLE: readonly string[] = ['MESH0001', 'MESH0002', 'MESH0003', 'MESH0004', 'MESH0005'];

/**
 * Checks each resource by itself and prints what is wrong. Gives the exit status: 65 when an input cannot be read or parsed,
 * 79 when a resource has an error.
 */
export async function validate(paths: readonly string[], options: ValidateOptions, io: Io): Promise<number> {
  const outside: Diagnostic[] = [];
  const { manifests, namespace } = sourcesOf(options, paths, io, (diagnostic) => void outside.push(diagnostic));
  const texts = readTexts(manifests, io, (diagnostic) => void outside.push(diagnostic));
  const checker: Checker = {
    decode: createDocumentDecoder({ namespace, keepNameless: true }),
    validator: createResourceValidator(),
  };
  const files = texts.map((text) => checkFile(text, checker));
  await printDiagnostics(outside, io);
  print(files, options, io);
  const all = [...outside, ...files.flatMap(({ found }) => found)].filter(({ severity }) => severity === 'error');
  if (all.some(({ code }) => UNREADABLE.includes(code))) return EXIT.data;
  return all.length > 0 ? EXIT.findings : EXIT.fine;
}

interface CheckedFile {
  readonly file: string;
  readonly found: readonly Diagnostic[];
}

interface Checker {
  readonly decode: DocumentDecoder;
  readonly validator: ResourceValidator;
}

function checkFile({ file, text }: SourceText, checker: Checker): CheckedFile {
  const found: Diagnostic[] = [];
  const documents = expandLists(parseText(file, text, (diagnostic) => void found.push(diagnostic)));
  for (const document of documents)
    if (!isObject(document.value))
      found.push({
        ...notAnObject({ location: document.locate([]) }, `it is ${describeValue(document.value)}`),
        severity: 'error',
      });
  return {
    file,
    found: [
      ...found,
      ...documents.filter(({ value }) => isObject(value)).flatMap((document) => checkDocument(document, checker)),
    ],
  };
}

/**
 * A resource that cannot be read in full is not checked further: what is missing would be complained about a second time. What
 * only the API server asks for is a note, since the webhook never sees it.
 */
function checkDocument(document: SourceDocument, { decode, validator }: Checker): Diagnostic[] {
  const decoding: Diagnostic[] = [];
  const resource = decode(document, (diagnostic) => void decoding.push(diagnostic));
  const found = decoding.map((diagnostic) => (isForWebhook(diagnostic, document) ? diagnostic : asNote(diagnostic)));
  const written = listFindings(validateObject(document), document, resource);
  if (resource === undefined || [...found, ...written].some(isError)) return [...found, ...written];
  return [...found, ...written, ...listFindings(validator(resource), document, resource)];
}

/** Codes of what keeps mesh from looking at an object, and istiod not. */
const overlooked: readonly string[] = ['MESH0005', 'MESH0006', 'MESH0009'];

function isForWebhook({ code }: Diagnostic, { value }: SourceDocument): boolean {
  const apiVersion = isObject(value) && typeof value.apiVersion === 'string' ? value.apiVersion : '';
  return !overlooked.includes(code) && /^(networking|security|telemetry|extensions)\.istio\.io\//.test(apiVersion);
}

function asNote(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: 'info' };
}

/** The codes of Istio's schema analyzer, which says the same things. */
const codes = { error: 'IST0106', warning: 'IST0133', note: 'MESH0102' } as const;

function listFindings(
  { errors, warnings, notes }: ValidatedResource,
  document: SourceDocument,
  resource: Resource | undefined,
): Diagnostic[] {
  return [...errors, ...warnings, ...notes].map(({ severity, path, message, reportedAs }) => ({
    code: reportedAs?.code ?? codes[severity],
    severity: severity === 'note' ? 'info' : severity,
    message: `${formatPath(path)}: ${message}`,
    path,
    resource: resource === undefined ? nameOf(document) : refOf(resource),
    location: document.locate(path),
  }));
}

/** What an object that is not decoded calls itself. */
function nameOf({ value }: SourceDocument): ResourceRef {
  const object = isObject(value) ? value : {};
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const textOf = (part: unknown): string => (typeof part === 'string' ? part : '');
  return { kind: textOf(object.kind), name: textOf(metadata.name), namespace: textOf(metadata.namespace) };
}

function print(files: readonly CheckedFile[], { output }: ValidateOptions, io: Io): void {
  if (output === 'text') {
    for (const { file, found } of files) {
      for (const diagnostic of found) io.out(`${formatDiagnostic(diagnostic)}\n`);
      if (!found.some(isError)) io.out(`${file} is valid\n`);
    }
    return;
  }
  const result = {
    files: files.map(({ file, found }) => ({
      file,
      valid: !found.some(isError),
      errors: found.filter(isError).map(describe),
      warnings: found.filter(({ severity }) => severity === 'warning').map(describe),
      notes: found.filter(({ severity }) => severity === 'info').map(describe),
    })),
  };
  io.out(output === 'yaml' ? formatGoYaml(JSON.parse(JSON.stringify(result))) : `${JSON.stringify(result, null, 2)}\n`);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function describe({ code, message, resource, location, path }: Diagnostic): object {
  return {
    code,
    message,
    resource,
    path: path === undefined ? undefined : formatPath(path),
    file: location?.file,
    line: location?.line,
    column: location?.column,
  };
}
