import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { XdsSnapshot } from '../../src/envoy/snapshot.ts';
import { nodeFiles } from '../../src/files/node-files.ts';
import { type Workbench as CheckedWorkbench, loadInput, openWorkbench, type Release } from '../../src/index.ts';
import { loadEachCluster } from '../../src/input/load.ts';
import { fieldsOf } from '../../src/util/object.ts';
import { parseYamlValue } from '../../src/util/yaml.ts';
import { openPrimaries } from '../../src/workbench/clusters.ts';
import type { Workbench } from '../../src/workbench/workbench.ts';

export const KINDS = ['listeners', 'routes', 'clusters', 'endpoints'] as const;
export type Kind = (typeof KINDS)[number];

/** What istiod sent to a proxy, by kind and name. */
export type Recorded = Readonly<Record<Kind, ReadonlyMap<string, unknown>>>;

/** The cases in a folder. */
export function casesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'case.yaml')))
    .sort();
}

/** The recorded cases in ambient mode; others of the same form can be tried by naming their folder. */
export const ambientCases: string =
  process.env.MESH_AMBIENT_CASES ?? resolve(import.meta.dirname, '../../fixtures/istiod-ambient');

/** What names a case in ambient mode on the command line. */
export function ambientArguments(caseFolder: string): readonly string[] {
  const meshConfig = join(caseFolder, 'mesh.yaml');
  return [
    ...['-f', join(caseFolder, 'manifests'), '--ambient'],
    ...(existsSync(meshConfig) ? ['--mesh-config', meshConfig] : []),
    ...istiodEnvironment(caseFolder),
  ];
}

/** What says on the command line which environment istiod has in a case. */
export function istiodEnvironment(caseFolder: string): readonly string[] {
  return environmentOf(caseFolder).flatMap((variable) => ['--istiod-env', variable]);
}

/** The environment of istiod that a case names, `NAME=VALUE`. */
function environmentOf(caseFolder: string): readonly string[] {
  const { env } = fieldsOf(parseYamlValue(readFileSync(join(caseFolder, 'case.yaml'), 'utf8')));
  return Object.entries(fieldsOf(env)).map(([name, value]) => `${name}=${value}`);
}

/**
 * A workbench over a case, read as any command reads it; for an istiod of that release, else of the one that counts by itself, and in
 * ambient mode where that is asked for.
 */
export async function workbenchOf(caseFolder: string, release?: Release, ambient?: true): Promise<CheckedWorkbench> {
  const file = (name: string): string | undefined => {
    const path = join(caseFolder, name);
    return existsSync(path) ? path : undefined;
  };
  const [meshConfig, meshNetworks, environment] = [file('mesh.yaml'), file('mesh-networks.yaml'), file('flags.env')];
  const istiodEnv = [
    ...(environment === undefined ? [] : readFileSync(environment, 'utf8').split('\n').filter(Boolean)),
    ...environmentOf(caseFolder),
  ];
  const options = {
    file: [join(caseFolder, 'manifests')],
    ...(meshConfig && { meshConfig }),
    ...(meshNetworks && { meshNetworks }),
    ...(istiodEnv.length > 0 && { istiodEnv }),
    ...(release && { istioVersion: release.name }),
    ...(ambient && { ambient }),
  };
  const input = await loadInput(options, [], { ...nodeFiles, cwd: caseFolder });
  const errors = input.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return openWorkbench(input);
}

/** The workbenches over a case of several clusters, one for each primary. */
export async function clusterWorkbenchesOf(caseFolder: string): Promise<readonly Workbench[]> {
  const clusters = readdirSync(join(caseFolder, 'clusters'));
  const meshConfig = [
    join(caseFolder, 'mesh.yaml'),
    ...clusters.map((name) => `${name}=${join(caseFolder, 'clusters', name, 'mesh.yaml')}`),
  ].filter((path) => existsSync(path.replace(/^[^/]*=/, '')));
  const options = {
    cluster: clusters.map((name) => `${name}=${join(caseFolder, 'clusters', name, 'manifests')}`),
    meshConfig,
  };
  const inputs = await loadEachCluster(options, [], { ...nodeFiles, cwd: caseFolder });
  const errors = inputs.flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return openPrimaries(inputs);
}

/** The recorded proxies of a case, `namespace.name`, with what istiod sent them; beside them can be what it told others. */
export function recordedOf(caseFolder: string): Map<string, Recorded> {
  const folder = join(caseFolder, 'expected');
  const proxies = readdirSync(folder).flatMap((file) => /^(.+\..+)\.json$/.exec(file)?.[1] ?? []);
  return new Map(proxies.map((proxy) => [proxy, indexed(JSON.parse(readFileSync(join(folder, `${proxy}.json`), 'utf8')))]));
}

/** The resources of a snapshot by kind and name, as they are written to JSON. */
export function indexed(snapshot: Pick<XdsSnapshot, Kind>): Recorded {
  const plain = JSON.parse(JSON.stringify(snapshot)) as Record<Kind, { name?: string; clusterName?: string }[]>;
  const index = (kind: Kind): ReadonlyMap<string, unknown> =>
    new Map(
      (plain[kind] ?? []).map((resource) => [
        (kind === 'endpoints' ? resource.clusterName : resource.name) ?? '',
        canonical(resource),
      ]),
    );
  return { listeners: index('listeners'), routes: index('routes'), clusters: index('clusters'), endpoints: index('endpoints') };
}

/** Lists whose order Envoy ignores and istiod leaves to chance. */
const unordered = new Set(['filterChains', 'queryParameters', 'headers', 'dynamicMetadata']);

function canonical(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item));
    if (!unordered.has(key) || !items.every((item) => typeof item === 'object' && item !== null)) return items;
    return items.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, canonical(member, name)]));
  }
  return value;
}

function sortKey(item: { filterChainMatch?: unknown; name?: unknown }): string {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value;
  return JSON.stringify(item.filterChainMatch ?? item, sorted) + JSON.stringify(item.name);
}
