import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSession, type Session } from '../../src/compile/session.ts';
import type { XdsSnapshot } from '../../src/envoy/snapshot.ts';
import { effectiveConfig, meshConfigFile, meshNetworksFile } from '../../src/input/istiod-config.ts';
import { buildMesh } from '../../src/model/build-mesh.ts';
import { singleCluster } from '../../src/model/mesh-input.ts';
import { inEnvironment } from '../../src/releases/environment/environment.ts';
import { defaultRelease } from '../../src/releases/index.ts';
import type { Release } from '../../src/releases/release.ts';
import type { SourceDocument } from '../../src/source/document.ts';
import { parseText } from '../../src/source/parse.ts';
import { resourcesOfFolder } from './resources.ts';

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

/** A session over the manifests of a case, for an istiod of a release with the environment of the case. */
export function sessionOf(caseFolder: string, ofRelease: Release = defaultRelease): Session {
  const resources = resourcesOfFolder(join(caseFolder, 'manifests'), ofRelease);
  const config = documentIn(caseFolder, 'mesh.yaml');
  const networks = documentIn(caseFolder, 'mesh-networks.yaml');
  const { release } = inEnvironment(ofRelease, environmentOf(caseFolder));
  const meshConfig = config && effectiveConfig(meshConfigFile(config, release), () => {}).body;
  const meshNetworks = networks && effectiveConfig(meshNetworksFile(networks, release), () => {}).body;
  return createSession(buildMesh(singleCluster(resources, meshConfig ?? {}, meshNetworks, release)));
}

function documentIn(folder: string, name: string): SourceDocument | undefined {
  const file = join(folder, name);
  return existsSync(file) ? parseText(file, readFileSync(file, 'utf8'), () => {})[0] : undefined;
}

/** The variables of a case, `NAME=VALUE` line by line. */
function environmentOf(caseFolder: string): ReadonlyMap<string, string> {
  const file = join(caseFolder, 'flags.env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The recorded proxies of a case, `namespace.name`, with what istiod sent them. */
export function recordedOf(caseFolder: string): Map<string, Recorded> {
  const folder = join(caseFolder, 'expected');
  return new Map(
    readdirSync(folder).map((file) => [
      file.replace(/\.json$/, ''),
      indexed(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
    ]),
  );
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
