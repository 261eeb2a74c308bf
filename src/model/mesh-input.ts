import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { ResourceRef } from '../diagnostics/diagnostic.ts';
import { defaultRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';
import type { SourceDocument } from '../source/document.ts';

/** Where a message of istiod's configuration is written. */
export interface ConfigPlace {
  readonly document: SourceDocument;
  readonly resource: ResourceRef;
}

/** What stands in one cluster, with what its istiod is told. */
export interface ClusterInput {
  /** Its ID, which proxies and endpoints in it carry (istiod's CLUSTER_ID). */
  readonly name: string;
  /** In any order. */
  readonly resources: readonly Resource[];
  /** The body of MeshConfig as the user writes it, in protobuf JSON names. */
  readonly meshConfig: MeshConfig;
  /** Where it is written, for findings. */
  readonly meshConfigSource?: ConfigPlace | undefined;
  readonly meshNetworks: MeshNetworks | undefined;
  /** Its DNS domain (istiod's flag --domain); `cluster.local` unless given. */
  readonly domain?: string;
  /** The network of what names none, where no resource says so. */
  readonly network?: string | undefined;
  /** The trust domain that istiods of other clusters read in it; the usual one unless given. */
  readonly trustDomain?: string | undefined;
}

/** All that a mesh is built from. */
export interface MeshInput {
  /** The release of its istiod, and of proxies that do not say their own. */
  readonly release: Release;
  /** The version of the proxies whose pods do not tell it; undefined for istiod's. */
  readonly proxyVersion?: string | undefined;
  /** Whether proxies are named with their clusters; where there are several, they are. */
  readonly namesClusters?: boolean;
  /** The one whose istiod configures the proxies, then the others that it watches, by name. */
  readonly clusters: readonly [ClusterInput, ...ClusterInput[]];
}

/** The DNS domain of a cluster of which nothing else is said. */
export const DEFAULT_DOMAIN = 'cluster.local';

/** The trust domain of a cluster of which nothing else is said. */
export const DEFAULT_TRUST_DOMAIN = 'cluster.local';

/** The input of a mesh of one cluster, of the name that its istiod has for it. Give the release with which the resources were decoded. */
export function singleCluster(
  resources: readonly Resource[],
  meshConfig: MeshConfig = {},
  meshNetworks?: MeshNetworks,
  release: Release = defaultRelease,
): MeshInput {
  return { release, clusters: [{ name: release.behaviours.clusterId, resources, meshConfig, meshNetworks }] };
}
