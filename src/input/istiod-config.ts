import { diagnose } from '../admission/diagnose.ts';
import { validateMeshConfig, validateMeshNetworks } from '../admission/index.ts';
import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { Diagnostic, Location, Path, Report, ResourceRef } from '../diagnostics/diagnostic.ts';
import { configRefused, configSpelling, meshConfigTwice } from '../diagnostics/problems/mesh-config.ts';
import { laterField, unknownField, unreadableValue, wrongType } from '../diagnostics/problems/objects.ts';
import { meshConfigFound, noMeshConfig } from '../diagnostics/problems/repositories.ts';
import type { Release } from '../releases/release.ts';
import { complaintOf } from '../resource/decode.ts';
import { type Resource, type ResourceOf, refOf } from '../resource/resource.ts';
import { createSpecDecoder } from '../resource/schema-check.ts';
import { resourcesOf } from '../resource/select.ts';
import { describeValue, formatPath } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { isObject, own } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import { controlPlanesOf, labelOf, type WrittenPart } from './control-plane.ts';

/** The messages that configure istiod. */
export interface ConfigMessages {
  MeshConfig: MeshConfig;
  MeshNetworks: MeshNetworks;
}

/** A message of istiod's configuration where it is written, and what it is called for people. */
export interface ConfigDocument<K extends keyof ConfigMessages = keyof ConfigMessages> {
  readonly message: K;
  readonly document: SourceDocument;
  readonly resource: ResourceRef;
  readonly subject: string;
  /** The release that knows its fields. */
  readonly release: Release;
}

/** A message as istiod takes it, and the rules that it breaks. */
export interface CheckedConfig<K extends keyof ConfigMessages> {
  readonly body: Partial<ConfigMessages[K]>;
  readonly findings: readonly Diagnostic[];
}

/** The body of MeshConfig: of its own file, else of the ConfigMap `istio`, else of what installs istiod. */
export function meshConfigDocument(
  file: SourceDocument | undefined,
  { resources, documents }: { readonly resources: readonly Resource[]; readonly documents: readonly SourceDocument[] },
  release: Release,
  report: Report,
): ConfigDocument<'MeshConfig'> | undefined {
  const configMap = istioConfigMap(resources, 'mesh');
  if (file !== undefined) {
    if (configMap !== undefined) report(meshConfigTwice({ location: configMap.document.locate(['data', 'mesh'], 'key') }));
    return namedMeshConfig(file, release, report);
  }
  if (configMap !== undefined) return configMapDocument(configMap, 'MeshConfig', release, report);
  const [found, ...others] = installedMeshConfigs(documents, release);
  if (found === undefined) return undefined;
  const { kind, namespace, name } = found.resource;
  const label = labelOf(kind, namespace, name);
  report(meshConfigFound({ location: found.document.locate([], 'key'), resource: found.resource }, label, others.length));
  return found;
}

/** The body of MeshConfig in a file of its own. */
export function meshConfigFile(document: SourceDocument, release: Release): ConfigDocument<'MeshConfig'> {
  const resource = { kind: 'MeshConfig', name: '', namespace: '' };
  return { message: 'MeshConfig', document, resource, subject: 'MeshConfig', release };
}

/**
 * MeshConfig in a file that is named: its body, or one of the objects that carry it, as a cluster or an installation has them. Undefined,
 * and reported, where an object carries none.
 */
export function namedMeshConfig(
  document: SourceDocument,
  release: Release,
  report: Report,
): ConfigDocument<'MeshConfig'> | undefined {
  const { value } = document;
  const body = meshConfigFile(document, release);
  if (!isObject(value)) return body;
  if (typeof value.kind !== 'string' || typeof value.apiVersion !== 'string') {
    // Values of the chart of istiod.
    return isObject(value.meshConfig)
      ? { ...body, document: partOfDocument([{ value: value.meshConfig, document, path: ['meshConfig'] }]) }
      : body;
  }
  const data = value.kind === 'ConfigMap' && isObject(value.data) ? value.data : {};
  const text = own(data, keys.MeshConfig);
  const embedded = typeof text === 'string' ? embeddedText(document, text, ['data', keys.MeshConfig], report) : undefined;
  if (embedded !== undefined) return { ...body, document: embedded };
  const [found] = installedMeshConfigs([document], release);
  if (found === undefined) report(noMeshConfig({ location: document.locate(['kind']) }, `a ${value.kind}`));
  return found;
}

/** The MeshConfigs of what installs istiod, the likeliest first. */
function installedMeshConfigs(documents: readonly SourceDocument[], release: Release): readonly ConfigDocument<'MeshConfig'>[] {
  return controlPlanesOf(documents).flatMap(({ meshConfig, resource }) =>
    meshConfig.length === 0
      ? []
      : [{ message: 'MeshConfig', document: partOfDocument(meshConfig), resource, subject: 'meshConfig', release } as const],
  );
}

/** Parts of documents as one document of their own; earlier ones win, field by field. */
function partOfDocument(parts: readonly WrittenPart[]): SourceDocument {
  const [first] = parts;
  if (first === undefined) throw new TypeError('a document has parts');
  return {
    file: first.document.file,
    index: first.document.index,
    value: Object.fromEntries(parts.toReversed().flatMap(({ value }) => Object.entries(value))),
    locate(path, on) {
      const field = String(path[0]);
      const { document, path: base } = parts.find(({ value }) => Object.hasOwn(value, field)) ?? first;
      return document.locate([...base, ...path], on);
    },
  };
}

/** MeshNetworks in a file of its own. */
export function meshNetworksFile(document: SourceDocument, release: Release): ConfigDocument<'MeshNetworks'> {
  const resource = { kind: 'MeshNetworks', name: '', namespace: '' };
  return { message: 'MeshNetworks', document, resource, subject: 'MeshNetworks', release };
}

/** The body of MeshNetworks: of its own file, else beside MeshConfig in the ConfigMap `istio`. */
export function meshNetworksDocument(
  file: SourceDocument | undefined,
  resources: readonly Resource[],
  release: Release,
  report: Report,
): ConfigDocument<'MeshNetworks'> | undefined {
  const configMap = istioConfigMap(resources, 'meshNetworks');
  if (file !== undefined) return meshNetworksFile(file, release);
  return configMap && configMapDocument(configMap, 'MeshNetworks', release, report);
}

/** All messages of a ConfigMap `istio`. */
export function configMapDocuments(
  configMap: ResourceOf<'ConfigMap'>,
  release: Release,
  report: Report,
): readonly ConfigDocument[] {
  const documents = [
    configMapDocument(configMap, 'MeshConfig', release, report),
    configMapDocument(configMap, 'MeshNetworks', release, report),
  ];
  return documents.filter((document) => document !== undefined);
}

const keys = { MeshConfig: 'mesh', MeshNetworks: 'meshNetworks' } as const;

function configMapDocument<K extends keyof ConfigMessages>(
  configMap: ResourceOf<'ConfigMap'>,
  message: K,
  release: Release,
  report: Report,
): ConfigDocument<K> | undefined {
  const key = keys[message];
  const document = embeddedDocument(configMap, key, report);
  return document && { message, document, resource: refOf(configMap), subject: `data.${key}`, release };
}

/** Whether a ConfigMap of that name is istiod's, or that of a revision of it. */
export function isIstioConfigMap(name: string): boolean {
  return name === 'istio' || name.startsWith('istio-');
}

/** The ConfigMap `istio`, or `istio-<revision>`, that has this key: that of istio-system before others, and `istio` before revisions. */
function istioConfigMap(resources: readonly Resource[], key: string): ResourceOf<'ConfigMap'> | undefined {
  const configMaps = resourcesOf(resources, 'ConfigMap')
    .filter(({ name, spec }) => isIstioConfigMap(name) && own(spec.data, key) !== undefined)
    .sort((a, b) => compareText(a.name, b.name));
  return configMaps.find(({ namespace }) => namespace === 'istio-system') ?? configMaps[0];
}

/** The trust domain that istiods of other clusters read among the resources of one: that of its ConfigMap `istio`. */
export function trustDomainOf(resources: readonly Resource[], release: Release): string | undefined {
  const configMap = istioConfigMap(resources, keys.MeshConfig);
  const silently: Report = () => undefined;
  const document = configMap && configMapDocument(configMap, 'MeshConfig', release, silently);
  return document && effectiveConfig(document, silently).body.trustDomain;
}

/** Decodes a message and checks it by istiod's rules. What cannot be read is reported, and left out of the check. */
export function checkConfig<K extends keyof ConfigMessages>(config: ConfigDocument<K>, report: Report): CheckedConfig<K> {
  const body = messageOf(config, report);
  const checked = config.message === 'MeshConfig' ? validateMeshConfig(body) : validateMeshNetworks(body);
  return { body, findings: diagnose(checked, config) };
}

/**
 * A message as it is in effect: istiod refuses it as a whole when it breaks a rule, and goes on with its defaults; istio
 * pkg/config/mesh/meshwatcher/collection.go NewCollection, NewNetworksCollection.
 */
export function effectiveConfig<K extends keyof ConfigMessages>(config: ConfigDocument<K>, report: Report): CheckedConfig<K> {
  let isUnreadable = false;
  const checked = checkConfig(config, (diagnostic) => {
    isUnreadable ||= diagnostic.severity === 'error';
    report(diagnostic);
  });
  if (isUnreadable) return { ...checked, body: {} };
  const [first] = checked.findings.filter(({ severity }) => severity === 'error');
  if (first === undefined) return checked;
  const { location, path, message } = first;
  report(configRefused({ ...(location && { location }), ...(path && { path }) }, config.message, message));
  return { ...checked, body: {} };
}

/** The message that a document holds; what is wrong with it is reported. */
function messageOf<K extends keyof ConfigMessages>(
  { message, document, subject, release }: ConfigDocument<K>,
  report: Report,
): Partial<ConfigMessages[K]> {
  const body = document.value;
  if (!isObject(body)) {
    report(wrongType({ location: document.locate([]) }, subject, 'an object', describeValue(body)));
    return {};
  }
  // A zero written down replaces a default: REGISTRY_ONLY is one.
  const decoded = createSpecDecoder(release)(message, body, { keepZeros: 'all' });
  for (const problem of decoded?.problems ?? []) {
    const { kind, path, suggestion } = problem;
    const suggestions = suggestion === undefined ? [] : [suggestion];
    // istiod passes over fields that it does not know, and does not start with values that it cannot read.
    if (kind === 'bad-value')
      report(
        unreadableValue({ location: document.locate(path), path }, formatPath(path), complaintOf(problem, release), suggestions),
      );
    else {
      const subject = { location: document.locate(path, 'key'), path };
      const field = String(path.at(-1));
      const since = own(release.laterMembers, problem.member ?? '');
      const unknown =
        since === undefined ? unknownField(subject, field, suggestions) : laterField(subject, field, since, release.name);
      report({ ...unknown, severity: 'warning' });
    }
  }
  const value = (decoded?.value ?? {}) as Partial<ConfigMessages[K]>;
  return message === 'MeshConfig' ? withoutOtherSpellings(value, body, document, report) : value;
}

/** Fields that istiod looks up in the text before it merges them, so that no other spelling counts; istio mesh.go ApplyMeshConfig. */
const exactFields = ['defaultConfig', 'defaultProviders'] as const;

function withoutOtherSpellings<T>(value: Partial<T>, body: object, document: SourceDocument, report: Report): Partial<T> {
  const ignored = exactFields.filter((field) => field in value && !Object.hasOwn(body, field));
  if (ignored.length === 0) return value;
  for (const field of ignored) {
    const written = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    report(configSpelling({ location: document.locate([field], 'key'), path: [field] }, written, field));
  }
  return Object.fromEntries(Object.entries(value).filter(([field]) => !ignored.some((other) => other === field))) as Partial<T>;
}

/** The YAML under a key, with positions in the file of the ConfigMap. */
function embeddedDocument(configMap: ResourceOf<'ConfigMap'>, key: string, report: Report): SourceDocument | undefined {
  const text = own(configMap.spec.data, key);
  return text === undefined ? undefined : embeddedText(configMap.document, text, ['data', key], report);
}

function embeddedText(document: SourceDocument, text: string, path: Path, report: Report): SourceDocument | undefined {
  const start = document.locate(path);
  // The text of a block starts below its indicator, and how far it is indented is not known here. One in quotes is named itself.
  const isBlock = start.endLine !== undefined && start.endLine > start.line;
  const shift = ({ file, line }: Location): Location => (isBlock ? { file, line: start.line + line, column: 1 } : start);
  const shifted: Report = (diagnostic) =>
    report({ ...diagnostic, ...(diagnostic.location && { location: shift(diagnostic.location) }) });
  const [inner] = parseText(document.file, text, shifted);
  return inner && { ...inner, locate: (path, on) => shift(inner.locate(path, on)) };
}
