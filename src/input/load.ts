import { normalize } from 'node:path';
import type { ApiServer } from '../admission/api-server/index.ts';
import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import { notAnObject } from '../diagnostics/problems/objects.ts';
import { aliasBomb, nestedTooDeep, yamlSyntax } from '../diagnostics/problems/reading.ts';
import { templateNotRendered } from '../diagnostics/problems/repositories.ts';
import { type ConfigPlace, DEFAULT_DOMAIN, type MeshInput, singleCluster } from '../model/mesh-input.ts';
import { defaultRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import type { InstalledGateway } from '../resource/assumed-gateway.ts';
import { completeResources } from '../resource/complete.ts';
import { createRememberingDecoder, type DecodeOptions, decodeDocuments } from '../resource/decode.ts';
import type { ForeignObject } from '../resource/foreign-objects.ts';
import { indexKinds } from '../resource/kinds.ts';
import { type NetworkPolicy, networkPoliciesAmong } from '../resource/network-policies.ts';
import { otherEntrancesAmong } from '../resource/other-entrances.ts';
import { identityOf } from '../resource/repeated.ts';
import type { Resource, ResourceOf } from '../resource/resource.ts';
import type { SourceDocument } from '../source/document.ts';
import type { SourceText } from '../source/load.ts';
import { mentionsPlaceholder } from '../source/templates.ts';
import { type Again, afresh, againWithin } from '../util/again.ts';
import { groupBy } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { apiServerOf } from './api-server.ts';
import type { ClusterSources } from './config-file.ts';
import { releaseWithDualStack } from './dual-stack.ts';
import type { InputFiles } from './files.ts';
import { groupByFolder } from './folders.ts';
import { installedGateways } from './installed-gateways.ts';
import { issuedSecrets } from './issued-secrets.ts';
import { effectiveConfig, meshConfigDocument, meshNetworksDocument, trustDomainOf } from './istiod-config.ts';
import type { InputOptions } from './options.ts';
import { allPassedOver, type PassedOver, passedOver } from './passed-over.ts';
import { isKubernetesObject, type ReadFile, readDocuments } from './repository.ts';
import { type ReadSources, readEachCluster, readSources } from './sources.ts';
import { nothingUnread, type Unread } from './unread.ts';

/** All that is read, decoded. */
export interface Input {
  /** The cluster that it is, where clusters are named. */
  readonly cluster?: NamedCluster | undefined;
  /** The release of Istio that it is for. */
  readonly release: Release;
  /** The version of the proxies whose pods do not tell it; undefined for istiod's. */
  readonly proxyVersion?: string | undefined;
  /** The texts of the manifests. */
  readonly texts: readonly SourceText[];
  /** The documents of the manifests, as written. */
  readonly documents: readonly SourceDocument[];
  /** Resources as they are written and in the order in which they were read. */
  readonly written: readonly Resource[];
  /** Gateways that something among the documents installs, be they written too or not. */
  readonly installed: readonly InstalledGateway[];
  /** Secrets that other controllers make of what is written. */
  readonly issued: readonly ResourceOf<'Secret'>[];
  /** What a cluster would make of them: all in a namespace, workloads expanded to pods, addresses filled in; sorted. */
  readonly resources: readonly Resource[];
  /** The body of MeshConfig as it is in effect; empty where none is given, or where istiod refuses it. */
  readonly meshConfig: MeshConfig;
  /** Where it is written; undefined where none is given. */
  readonly meshConfigSource: ConfigPlace | undefined;
  /** Of its own file, or of the ConfigMap that holds MeshConfig; undefined where none is given. */
  readonly meshNetworks: MeshNetworks | undefined;
  /** The rules that MeshConfig and MeshNetworks break. */
  readonly configFindings: readonly Diagnostic[];
  /** The DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** The namespace of what names none. */
  readonly namespace: string;
  /** What judges documents before Istio sees them; undefined where nobody asks it. */
  readonly apiServer?: ApiServer | undefined;
  /** What the network itself lets through and stops; istiod reads none of it. */
  readonly networkPolicies: readonly NetworkPolicy[];
  /** By what others than Istio lead requests in, of kinds that mesh does not read. */
  readonly otherEntrances: readonly ForeignObject[];
  /** What nobody looked at. */
  readonly passedOver: PassedOver;
  /** Files that a kustomization would change which is not built. */
  readonly unbuilt: ReadonlySet<string>;
  /** What is not read and may hold what others look for. */
  readonly unread: Unread;
  /** What is wrong with the input, in the order it was found. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was made of earlier states of the same input; absent where there are none. */
  readonly again?: Again;
}

/** What is known of a cluster that has a name. */
export interface NamedCluster {
  readonly name: string;
  /** The network of what names none, where the manifests leave it open. */
  readonly network: string | undefined;
  /** The trust domain that istiods of other clusters read in it. */
  readonly trustDomain: string | undefined;
}

/** What the mesh of an input is built from. */
export function meshInputOf({
  resources,
  meshConfig,
  meshConfigSource,
  meshNetworks,
  clusterDomain = DEFAULT_DOMAIN,
  release,
  proxyVersion,
}: Pick<Input, 'resources' | 'meshConfig' | 'meshConfigSource' | 'meshNetworks' | 'release' | 'proxyVersion'> &
  Partial<Pick<Input, 'clusterDomain'>>): MeshInput {
  const {
    clusters: [cluster],
    ...rest
  } = singleCluster(resources, meshConfig, meshNetworks, release);
  return { ...rest, proxyVersion, clusters: [{ ...cluster, meshConfigSource, domain: clusterDomain }] };
}

/**
 * Reads the manifests, the registry file and MeshConfig that flags, further paths of the command line and mesh.config.yaml name.
 * Mistakes in them are in the result; a call that names nothing to read is a mistake of usage. What `decode` says goes before what
 * flags say.
 */
export async function loadInput(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
  choice: LoadChoice = {},
): Promise<Input> {
  return (await loadWith(options, paths, files, choice)).input;
}

/** How resources are decoded, and whether the API server is asked about them. */
export type LoadChoice = Partial<DecodeOptions> & { readonly asksApiServer?: boolean };

/** What was read, and the inputs that it is. */
export interface InputsToAnalyze {
  /** All of it together. */
  readonly input: Pick<Input, 'texts' | 'written' | 'passedOver' | 'release' | 'namespace'>;
  /** What is there at the same time, each part as an input of its own; of several clusters, each cluster. */
  readonly parts: readonly Input[];
  /** Whether the parts are clusters of one mesh. */
  readonly areClusters: boolean;
}

/** The input of each cluster, by name, where clusters are named, else the one that there is. */
export async function loadEachCluster(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
  choice: LoadChoice = {},
): Promise<readonly Input[]> {
  const each = await readEachCluster(options, paths, files);
  return Promise.all(each.map(async (read) => (await loadFrom(read, options, choice, againFor(read, files))).input));
}

/** The input as one part, or each cluster, where clusters are named. */
export async function loadTogether(...call: Parameters<typeof loadInput>): Promise<InputsToAnalyze> {
  const inputs = await loadEachCluster(...call);
  const [first] = inputs;
  if (first === undefined) throw new TypeError('there is always an input');
  if (first.cluster === undefined) return { input: first, parts: [first], areClusters: false };
  const input = {
    texts: [...new Map(inputs.flatMap(({ texts }) => texts).map((text) => [text.file, text])).values()],
    written: inputs.flatMap(({ written }) => written),
    passedOver: allPassedOver(inputs.map((each) => each.passedOver)),
    release: first.release,
    namespace: first.namespace,
  };
  return { input, parts: inputs, areClusters: true };
}

/** The same, with folders that hold variants of one object apart. */
export async function loadByFolder(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
  choice: LoadChoice = {},
): Promise<InputsToAnalyze> {
  const { input, inputOfFiles } = await loadWith(options, paths, files, choice);
  const named = groupBy(input.written, ({ document }) => document.file);
  const groups = groupByFolder(
    input.texts.map(({ file }) => ({ file, names: new Set((named.get(file) ?? []).map(identityOf)) })),
  );
  if (groups.length === 1) return { input, parts: [input], areClusters: false };
  const parts = await Promise.all(
    groups.map((group, index) => inputOfFiles(new Set(group.map(({ file }) => file)), `part ${index}`)),
  );
  return { input, parts, areClusters: false };
}

interface Loaded {
  readonly input: Input;
  /** The input of these of its files only, under a name that is its own. */
  readonly inputOfFiles: (files: ReadonlySet<string>, name: string) => Promise<Input>;
}

async function loadWith(options: InputOptions, paths: readonly string[], files: InputFiles, choice: LoadChoice): Promise<Loaded> {
  const read = await readSources(options, paths, files);
  return loadFrom(read, options, choice, againFor(read, files));
}

/** What was made before of what is read, for one cluster where there are several. */
function againFor({ sources: { cluster } }: ReadSources, { again = afresh }: InputFiles): Again {
  return cluster === undefined ? again : againWithin(again, cluster.name);
}

async function loadFrom(
  read: ReadSources,
  options: InputOptions,
  { asksApiServer = false, ...decode }: LoadChoice,
  known: Again = afresh,
): Promise<Loaded> {
  const { sources, release, knowsDualStack, registry, meshConfig, meshNetworks, foreign, namespaces, unbuilt, unread } = read;
  const { manifests, problems } = options.ignoreUnknown === true ? withoutUnknown(read) : read;
  const diagnostics = [...problems, ...[...registry, ...meshConfig, ...meshNetworks].flatMap((file) => file.problems)];
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic);
  const namespace = decode.namespace ?? sources.namespace;
  const registered = await Promise.all(registry.map((file) => registryResources(file, namespace, report)));
  const [meshConfigFile] = meshConfig.flatMap(({ documents }) => documents);
  const [meshNetworksFile] = meshNetworks.flatMap(({ documents }) => documents);
  const found = { files: manifests, foreign, registered: registered.flat(), meshConfigFile, meshNetworksFile };
  const { proxyVersion, clusterDomain = DEFAULT_DOMAIN } = sources;
  const isNamed = decode.namespace !== undefined || sources.isNamespaceNamed;
  const namespaceOf = (file: string): string | undefined => (isNamed ? undefined : namespaces.get(normalize(file)));
  const inputWith = async (some: readonly ReadFile[], again: Again): Promise<Input> => {
    const readsSnakeCase = sources.apiServer.mode === 'none';
    const { clusterIndex } = sources;
    const decoding = { release, knowsDualStack, readsSnakeCase, ...decode, namespace, namespaceOf, clusterDomain, clusterIndex };
    const input = inputOf({ ...found, files: some }, decoding, diagnostics, again);
    const server = asksApiServer ? await apiServerOf(input.documents, release, sources.apiServer, unbuilt, again) : undefined;
    const apiServer = server && ofWhatIsFilledIn(server);
    return {
      ...input,
      cluster: sources.cluster && namedCluster(sources.cluster, input),
      proxyVersion,
      apiServer,
      unbuilt,
      unread,
    };
  };
  return {
    input: await inputWith(manifests, known),
    inputOfFiles: (names, name) =>
      inputWith(
        manifests.filter(({ file }) => names.has(file)),
        againWithin(known, name),
      ),
  };
}

/** A cluster, with the trust domain that others read in its ConfigMap, or in the file that stands for that. */
function namedCluster({ name, network, meshConfig }: ClusterSources, input: Input): NamedCluster {
  const trustDomain = meshConfig === undefined ? trustDomainOf(input.written, input.release) : input.meshConfig.trustDomain;
  return { name, network, trustDomain };
}

/** The API server, which nobody asks about objects with values that something else is to fill in. */
function ofWhatIsFilledIn(apiServer: ApiServer): ApiServer {
  return (document) => {
    const refusals = apiServer(document) ?? [];
    return refusals.length > 0 && mentionsPlaceholder(document) ? [] : refusals;
  };
}

/** Codes of what is said of documents that are no manifests. */
const ofUnknown: readonly string[] = [yamlSyntax, aliasBomb, nestedTooDeep, notAnObject, templateNotRendered].map(
  ({ code }) => code,
);

type TextsAndProblems = Pick<ReadSources, 'manifests' | 'problems'>;

/** Without documents that are no manifests, and without a word about them. */
function withoutUnknown({ manifests, problems }: TextsAndProblems): TextsAndProblems {
  const isTold = ({ code }: Diagnostic): boolean => !ofUnknown.includes(code);
  return {
    manifests: manifests.map((file) => ({
      ...file,
      documents: file.documents.filter(isKubernetesObject),
      problems: file.problems.filter(isTold),
    })),
    problems: problems.filter(isTold),
  };
}

/** The resources of a registry file; what is wrong with it is reported. */
export async function registryResources({ documents }: ReadFile, namespace: string, report: Report): Promise<Resource[]> {
  const { decodeRegistry } = await import('../resource/registry-file.ts');
  return documents.flatMap((document) => decodeRegistry(document, { namespace }, report));
}

/** What texts do not say themselves. */
export interface TextOptions {
  /** The namespace of what names none; `default` unless given. */
  readonly namespace?: string;
  readonly meshConfig?: MeshConfig;
  /** The DNS domain of the cluster; `cluster.local` unless given. */
  readonly clusterDomain?: string;
  readonly release?: Release;
}

/** The input that texts hold which the caller has read; MeshConfig, unless it is given, is that of the ConfigMap `istio`. */
export function inputOfTexts(
  texts: readonly SourceText[],
  { namespace = 'default', meshConfig, clusterDomain = DEFAULT_DOMAIN, release = defaultRelease }: TextOptions = {},
): Input {
  const input = inputOf(
    { files: texts.map((text) => readDocuments(text)), foreign: [], registered: [] },
    { release, namespace, clusterDomain },
    [],
  );
  return meshConfig === undefined ? input : { ...input, meshConfig };
}

/** What was read of an input. */
interface ReadInput {
  readonly files: readonly ReadFile[];
  readonly foreign: readonly string[];
  /** The resources of the registry file. */
  readonly registered: readonly Resource[];
  readonly meshConfigFile?: SourceDocument | undefined;
  readonly meshNetworksFile?: SourceDocument | undefined;
}

/** Decodes what was read; `diagnostics` are those of reading it. */
function inputOf(
  { files, foreign, registered, meshConfigFile, meshNetworksFile }: ReadInput,
  options: DecodeOptions & {
    readonly release: Release;
    readonly knowsDualStack?: boolean;
    readonly clusterDomain: string;
    readonly clusterIndex?: number;
  },
  outside: readonly Diagnostic[],
  again: Again = afresh,
): Input {
  const { release, namespace, clusterDomain } = options;
  const diagnostics = [...outside, ...files.flatMap(({ problems }) => problems)];
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic);
  const documents = files.flatMap((file) => file.documents);
  const decoded = again === afresh ? decodeDocuments(documents, options, report) : decodeAgain(documents, options, report, again);
  const configs = {
    meshConfig: meshConfigDocument(meshConfigFile, { resources: decoded, documents }, release, report),
    meshNetworks: meshNetworksDocument(meshNetworksFile, decoded, release, report),
  };
  const meshConfig = configs.meshConfig && effectiveConfig(configs.meshConfig, report);
  const meshNetworks = configs.meshNetworks && effectiveConfig(configs.meshNetworks, report);
  const found = options.knowsDualStack
    ? release
    : releaseWithDualStack(release, meshConfig?.body ?? {}, configs.meshConfig, report);
  const effective = again('release in effect', [release, found === release], () => found);
  const written = [...decoded, ...registered];
  const installed = installedGateways(documents);
  const placeOf = (file: string): string => (options.namespaceOf?.(file) ?? namespace) || 'default';
  const unlooked = passedOver(foreign, documents, release, report);
  const issued = issuedSecrets(documents, placeOf, again);
  return {
    release: effective,
    texts: files,
    documents,
    written,
    resources: completeResources(
      withIssued(placed(written, release, again), issued),
      report,
      release.behaviours,
      installed,
      options.clusterIndex,
      again,
    ),
    installed,
    issued,
    meshConfig: sameConfig('MeshConfig', meshConfig?.body ?? {}, again),
    meshConfigSource: configs.meshConfig,
    meshNetworks: meshNetworks && sameConfig('MeshNetworks', meshNetworks.body, again),
    configFindings: [...(meshConfig?.findings ?? []), ...(meshNetworks?.findings ?? [])],
    clusterDomain,
    namespace,
    networkPolicies: networkPoliciesAmong(documents, placeOf),
    otherEntrances: otherEntrancesAmong(documents, placeOf),
    passedOver: unlooked,
    unbuilt: new Set(),
    unread: nothingUnread,
    diagnostics,
    ...(again !== afresh && { again }),
  };
}

/** A message, the same object as long as it says the same. */
function sameConfig<T>(name: string, message: T, again: Again): T {
  return again === afresh ? message : again(name, [JSON.stringify(message)], () => message);
}

/** As `decodeDocuments`: what was decoded before, in the same way, is not decoded again. */
function decodeAgain(documents: readonly SourceDocument[], options: DecodeOptions, report: Report, again: Again): Resource[] {
  const { namespaceOf, ...fixed } = options;
  const decode = again('decoder', Object.entries(fixed).flat(), () => createRememberingDecoder(fixed));
  const resources: Resource[] = [];
  for (const { resource, problems } of decode(documents, (file) => namespaceOf?.(file) ?? fixed.namespace)) {
    for (const problem of problems) report(problem);
    if (resource !== undefined) resources.push(resource);
  }
  return resources;
}

/** The same manifests for another control plane of the same release: what controllers would add depends on it. */
export function underControlPlane(input: Input, release: Release): Input {
  const resources = completeResources(
    withIssued(placed(input.written, release), input.issued),
    () => {},
    release.behaviours,
    input.installed,
  );
  return { ...input, release, resources };
}

/** The same input with the manifests of further texts, in place of resources of the same names. */
export function withManifests(input: Input, texts: readonly SourceText[], report: Report): Input {
  const { release, namespace, installed } = input;
  const documents = texts.map((text) => readDocuments(text)).flatMap((file) => file.documents);
  const added = decodeDocuments(documents, { release, namespace }, report);
  const replaced = new Set(placed(added, release).map(identityOf));
  const kept = input.written.filter((resource) => placed([resource], release).every((one) => !replaced.has(identityOf(one))));
  const written = [...kept, ...added];
  return {
    ...input,
    texts: [...input.texts, ...texts],
    documents: [...input.documents, ...documents],
    written,
    resources: completeResources(withIssued(placed(written, release), input.issued), () => {}, release.behaviours, installed),
  };
}

/** With the Secrets that other controllers make, where none of that name is written. */
function withIssued(resources: readonly Resource[], issued: readonly ResourceOf<'Secret'>[]): readonly Resource[] {
  if (issued.length === 0) return resources;
  const keyOf = ({ namespace, name }: Resource): string => `${namespace}/${name}`;
  const written = new Set(resources.filter(({ kind }) => kind === 'Secret').map(keyOf));
  return [...resources, ...issued.filter((secret) => !written.has(keyOf(secret)))];
}

/** Every resource in a namespace, as in a cluster. */
function placed(resources: readonly Resource[], release: Release, again: Again = afresh): readonly Resource[] {
  const kindOf = indexKinds(release);
  const inDefault = again('placed resources', [], () => memo((resource: Resource) => ({ ...resource, namespace: 'default' })));
  return resources.map((resource) =>
    resource.namespace === '' && kindOf(resource.group, resource.kind)?.namespaced ? inDefault(resource) : resource,
  );
}
