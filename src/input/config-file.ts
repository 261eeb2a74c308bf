import { dirname, isAbsolute, join, relative } from 'node:path';
import type { GatewayApiChannel } from '../admission/api-server/index.ts';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import { invalidValue, unknownField, wrongType } from '../diagnostics/problems/objects.ts';
import { configUnknown } from '../diagnostics/problems/reading.ts';
import { releaseNames } from '../releases/index.ts';
import { dns1123Label, dns1123Subdomain } from '../resource/api-server/formats.ts';
import { describeValue } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { attempt } from '../source/walk.ts';
import { nearestNames } from '../util/nearest.ts';
import { compact, isObject, nonEmpty, own } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import type { WrittenVariable } from './control-plane.ts';
import { kindOfDefault } from './default-path.ts';
import type { InputFiles } from './files.ts';
import { type ApiServerMode, apiServerModes, gatewayApiChannels } from './options.ts';

const CONFIG_FILE = 'mesh.config.yaml';
const KEYS = [
  ...(['manifests', 'registry', 'meshConfig', 'meshNetworks', 'clusterDomain', 'namespace'] as const),
  ...(['istioVersion', 'proxyVersion', 'istiod', 'compatibilityVersion', 'exclude'] as const),
  ...(['apiServer', 'gatewayApiChannel', 'ambient', 'clusters'] as const),
] as const;

/** What mesh.config.yaml says; paths are relative to the folder of the command. Schema: schemas/mesh.config.schema.json. */
export interface MeshConfigFile {
  readonly file: string;
  readonly manifests?: readonly string[];
  /** Patterns of files in folders that are left out, as in .gitignore. */
  readonly exclude?: readonly string[];
  readonly registry?: string;
  readonly meshConfig?: string;
  readonly meshNetworks?: string;
  readonly clusterDomain?: string;
  readonly namespace?: string;
  readonly istioVersion?: string;
  readonly proxyVersion?: string;
  /** `istiod.env` */
  readonly istiodEnvironment?: readonly WrittenVariable[];
  readonly compatibilityVersion?: string;
  readonly apiServer?: ApiServerMode;
  readonly gatewayApiChannel?: GatewayApiChannel;
  readonly ambient?: boolean;
  /** By name. */
  readonly clusters?: readonly ClusterSources[];
}

/** A cluster as flags or mesh.config.yaml name it. */
export interface ClusterSources {
  readonly name: string;
  readonly manifests: readonly string[];
  /** The network of what names none, where the manifests leave it open. */
  readonly network?: string;
  readonly meshConfig?: string;
  readonly meshNetworks?: string;
  readonly istioVersion?: string;
  readonly proxyVersion?: string;
}

const CLUSTER_KEYS = ['manifests', 'network', 'meshConfig', 'meshNetworks', 'istioVersion', 'proxyVersion'] as const;

/** The nearest mesh.config.yaml, from the folder of the command upwards. Mistakes in it are reported. */
export function readConfigFile(files: InputFiles, report: Report): MeshConfigFile | undefined {
  const file = findUpwards(files, report);
  if (file === undefined) return undefined;
  kindOfDefault(file, files, ': put the file itself there');
  const text = attempt(file, report, () => files.readText(file));
  const [document, another] = text === undefined ? [] : parseText(file, text, report);
  if (another !== undefined) report(wrongType({ location: another.locate([]) }, CONFIG_FILE, 'one document', 'several'));
  return document === undefined ? { file } : decodeConfig(file, document, report);
}

function findUpwards(files: InputFiles, report: Report): string | undefined {
  const { cwd } = files;
  let isUnknown = false;
  for (let folder = cwd; folder !== undefined; folder = dirname(folder) === folder ? undefined : dirname(folder)) {
    const path = join(folder, CONFIG_FILE);
    try {
      if (files.kindOf(path) === 'file') return relative(cwd ?? '', path);
    } catch (error) {
      // What lies above a folder that cannot be searched may lie behind the same door: once is enough.
      if (!isUnknown) report(configUnknown({}, folder, error instanceof Error ? error.message : String(error)));
      isUnknown = true;
    }
  }
  return undefined;
}

function decodeConfig(file: string, document: SourceDocument, report: Report): MeshConfigFile {
  const { value } = document;
  if (!isObject(value)) {
    report(wrongType({ location: document.locate([]) }, CONFIG_FILE, 'an object', describeValue(value)));
    return { file };
  }
  reportUnknown(value, [], KEYS, document, report);
  const text = (part: unknown, path: Path): string | undefined => {
    if (part === undefined || part === null) return undefined;
    if (typeof part === 'string' && part !== '') return part;
    const found = part === '' ? 'an empty one' : describeValue(part);
    report(wrongType({ location: document.locate(path), path }, path.join('.'), 'a text', found));
    return undefined;
  };
  // A version with two numbers is one number for YAML, which has lost a zero at its end.
  const version = (part: unknown, path: Path): string | undefined =>
    typeof part === 'number' ? (releaseNames.find((name) => Number(name) === part) ?? String(part)) : text(part, path);
  const folder = dirname(file);
  const place = (path: string | undefined): string | undefined =>
    path === undefined || isAbsolute(path) ? path : placeIn(folder, path);
  const listed = (written: unknown, path: Path): readonly (string | undefined)[] =>
    Array.isArray(written) ? written.map((one, index) => text(one, [...path, index])) : [text(written, path)];
  const manifests = listed(value.manifests, ['manifests'])
    .map(place)
    .filter((path) => path !== undefined);
  const exclude = listed(value.exclude, ['exclude']).filter((pattern) => pattern !== undefined);
  const registry = place(text(value.registry, ['registry']));
  const meshConfig = place(text(value.meshConfig, ['meshConfig']));
  const meshNetworks = place(text(value.meshNetworks, ['meshNetworks']));
  const clusterDomain = text(value.clusterDomain, ['clusterDomain']);
  for (const problem of clusterDomain === undefined ? [] : dns1123Subdomain(clusterDomain)) {
    const subject = { location: document.locate(['clusterDomain']), path: ['clusterDomain'] };
    report(invalidValue(subject, 'clusterDomain', describeValue(clusterDomain), `a DNS domain: ${problem}`));
  }
  const namespace = text(value.namespace, ['namespace']);
  const istioVersion = version(value.istioVersion, ['istioVersion']);
  const proxyVersion = version(value.proxyVersion, ['proxyVersion']);
  for (const problem of namespace === undefined ? [] : dns1123Label(namespace)) {
    const subject = { location: document.locate(['namespace']), path: ['namespace'] };
    report(invalidValue(subject, 'namespace', describeValue(namespace), `a name of a namespace: ${problem}`));
  }
  const istiodEnvironment = environmentOf(value.istiod, document, report);
  const compatibilityVersion = text(asText(value.compatibilityVersion), ['compatibilityVersion']);
  const clusters = membersOf(value.clusters, ['clusters'], document, report).map(([name, members]): ClusterSources => {
    const path = ['clusters', name];
    const cluster = Object.fromEntries(membersOf(members, path, document, report));
    reportUnknown(cluster, path, CLUSTER_KEYS, document, report);
    const found = listed(cluster.manifests, [...path, 'manifests']).map(place);
    return {
      name,
      manifests: found.filter((one) => one !== undefined),
      ...compact({
        network: text(cluster.network, [...path, 'network']),
        meshConfig: place(text(cluster.meshConfig, [...path, 'meshConfig'])),
        meshNetworks: place(text(cluster.meshNetworks, [...path, 'meshNetworks'])),
        istioVersion: version(cluster.istioVersion, [...path, 'istioVersion']),
        proxyVersion: version(cluster.proxyVersion, [...path, 'proxyVersion']),
      }),
    };
  });
  const oneOf = <T extends string>(key: string, words: readonly T[]): T | undefined => {
    const written = text(own(value, key), [key]);
    const known = words.find((word) => word === written);
    if (written === undefined || known !== undefined) return known;
    const subject = { location: document.locate([key]), path: [key] };
    report(invalidValue(subject, key, describeValue(written), words.join(', ')));
    return undefined;
  };
  return compact({
    file,
    manifests: nonEmpty(manifests),
    exclude: nonEmpty(exclude),
    registry,
    meshConfig,
    meshNetworks,
    clusterDomain,
    namespace,
    istioVersion,
    proxyVersion,
    istiodEnvironment: nonEmpty(istiodEnvironment),
    compatibilityVersion,
    apiServer: oneOf('apiServer', apiServerModes),
    gatewayApiChannel: oneOf('gatewayApiChannel', gatewayApiChannels),
    ambient: booleanOf(value.ambient, ['ambient'], document, report),
    clusters: nonEmpty(clusters.sort((a, b) => compareText(a.name, b.name))),
  });
}

function booleanOf(value: unknown, path: Path, document: SourceDocument, report: Report): boolean | undefined {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
  report(wrongType({ location: document.locate(path), path }, path.join('.'), 'true or false', describeValue(value)));
  return undefined;
}

/** The members of an object; none, and reported, of something else. */
function membersOf(value: unknown, path: Path, document: SourceDocument, report: Report): readonly [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  if (value !== undefined && value !== null) {
    report(wrongType({ location: document.locate(path), path }, path.join('.'), 'an object', describeValue(value)));
  }
  return [];
}

/** Reports the keys of an object that mean nothing there. */
function reportUnknown(value: object, path: Path, known: readonly string[], document: SourceDocument, report: Report): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const at = [...path, key];
    report(unknownField({ location: document.locate(at, 'key'), path: at }, key, nearestNames(key, known)));
  }
}

/** The variables of `istiod.env`: texts, numbers and booleans, as people write them. */
function environmentOf(istiod: unknown, document: SourceDocument, report: Report): readonly WrittenVariable[] {
  const settings = Object.fromEntries(membersOf(istiod, ['istiod'], document, report));
  reportUnknown(settings, ['istiod'], ['env'], document, report);
  return membersOf(settings.env, ['istiod', 'env'], document, report).flatMap(([name, value]) => {
    const path = ['istiod', 'env', name];
    const given = asText(value);
    if (typeof given === 'string') return [{ name, value: given, document, path }];
    report(
      wrongType({ location: document.locate(path), path }, path.join('.'), 'a text, a number or a boolean', describeValue(value)),
    );
    return [];
  });
}

/** A scalar as the text that it stands for; other values as they are. */
function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** A path of the file, from the current folder; `-` is a file like others there, not standard input. */
function placeIn(folder: string, path: string): string {
  const joined = join(folder, path);
  return joined === '-' ? './-' : joined;
}
