import { join, normalize } from 'node:path';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import { dataError, type UserError, usageError } from '../diagnostics/user-error.ts';
import type { Release } from '../releases/release.ts';
import { dns1123Label, dns1123Subdomain } from '../resource/api-server/formats.ts';
import { readTexts } from '../source/load.ts';
import { folderOf } from '../source/walk.ts';
import { afresh } from '../util/again.ts';
import { goQuote } from '../util/go-format.ts';
import { compact } from '../util/object.ts';
import { type AmbientSettings, isInAmbientMode } from './ambient.ts';
import type { ApiServerSettings } from './api-server.ts';
import { namedClusters } from './cluster-sources.ts';
import { type ClusterSources, type MeshConfigFile, readConfigFile } from './config-file.ts';
import { kindOfDefault } from './default-path.ts';
import { isDualStackKnown } from './dual-stack.ts';
import { createExclusion } from './exclude.ts';
import type { InputFiles } from './files.ts';
import { type IstiodSettings, readVariable, releaseInEnvironment } from './istiod-environment.ts';
import { movedToAmbient } from './moved-namespaces.ts';
import { commonValue, type InputOptions, valueOfCluster } from './options.ts';
import { chooseRelease } from './release.ts';
import { renderedTexts } from './rendered.ts';
import { type ReadFile, readDocuments, readRepository } from './repository.ts';
import type { Unread } from './unread.ts';

/** Where a command reads from, after flags and mesh.config.yaml. */
export interface Sources {
  /** The cluster that it is, where clusters are named. */
  readonly cluster: ClusterSources | undefined;
  /** Its place among them. */
  readonly clusterIndex: number;
  /** The release of Istio that is asked for; undefined where the manifests decide. */
  readonly istioVersion: string | undefined;
  /** The version of the proxies whose pods do not tell it; undefined for istiod's. */
  readonly proxyVersion: string | undefined;
  readonly manifests: readonly string[];
  /** Patterns, as in .gitignore, of files that are left out where nobody names them, and the folder that they are relative to. */
  readonly exclude: readonly string[];
  readonly home: string;
  readonly registry: string | undefined;
  readonly meshConfig: string | undefined;
  readonly meshNetworks: string | undefined;
  readonly clusterDomain: string | undefined;
  readonly namespace: string;
  /** Whether it is named, rather than the usual one. */
  readonly isNamespaceNamed: boolean;
  /** What is said of istiod's environment. */
  readonly istiod: IstiodSettings;
  /** What is said of ambient mode. */
  readonly ambient: AmbientSettings;
  readonly apiServer: ApiServerSettings;
}

const DEFAULT_FOLDER = 'manifests';

/** All the texts of a command. */
export interface ReadSources {
  readonly sources: Sources;
  /** The release of Istio that the input is for. */
  readonly release: Release;
  /** Whether it is known whether istiod serves both IP families. */
  readonly knowsDualStack: boolean;
  readonly manifests: readonly ReadFile[];
  /** The registry file, if there is one; empty also where it cannot be read. */
  readonly registry: readonly ReadFile[];
  readonly meshConfig: readonly ReadFile[];
  readonly meshNetworks: readonly ReadFile[];
  /** Files that nobody named and that hold no Kubernetes object. */
  readonly foreign: readonly string[];
  /** The namespace of what names none, by file, where nobody names one for all. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Files that a kustomization would change which is not built. */
  readonly unbuilt: ReadonlySet<string>;
  /** What is not read and may hold what others look for. */
  readonly unread: Unread;
  /** What is wrong outside of any text: what cannot be read at all. */
  readonly problems: readonly Diagnostic[];
}

/** Reads all that flags, further paths of the command line and mesh.config.yaml name: every command sees the same. */
export async function readSources(options: InputOptions, paths: readonly string[], files: InputFiles): Promise<ReadSources> {
  if (options.cluster !== undefined) throw severalClusters('--cluster names several clusters');
  const [only] = await readEachCluster(options, paths, files);
  if (only !== undefined && only.sources.cluster === undefined) return only;
  throw severalClusters('mesh.config.yaml names clusters');
}

function severalClusters(what: string): UserError {
  return usageError(`${what}, and this command looks at one: name its manifests with -f`);
}

/** The same of each cluster, by name, where clusters are named, else of the one that there is. */
export async function readEachCluster(
  options: InputOptions,
  paths: readonly string[],
  files: InputFiles,
): Promise<readonly ReadSources[]> {
  const problems: Diagnostic[] = [];
  const each: ReadSources[] = [];
  for (const sources of sourcesOf(options, paths, files, (diagnostic) => void problems.push(diagnostic))) {
    const read = await readFrom(sources, options, files);
    each.push({ ...read, problems: [...(each.length === 0 ? problems : []), ...read.problems] });
  }
  return each;
}

async function readFrom(sources: Sources, options: InputOptions, files: InputFiles): Promise<ReadSources> {
  const problems: Diagnostic[] = [];
  const report: Report = (diagnostic) => void problems.push(diagnostic);
  const read = (file: string | undefined): readonly ReadFile[] =>
    file === undefined ? [] : readTexts([file], files, report).map((text) => readDocuments(text));
  const isExcluded = await createExclusion(sources, files);
  const texts = readTexts(sources.manifests, files, report, isExcluded);
  const {
    manifests: written,
    foreign,
    namespaces,
    unbuilt,
    unread,
  } = readRepository([...texts, ...renderedTexts(options, files, report)], files, report);
  const moving = options.ambientNamespace ?? [];
  const manifests =
    moving.length === 0
      ? written
      : movedToAmbient(written, moving, (file) =>
          sources.isNamespaceNamed ? sources.namespace : (namespaces.get(normalize(file)) ?? sources.namespace),
        );
  const [registry, meshConfig, meshNetworks] = [read(sources.registry), read(sources.meshConfig), read(sources.meshNetworks)];
  const documents = manifests.flatMap((file) => file.documents);
  const chosen = await chooseRelease(sources.istioVersion, documents, report);
  const isAmbient = isInAmbientMode(sources.ambient, sources.istiod, documents, report);
  const inEnvironment = await releaseInEnvironment(chosen, sources.istiod, documents, report, isAmbient);
  const again = files.again ?? afresh;
  const release = again(
    `release of ${sources.cluster?.name}`,
    [chosen, JSON.stringify(inEnvironment.behaviours)],
    () => inEnvironment,
  );
  return {
    sources,
    release,
    knowsDualStack: isDualStackKnown(sources.istiod, documents),
    manifests,
    registry,
    meshConfig,
    meshNetworks,
    foreign,
    namespaces,
    unbuilt,
    unread,
    problems,
  };
}

/**
 * Where a command reads from. A call that names nothing to read is a mistake of usage; mistakes in mesh.config.yaml end the work,
 * since nobody knows what it was to read.
 */
function sourcesOf(options: InputOptions, paths: readonly string[], files: InputFiles, report: Report): readonly Sources[] {
  const [problem] = options.namespace ? dns1123Label(options.namespace) : [];
  if (problem !== undefined) throw usageError(`--namespace ${goQuote(options.namespace ?? '')}: ${problem}`);
  const [domainProblem] = options.clusterDomain === undefined ? [] : dns1123Subdomain(options.clusterDomain);
  if (domainProblem !== undefined) throw usageError(`--cluster-domain ${goQuote(options.clusterDomain ?? '')}: ${domainProblem}`);
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
): readonly Sources[] {
  const named = [...(options.file ?? []), ...paths];
  const isRendered = options.kustomize !== undefined || options.helm !== undefined;
  const isExplicit = named.length > 0 || options.registry !== undefined || isRendered;
  const registry = options.registry ?? (isExplicit ? undefined : config?.registry);
  const common = {
    cluster: undefined,
    clusterIndex: 0,
    exclude: config?.exclude ?? [],
    home: config === undefined ? '.' : folderOf(config.file),
    istioVersion: commonValue(options.istioVersion) ?? config?.istioVersion,
    proxyVersion: commonValue(options.proxyVersion) ?? config?.proxyVersion,
    registry,
    meshConfig: commonValue(options.meshConfig) ?? config?.meshConfig,
    clusterDomain: options.clusterDomain ?? config?.clusterDomain,
    meshNetworks: commonValue(options.meshNetworks) ?? config?.meshNetworks,
    namespace: options.namespace ?? config?.namespace ?? 'default',
    isNamespaceNamed: (options.namespace ?? config?.namespace) !== undefined,
    istiod: {
      configured: config?.istiodEnvironment ?? [],
      flags: (options.istiodEnv ?? []).map(readVariable),
      compatibilityVersion: options.compatibilityVersion ?? config?.compatibilityVersion,
    },
    ambient: { flag: options.ambient, configured: config?.ambient },
    apiServer: {
      mode: options.apiServer ?? config?.apiServer ?? 'strict',
      channel: options.gatewayApiChannel ?? config?.gatewayApiChannel,
    },
  };
  const clusters = namedClusters(options, isExplicit, config);
  const names = clusters.map(({ name }) => name);
  requireClusters([options.istioVersion, options.proxyVersion], names);
  if (clusters.length > 0) {
    return clusters.map((named, clusterIndex) => {
      const meshConfig = valueOfCluster(options.meshConfig, named.name) ?? named.meshConfig;
      const meshNetworks = valueOfCluster(options.meshNetworks, named.name) ?? named.meshNetworks;
      return {
        ...common,
        registry: undefined,
        clusterIndex,
        istioVersion: versionOf(named, options.istioVersion, named.istioVersion, names) ?? config?.istioVersion,
        proxyVersion: versionOf(named, options.proxyVersion, named.proxyVersion, names) ?? config?.proxyVersion,
        manifests: named.manifests,
        cluster: { ...named, ...compact({ meshConfig, meshNetworks }) },
        meshConfig: meshConfig ?? commonValue(options.meshConfig, names) ?? config?.meshConfig,
        meshNetworks: meshNetworks ?? commonValue(options.meshNetworks, names) ?? config?.meshNetworks,
      };
    });
  }
  if (isExplicit) return [{ ...common, manifests: named }];
  if (config?.manifests !== undefined) return [{ ...common, manifests: config.manifests }];
  const fallback = join(common.home, DEFAULT_FOLDER);
  if (kindOfDefault(fallback, files) === 'folder') return [{ ...common, manifests: [fallback] }];
  if (registry !== undefined) return [{ ...common, manifests: [] }];
  throw usageError(
    'nothing to read: name manifests with -f, or put them into ./manifests, or list them in a mesh.config.yaml here or in a folder above',
  );
}

/** The version that flags name for a cluster, or for all, else the one that mesh.config.yaml names for it. */
function versionOf(
  { name }: ClusterSources,
  flag: string | readonly string[] | undefined,
  configured: string | undefined,
  names: readonly string[],
): string | undefined {
  return valueOfCluster(flag, name) ?? commonValue(flag, names) ?? configured;
}

/** Versions of clusters, `NAME=VERSION`, are of those that there are: no version has a `=`. */
function requireClusters(flags: readonly (string | readonly string[] | undefined)[], names: readonly string[]): void {
  for (const value of flags.flat()) {
    const name = value?.includes('=') ? value.slice(0, value.indexOf('=')) : undefined;
    if (name === undefined || names.includes(name)) continue;
    const known = names.length === 0 ? 'no cluster is named (--cluster NAME=PATH)' : `only ${names.join(', ')}`;
    throw usageError(`${value}: there is no cluster ${goQuote(name)}, ${known}`);
  }
}
