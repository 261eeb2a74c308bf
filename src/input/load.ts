import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { ConfigMapObject } from '../api/kubernetes.ts';
import { meshConfigTwice, unknownField, unreadableValue, wrongType } from '../diagnostics/catalog.ts';
import type { Diagnostic, Location, Report } from '../diagnostics/diagnostic.ts';
import { dataError, usageError } from '../diagnostics/user-error.ts';
import { type MeshInput, singleCluster } from '../model/mesh-input.ts';
import { defaultRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import { dns1123Label } from '../resource/api-server/formats.ts';
import { completeResources } from '../resource/complete.ts';
import { type DecodeOptions, decodeDocuments } from '../resource/decode.ts';
import { indexKinds } from '../resource/kinds.ts';
import type { Resource } from '../resource/resource.ts';
import { createSpecDecoder } from '../resource/schema-check.ts';
import { describeValue, formatPath } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { expandLists } from '../source/lists.ts';
import { readTexts, type SourceText } from '../source/load.ts';
import { parseText } from '../source/parse.ts';
import { goQuote } from '../util/go-format.ts';
import { isObject, own } from '../util/object.ts';
import { type MeshConfigFile, readConfigFile } from './config-file.ts';
import { kindOfDefault } from './default-path.ts';
import type { InputFiles } from './files.ts';
import type { InputOptions } from './options.ts';

/** All that is read, decoded. */
export interface Input {
  /** The release of Istio that it is for. */
  readonly release: Release;
  /** The texts of the manifests. */
  readonly texts: readonly SourceText[];
  /** The documents of the manifests, as written. */
  readonly documents: readonly SourceDocument[];
  /** Resources as they are written and in the order in which they were read. */
  readonly written: readonly Resource[];
  /** What a cluster would make of them: all in a namespace, workloads expanded to pods, addresses filled in; sorted. */
  readonly resources: readonly Resource[];
  /** The body of MeshConfig as written; empty where none is given. */
  readonly meshConfig: MeshConfig;
  /** Of the ConfigMap that holds MeshConfig; undefined where none is given. */
  readonly meshNetworks: MeshNetworks | undefined;
  /** The namespace of what names none. */
  readonly namespace: string;
  /** What is wrong with the input, in the order it was found. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the mesh of an input is built from. */
export function meshInputOf({
  resources,
  meshConfig,
  meshNetworks,
  release,
}: Pick<Input, 'resources' | 'meshConfig' | 'meshNetworks' | 'release'>): MeshInput {
  return singleCluster(resources, meshConfig, meshNetworks, release);
}

/** Where a command reads from, after flags and mesh.config.yaml. */
export interface Sources {
  readonly release: Release;
  readonly manifests: readonly string[];
  readonly registry: string | undefined;
  readonly meshConfig: string | undefined;
  readonly namespace: string;
}

const DEFAULT_FOLDER = 'manifests';

/**
 * Reads the manifests, the registry file and MeshConfig that flags, further paths of the command line and mesh.config.yaml name.
 * Mistakes in them are in the result; a call that names nothing to read is a mistake of usage. What `decode` says goes before what
 * flags say.
 */
export async function loadInput(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
  decode: Partial<DecodeOptions> = {},
): Promise<Input> {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic);
  const sources = sourcesOf(options, paths, files, report);
  const { release } = sources;
  const namespace = decode.namespace ?? sources.namespace;
  const texts = readTexts(sources.manifests, files, report);
  const { documents, resources: decoded } = decodeTexts(texts, { release, ...decode, namespace }, report);
  const registered = sources.registry === undefined ? [] : await loadRegistry(sources.registry, namespace, files, report);
  const meshConfig = loadMeshConfig(sources, decoded, files, report);
  const meshNetworks = loadMeshNetworks(decoded, release, report);
  const written = [...decoded, ...registered];
  const resources = completeResources(placed(written, release), report);
  return { release, texts, documents, written, resources, meshConfig, meshNetworks, namespace, diagnostics };
}

/** What texts do not say themselves. */
export interface TextOptions {
  /** The namespace of what names none; `default` unless given. */
  readonly namespace?: string;
  readonly meshConfig?: MeshConfig;
  readonly release?: Release;
}

/** The input that texts hold which the caller has read; MeshConfig, unless it is given, is that of the ConfigMap `istio`. */
export function inputOfTexts(
  texts: readonly SourceText[],
  { namespace = 'default', meshConfig, release = defaultRelease }: TextOptions = {},
): Input {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic);
  const { documents, resources: written } = decodeTexts(texts, { release, namespace }, report);
  return {
    release,
    texts,
    documents,
    written,
    meshConfig: meshConfig ?? meshConfigOfConfigMap(written, release, report),
    meshNetworks: loadMeshNetworks(written, release, report),
    resources: completeResources(placed(written, release), report),
    namespace,
    diagnostics,
  };
}

function decodeTexts(
  texts: readonly SourceText[],
  options: DecodeOptions,
  report: Report,
): { readonly documents: readonly SourceDocument[]; readonly resources: readonly Resource[] } {
  const documents = texts.flatMap(({ file, text }) => expandLists(parseText(file, text, report)));
  return { documents, resources: decodeDocuments(documents, options, report) };
}

/** Every resource in a namespace, as in a cluster. */
function placed(resources: readonly Resource[], release: Release): readonly Resource[] {
  const kindOf = indexKinds(release);
  return resources.map((resource) =>
    resource.namespace === '' && kindOf(resource.group, resource.kind)?.namespaced
      ? { ...resource, namespace: 'default' }
      : resource,
  );
}

/**
 * Where a command reads from. A call that names nothing to read is a mistake of usage; mistakes in mesh.config.yaml end the work,
 * since nobody knows what it was to read.
 */
export function sourcesOf(options: InputOptions, paths: readonly string[], files: InputFiles, report: Report): Sources {
  const [problem] = options.namespace ? dns1123Label(options.namespace) : [];
  if (problem !== undefined) throw usageError(`--namespace ${goQuote(options.namespace ?? '')}: ${problem}`);
  const found: Diagnostic[] = [];
  const config = readConfigFile(files, (diagnostic) => void found.push(diagnostic));
  if (found.some(({ severity }) => severity === 'error')) {
    throw dataError(`${config?.file ?? 'mesh.config.yaml'} has mistakes; nothing was read`, found);
  }
  for (const diagnostic of found) report(diagnostic);
  return chooseSources(options, paths, files, config);
}

function chooseSources(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
  config: MeshConfigFile | undefined,
): Sources {
  const named = [...(options.file ?? []), ...paths];
  const isExplicit = named.length > 0 || options.registry !== undefined;
  const registry = options.registry ?? (isExplicit ? undefined : config?.registry);
  const common = {
    release: defaultRelease,
    registry,
    meshConfig: options.meshConfig ?? config?.meshConfig,
    namespace: options.namespace ?? config?.namespace ?? 'default',
  };
  if (isExplicit) return { ...common, manifests: named };
  if (config?.manifests !== undefined) return { ...common, manifests: config.manifests };
  const fallback = config === undefined ? DEFAULT_FOLDER : siblingOf(config.file, DEFAULT_FOLDER);
  if (kindOfDefault(fallback, files) === 'folder') return { ...common, manifests: [fallback] };
  if (registry !== undefined) return { ...common, manifests: [] };
  throw usageError(
    'nothing to read: name manifests with -f, or put them into ./manifests, or list them in a mesh.config.yaml here or in a folder above',
  );
}

function siblingOf(file: string, name: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? name : `${file.slice(0, slash)}/${name}`;
}

async function loadRegistry(file: string, namespace: string, files: InputFiles, report: Report): Promise<Resource[]> {
  const { decodeRegistry } = await import('../resource/registry-file.ts');
  return readTexts([file], files, report).flatMap(({ text }) =>
    parseText(file, text, report).flatMap((document) => decodeRegistry(document, { namespace }, report)),
  );
}

/** The body of MeshConfig: of its own file, else of the ConfigMap `istio`. */
function loadMeshConfig(sources: Sources, resources: readonly Resource[], files: InputFiles, report: Report): MeshConfig {
  const { release } = sources;
  if (sources.meshConfig === undefined) return meshConfigOfConfigMap(resources, release, report);
  const configMap = istioConfigMap(resources, 'mesh');
  if (configMap !== undefined) report(meshConfigTwice({ location: configMap.document.locate(['data', 'mesh'], 'key') }));
  const { meshConfig: file } = sources;
  const documents = readTexts([file], files, report).flatMap(({ text }) => parseText(file, text, report));
  return messageOf('MeshConfig', documents[0], 'MeshConfig', release, report);
}

function meshConfigOfConfigMap(resources: readonly Resource[], release: Release, report: Report): MeshConfig {
  const configMap = istioConfigMap(resources, 'mesh');
  if (configMap === undefined) return {};
  return messageOf('MeshConfig', embeddedDocument(configMap, 'mesh', report), 'data.mesh', release, report);
}

/** MeshNetworks stands beside MeshConfig in the ConfigMap `istio`. */
function loadMeshNetworks(resources: readonly Resource[], release: Release, report: Report): MeshNetworks | undefined {
  const configMap = istioConfigMap(resources, 'meshNetworks');
  return (
    configMap &&
    messageOf('MeshNetworks', embeddedDocument(configMap, 'meshNetworks', report), 'data.meshNetworks', release, report)
  );
}

/** The ConfigMap `istio` that has this key: that of istio-system before others. */
function istioConfigMap(resources: readonly Resource[], key: string): Resource<ConfigMapObject> | undefined {
  const configMaps = resources.filter(({ kind, name, spec }) => {
    return kind === 'ConfigMap' && name === 'istio' && own((spec as ConfigMapObject).data, key) !== undefined;
  }) as readonly Resource<ConfigMapObject>[];
  return configMaps.find(({ namespace }) => namespace === 'istio-system') ?? configMaps[0];
}

/** The messages of istiod's ConfigMap. */
export interface ConfigMessages {
  MeshConfig: MeshConfig;
  MeshNetworks: MeshNetworks;
}

/** The message that a document holds, `subject` for people; what is wrong with it is reported. */
export function messageOf<K extends keyof ConfigMessages>(
  message: K,
  document: SourceDocument | undefined,
  subject: string,
  release: Release,
  report: Report,
): Partial<ConfigMessages[K]> {
  if (document === undefined) return {};
  const body = document.value;
  if (!isObject(body)) {
    report(wrongType({ location: document.locate([]) }, subject, 'an object', describeValue(body)));
    return {};
  }
  // A zero written down replaces a default: REGISTRY_ONLY is one.
  const decoded = createSpecDecoder(release)(message, body, { keepZeros: 'all' });
  for (const { kind, path, message, suggestion } of decoded?.problems ?? []) {
    const suggestions = suggestion === undefined ? [] : [suggestion];
    // istiod passes over fields that it does not know, and does not start with values that it cannot read.
    if (kind === 'bad-value')
      report(unreadableValue({ location: document.locate(path), path }, formatPath(path), message, suggestions));
    else {
      const subject = { location: document.locate(path, 'key'), path };
      report({ ...unknownField(subject, String(path.at(-1)), suggestions), severity: 'warning' });
    }
  }
  return (decoded?.value ?? {}) as Partial<ConfigMessages[K]>;
}

/** The YAML under a key, with positions in the file of the ConfigMap. */
export function embeddedDocument(configMap: Resource<ConfigMapObject>, key: string, report: Report): SourceDocument | undefined {
  const { document, spec } = configMap;
  const start = document.locate(['data', key]);
  // The text of a block starts below its indicator, and how far it is indented is not known here.
  const shift = (location: Location): Location => ({ file: location.file, line: start.line + location.line, column: 1 });
  const shifted: Report = (diagnostic) =>
    report({ ...diagnostic, ...(diagnostic.location && { location: shift(diagnostic.location) }) });
  const inner = parseText(document.file, own(spec.data, key) ?? '', shifted)[0];
  return inner && { ...inner, locate: (path, on) => shift(inner.locate(path, on)) };
}
