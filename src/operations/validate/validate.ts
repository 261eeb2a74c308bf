import type { Diagnostic, Report } from '../../diagnostics/diagnostic.ts';
import { laterField, unknownField, unreadableValue } from '../../diagnostics/problems/objects.ts';
import { checkMessage, createDocumentValidator, type DocumentValidator } from '../../findings/documents.ts';
import { isErrorOfIstio, isUnreadable } from '../../findings/policy/levels.ts';
import { apiServerOf } from '../../input/api-server.ts';
import { type ConfigDocument, meshNetworksFile, namedMeshConfig } from '../../input/istiod-config.ts';
import { registryResources } from '../../input/load.ts';
import { allPassedOver, type PassedOver, passedOver } from '../../input/passed-over.ts';
import type { ReadFile } from '../../input/repository.ts';
import type { ReadSources } from '../../input/sources.ts';
import { formatPath } from '../../resource/shape.ts';
import type { SourceDocument } from '../../source/document.ts';

/** What is wrong with each resource by itself, and with MeshConfig, file by file. */
export interface ValidationReport {
  readonly files: readonly ValidatedFile[];
  /** Whether an input cannot be read, is read and has an error, or has none. */
  readonly outcome: 'unreadable' | 'invalid' | 'valid';
  /** What nobody looked at. */
  readonly passedOver: PassedOver;
}

/** A file with what was found in it. */
export interface ValidatedFile {
  readonly file: string;
  /** The verdict of istioctl's validate, which does not ask the API server. */
  readonly isValid: boolean;
  /** Whether a cluster would take all of it. */
  readonly isAccepted: boolean;
  readonly findings: readonly ValidationFinding[];
}

/** A finding with what its judge says of it. */
export interface ValidationFinding {
  readonly diagnostic: Diagnostic;
  readonly layer: Layer;
  /** Message and field as the layer gives them. */
  readonly message: string;
  readonly field: string | undefined;
}

/** Who says it: the API server, the webhook of Istio, or only mesh. */
export type Layer = 'api-server' | 'webhook' | 'mesh';

/** Checks each resource of these sources by itself, and MeshConfig; a file that several clusters have in common once. */
export async function validateSources(each: readonly ReadSources[]): Promise<ValidationReport> {
  const reports = await Promise.all(each.map(validateOne));
  const [only, ...others] = reports;
  if (only !== undefined && others.length === 0) return only;
  const files = new Map(reports.flatMap((report) => report.files).map((file) => [file.file, file]));
  const outcomes = new Set(reports.map(({ outcome }) => outcome));
  return {
    files: [...files.values()],
    outcome: (['unreadable', 'invalid'] as const).find((outcome) => outcomes.has(outcome)) ?? 'valid',
    passedOver: allPassedOver(reports.map(({ passedOver: unread }) => unread)),
  };
}

async function validateOne({
  sources,
  release,
  manifests,
  registry,
  meshConfig,
  meshNetworks,
  foreign,
  unbuilt,
  problems,
}: ReadSources): Promise<ValidationReport> {
  const { namespace } = sources;
  const documents = manifests.flatMap((file) => file.documents);
  const apiServer = await apiServerOf(documents, release, sources.apiServer, unbuilt);
  const validate = createDocumentValidator({ release, namespace, apiServer });
  const validator = sources.apiServer.mode === 'none' ? withoutApiServer(validate) : validate;
  const files = [
    ...manifests.map((file) => validateManifests(file, validator)),
    ...(await Promise.all(registry.map((file) => validateRegistry(file, namespace)))),
    ...meshConfig.map((file) => validateConfigFile(file, (document, report) => namedMeshConfig(document, release, report))),
    ...meshNetworks.map((file) => validateConfigFile(file, (document) => meshNetworksFile(document, release))),
  ];
  const all = [...problems, ...files.flatMap(({ findings }) => findings.map(({ diagnostic }) => diagnostic))];
  const errors = all.filter(isError);
  const outcome = errors.some(isUnreadable) ? 'unreadable' : errors.length > 0 ? 'invalid' : 'valid';
  return { files, outcome, passedOver: passedOver(foreign, documents, release, () => {}) };
}

/** What is left where nobody wants to hear of the API server. */
function withoutApiServer(validate: DocumentValidator): DocumentValidator {
  return (document) => {
    const { isValid, diagnostics } = validate(document);
    return { isValid, diagnostics: diagnostics.filter(({ apiServer }) => apiServer === undefined) };
  };
}

function validateManifests({ file, documents, problems }: ReadFile, validator: DocumentValidator): ValidatedFile {
  const checked = documents.map(validator);
  const findings = checked.flatMap(({ diagnostics }) => diagnostics);
  const isValid = !problems.some(isErrorOfIstio) && checked.every((one) => one.isValid);
  return { ...judged(file, [...problems, ...findings]), isValid };
}

async function validateRegistry(file: ReadFile, namespace: string): Promise<ValidatedFile> {
  const found = [...file.problems];
  await registryResources(file, namespace, (diagnostic) => void found.push(diagnostic));
  // The registry file is mesh's own; no webhook knows it.
  const { findings, ...verdict } = judged(file.file, found);
  return { ...verdict, findings: findings.map((finding) => ({ ...finding, layer: 'mesh' as const })) };
}

function validateConfigFile(
  { file, documents, problems }: ReadFile,
  configIn: (document: SourceDocument, report: Report) => ConfigDocument | undefined,
): ValidatedFile {
  const reported: Diagnostic[] = [];
  const found = documents.slice(0, 1).flatMap((document) => {
    const config = configIn(document, (diagnostic) => void reported.push(diagnostic));
    return config === undefined ? [] : checkMessage(config);
  });
  return judged(file, [...problems, ...reported, ...found]);
}

/** What the webhook says while it reads an object. */
const ofWebhook: readonly string[] = [unknownField.code, laterField.code, unreadableValue.code];

function judged(file: string, found: readonly Diagnostic[]): ValidatedFile {
  return {
    file,
    isValid: !found.some(isErrorOfIstio),
    isAccepted: !found.some(isError),
    findings: found.map(judgedFinding),
  };
}

function judgedFinding(diagnostic: Diagnostic): ValidationFinding {
  const { code, message, path, apiServer } = diagnostic;
  if (apiServer !== undefined) return { diagnostic, layer: 'api-server', message: apiServer.message, field: apiServer.field };
  const isOfWebhook = code.startsWith('IST') || ofWebhook.includes(code);
  const field = path === undefined ? undefined : formatPath(path);
  return { diagnostic, layer: isOfWebhook ? 'webhook' : 'mesh', message, field };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
