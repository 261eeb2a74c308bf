import type { GatewayApiChannel } from '../admission/api-server/index.ts';

/** What becomes of fields that the API server does not know; or it is not asked at all. */
export const apiServerModes = ['none', 'warn', 'strict'] as const;
export type ApiServerMode = (typeof apiServerModes)[number];

export const gatewayApiChannels: readonly GatewayApiChannel[] = ['standard', 'experimental'];

/** Where an input is read from, as flags say it. */
export interface InputOptions {
  /** Files, folders, patterns, or `-` for standard input. */
  readonly file?: readonly string[];
  /** Several clusters, `NAME=PATH` with a path as in `file`; paths of one name are of one cluster. */
  readonly cluster?: readonly string[];
  /** Folders of kustomizations that are built. */
  readonly kustomize?: readonly string[];
  /** The folder of a Helm chart that is rendered. */
  readonly helm?: string;
  /** Files with values for the chart. */
  readonly values?: readonly string[];
  /** Whether documents that are no manifests are passed over without a word. */
  readonly ignoreUnknown?: boolean;
  /** Whether the work goes on without documents that have errors. */
  readonly keepGoing?: boolean;
  /** Whether what was passed over is named. */
  readonly verbose?: boolean;
  /** A mock service registry. */
  readonly registry?: string;
  /** A file with the body of MeshConfig; of several clusters also `NAME=FILE`. Of one of them, the last counts. */
  readonly meshConfig?: string | readonly string[];
  /** A file with the body of MeshNetworks, named in the same way. */
  readonly meshNetworks?: string | readonly string[];
  /** The DNS domain of the cluster. */
  readonly clusterDomain?: string;
  /** The release of Istio, or a version of it, named as a MeshConfig is; else that of the manifests. */
  readonly istioVersion?: string | readonly string[];
  /** The version of the proxies whose pods do not tell it, named in the same way; else istiod's. */
  readonly proxyVersion?: string | readonly string[];
  /** The namespace of what names none. */
  readonly namespace?: string;
  /** Environment variables of istiod, `NAME=VALUE`. */
  readonly istiodEnv?: readonly string[];
  /** Whether the mesh is in ambient mode; else as mesh.config.yaml, istiod's environment or the manifests say. */
  readonly ambient?: boolean;
  /** Namespaces that are read as if they were moved from sidecars to ambient mode. */
  readonly ambientNamespace?: readonly string[];
  /** How the API server is asked. */
  readonly apiServer?: ApiServerMode;
  /** Whose definitions of the Gateway API a cluster has; else those among the manifests. */
  readonly gatewayApiChannel?: GatewayApiChannel;
  /** The release that istiod is told to be like. */
  readonly compatibilityVersion?: string;
}

/** The clusters of one of two sides: those that both share, unless the side has its own of the name. */
export function clustersOfSide(shared: readonly string[] = [], own: readonly string[] = []): readonly string[] {
  const names = new Set(own.map((value) => value.slice(0, value.indexOf('='))));
  return [...shared.filter((value) => !names.has(value.slice(0, value.indexOf('=')))), ...own];
}

/** What a flag names for all clusters; in a mesh of one cluster, whatever it names. */
export function commonValue(named: string | readonly string[] | undefined, clusters: readonly string[] = []): string | undefined {
  return listOf(named).findLast((value) => !clusters.some((name) => value.startsWith(`${name}=`)));
}

/** What a flag names for a cluster alone. */
export function valueOfCluster(named: string | readonly string[] | undefined, cluster: string): string | undefined {
  return listOf(named)
    .findLast((value) => value.startsWith(`${cluster}=`))
    ?.slice(cluster.length + 1);
}

function listOf(named: string | readonly string[] | undefined): readonly string[] {
  return named === undefined ? [] : typeof named === 'string' ? [named] : named;
}

/** Another control plane for the same manifests, as flags say it. */
export interface TargetOptions {
  /** Of several clusters also `NAME=VERSION`, as the version of the proxies: the others keep theirs. */
  readonly toIstioVersion?: string | readonly string[];
  readonly toProxyVersion?: string | readonly string[];
  readonly toCompatibilityVersion?: string;
  readonly toIstiodEnv?: readonly string[];
}

/** Whether flags ask for another control plane. */
export function hasTarget({ toIstioVersion, toProxyVersion, toCompatibilityVersion, toIstiodEnv }: TargetOptions): boolean {
  return (toIstioVersion ?? toProxyVersion ?? toCompatibilityVersion ?? toIstiodEnv) !== undefined;
}
