import { createDocumentValidator, type DocumentValidator, isErrorOfIstio } from '../../admission/document.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { unknownField, unreadableValue } from '../../diagnostics/problems/objects.ts';
import { type ConfigDocument, checkConfig, configMapDocuments, meshConfigFile } from '../../input/istiod-config.ts';
import { registryResources } from '../../input/load.ts';
import { type ReadFile, readSources } from '../../input/sources.ts';
import { describeDiagnostic, noPaint } from '../../output/diagnostics.ts';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import type { Release } from '../../releases/release.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { formatPath } from '../../resource/shape.ts';
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
  const read = readSources(options, paths, io);
  const { namespace, release } = read.sources;
  const validator = createDocumentValidator(read.sources);
  const checked = [
    ...read.manifests.map((file) => checkManifests(file, validator, release)),
    ...(await Promise.all(read.registry.map((file) => checkRegistry(file, namespace)))),
    ...read.meshConfig.map((file) => checkMeshConfigFile(file, release)),
  ];
  await printDiagnostics(read.problems, io);
  await print(checked, options, io);
  const errors = [...read.problems, ...checked.flatMap(({ found }) => found)].filter(isError);
  if (errors.some(({ code }) => UNREADABLE.includes(code))) return EXIT.data;
  return errors.length > 0 ? EXIT.findings : EXIT.fine;
}

interface CheckedFile {
  readonly file: string;
  readonly found: readonly Diagnostic[];
}

function checkManifests({ file, documents, problems }: ReadFile, validator: DocumentValidator, release: Release): CheckedFile {
  const found = documents.flatMap((document) => {
    const { resource, diagnostics } = validator(document);
    const isIstiods = resource?.kind === 'ConfigMap' && resource.name === 'istio';
    return isIstiods ? [...diagnostics, ...checkConfigMap(resource, release)] : diagnostics;
  });
  return { file, found: [...problems, ...found] };
}

/** The messages in istiod's ConfigMap. */
function checkConfigMap(configMap: ResourceOf<'ConfigMap'>, release: Release): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const documents = configMapDocuments(configMap, release, (diagnostic) => void found.push(diagnostic));
  return [...found, ...documents.flatMap(checkMessage)];
}

async function checkRegistry(file: ReadFile, namespace: string): Promise<CheckedFile> {
  const found = [...file.problems];
  await registryResources(file, namespace, (diagnostic) => void found.push(diagnostic));
  return { file: file.file, found };
}

function checkMeshConfigFile({ file, documents, problems }: ReadFile, release: Release): CheckedFile {
  const found = documents.slice(0, 1).flatMap((document) => checkMessage(meshConfigFile(document, release)));
  return { file, found: [...problems, ...found] };
}

/** What cannot be read of a message is left out of the rest of its check. */
function checkMessage(config: ConfigDocument): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const { resource } = config;
  const { findings } = checkConfig(config, (diagnostic) => void found.push({ ...diagnostic, resource }));
  return [...found, ...findings];
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
