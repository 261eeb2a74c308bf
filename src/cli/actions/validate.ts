import type { ConfigMapObject } from '../../api/kubernetes.ts';
import { unknownField, unreadableValue } from '../../diagnostics/catalog.ts';
import type { Diagnostic, Report } from '../../diagnostics/diagnostic.ts';
import { embeddedDocument, messageOf, sourcesOf } from '../../input/load.ts';
import { describeDiagnostic, noPaint } from '../../output/diagnostics.ts';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import type { Release } from '../../releases/release.ts';
import { createDocumentValidator, type DocumentValidator, diagnose, isErrorOfIstio } from '../../resource/checks/document.ts';
import { validateMeshConfig, validateMeshNetworks } from '../../resource/checks/index.ts';
import { type Resource, refOf } from '../../resource/resource.ts';
import { formatPath } from '../../resource/shape.ts';
import type { SourceDocument } from '../../source/document.ts';
import { expandLists } from '../../source/lists.ts';
import { readTexts, type SourceText } from '../../source/load.ts';
import { parseText } from '../../source/parse.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, printDiagnostics, wantsColor } from '../report.ts';

/** Codes of problems with reading itself, as opposed to what stands in a resource. */
const UNREADABLE: readonly string[] = ['MESH0001', 'MESH0002', 'MESH0003', 'MESH0004', 'MESH0005'];

/**
 * Checks each resource by itself, and MeshConfig, and prints what is wrong file by file. Gives the exit status: 65 when an input
 * cannot be read or parsed, 79 when a resource has an error.
 */
export async function validate(paths: readonly string[], options: ValidateOptions, io: Io): Promise<number> {
  const outside: Diagnostic[] = [];
  const report: Report = (diagnostic) => void outside.push(diagnostic);
  const sources = await sourcesOf(options, paths, io, report);
  const { release } = sources;
  const validator = createDocumentValidator(sources);
  const files = readTexts(sources.manifests, io, report).map((text) => checkFile(text, validator, release));
  const meshConfigFiles = sources.meshConfig === undefined ? [] : readTexts([sources.meshConfig], io, report);
  const checked = [...files, ...meshConfigFiles.map((text) => checkMeshConfigFile(text, release))];
  await printDiagnostics(outside, io);
  await print(checked, options, io);
  const errors = [...outside, ...checked.flatMap(({ found }) => found)].filter(isError);
  if (errors.some(({ code }) => UNREADABLE.includes(code))) return EXIT.data;
  return errors.length > 0 ? EXIT.findings : EXIT.fine;
}

interface CheckedFile {
  readonly file: string;
  readonly found: readonly Diagnostic[];
}

function checkFile({ file, text }: SourceText, validator: DocumentValidator, release: Release): CheckedFile {
  const found: Diagnostic[] = [];
  for (const document of expandLists(parseText(file, text, (diagnostic) => void found.push(diagnostic)))) {
    const { resource, diagnostics } = validator(document);
    found.push(...diagnostics);
    if (resource?.kind === 'ConfigMap' && resource.name === 'istio')
      found.push(...checkConfigMap(resource as Resource<ConfigMapObject>, release));
  }
  return { file, found };
}

/** The messages in istiod's ConfigMap. */
function checkConfigMap(configMap: Resource<ConfigMapObject>, release: Release): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => void found.push(diagnostic);
  const { data = {} } = configMap.spec;
  for (const [key, subject] of [
    ['mesh', 'MeshConfig'],
    ['meshNetworks', 'MeshNetworks'],
  ] as const) {
    const document = data[key] === undefined ? undefined : embeddedDocument(configMap, key, report);
    if (document !== undefined) found.push(...checkMessage(subject, document, refOf(configMap), release));
  }
  return found;
}

function checkMeshConfigFile({ file, text }: SourceText, release: Release): CheckedFile {
  const found: Diagnostic[] = [];
  const [document] = parseText(file, text, (diagnostic) => void found.push(diagnostic));
  const subject = { kind: 'MeshConfig', name: '', namespace: '' };
  return { file, found: document === undefined ? found : [...found, ...checkMessage('MeshConfig', document, subject, release)] };
}

/** What cannot be read of a message is left out of the rest of its check. */
function checkMessage(
  message: 'MeshConfig' | 'MeshNetworks',
  document: SourceDocument,
  resource: ReturnType<typeof refOf>,
  release: Release,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => void found.push({ ...diagnostic, resource });
  const findings =
    message === 'MeshConfig'
      ? validateMeshConfig(messageOf(message, document, message, release, report))
      : validateMeshNetworks(messageOf(message, document, message, release, report));
  return [...found, ...diagnose(findings, { document, resource })];
}

async function print(files: readonly CheckedFile[], { output }: ValidateOptions, io: Io): Promise<void> {
  if (output === 'text') {
    const paint = wantsColor(io, io.isOutputTerminal) ? await createPainter() : noPaint;
    for (const { file, found } of files) {
      io.out(printedLines([...found.map((diagnostic) => describeDiagnostic(diagnostic, paint)), `${file} ${summarize(found)}`]));
    }
    return;
  }
  const result = { files: files.map(describeFile) };
  io.out(output === 'yaml' ? formatGoYaml(JSON.parse(JSON.stringify(result))) : printedJson(result));
}

function summarize(found: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity'], word: string): string[] => {
    const number = found.filter((diagnostic) => diagnostic.severity === severity).length;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning')].join(' and ');
  if (found.some(isError)) return `is not valid: ${counts}`;
  return counts === '' ? 'is valid' : `is valid, with ${counts}`;
}

function describeFile({ file, found }: CheckedFile): object {
  return {
    file,
    // The verdict of istioctl's validate, which does not ask the API server.
    valid: !found.some(isErrorOfIstio),
    accepted: !found.some(isError),
    errors: found.filter(isError).map(describe),
    warnings: found.filter(({ severity }) => severity === 'warning').map(describe),
    notes: found.filter(({ severity }) => severity === 'info').map(describe),
  };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function describe(diagnostic: Diagnostic): object {
  const { code, message, resource, location, path, apiServer } = diagnostic;
  return {
    code,
    layer: layerOf(diagnostic),
    message: apiServer?.message ?? message,
    resource,
    path: apiServer?.field ?? (path === undefined ? undefined : formatPath(path)),
    line: location?.line,
    column: location?.column,
  };
}

/** Who says it: the API server, the webhook of Istio, or only mesh. */
function layerOf({ code, apiServer }: Diagnostic): string {
  if (apiServer !== undefined) return 'api-server';
  return code.startsWith('IST') || code === unknownField.code || code === unreadableValue.code ? 'webhook' : 'mesh';
}
