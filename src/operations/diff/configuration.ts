import type { DumpedProxy } from '../../envoy/dump-snapshot.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { withAssumedAddresses } from '../../input/assumed-addresses.ts';
import type { Input } from '../../input/load.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { podKey } from '../../trace/data-plane.ts';
import { type CheckedWorkbench, openCheckedWorkbench } from '../../workbench/checked.ts';
import { findingsAmong } from '../../workbench/checked-clusters.ts';
import { type Benches, openPrimaries, selectProxies } from '../../workbench/clusters.ts';
import type { PodNames } from '../../workbench/pods.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';

/** One of two configurations that are compared. */
export type Configuration = ManifestConfiguration | DumpConfiguration;

/**
 * Manifests: files, or those of a git revision. Of several clusters, `mesh` and `input` are those of the first primary, and all else is of
 * all clusters.
 */
export interface ManifestConfiguration extends CheckedWorkbench {
  readonly kind: 'manifests';
  /** As the user named it. */
  readonly label: string;
  /** The file that a flag or mesh.config.yaml names. */
  readonly meshConfigFile: string | undefined;
  /** The clusters, where there are several; else the one input. */
  readonly inputs: readonly Input[];
  /** The workbenches of all primaries. */
  readonly benches: Benches;
}

/** What one running proxy has. */
export interface DumpConfiguration {
  readonly kind: 'dump';
  readonly label: string;
  readonly proxies: readonly string[];
  /** What the proxy and its workload are called. */
  readonly proxy: PodNames;
  snapshotOf(proxy: string): XdsSnapshot | undefined;
  /** Whether the dump tells endpoints. */
  readonly hasEndpoints: boolean;
}

/** The side that manifests are. */
export function openConfiguration(label: string, input: Input, meshConfigFile?: string): ManifestConfiguration {
  // Requests are compared too. What istiod allocates goes by the names of hosts, and so is the same on both sides.
  const bench = openCheckedWorkbench(withAssumedAddresses(input));
  const inputs: ManifestConfiguration['inputs'] = [input];
  const benches: Benches = [bench];
  // Its parts are made when they are asked for: spreading would make them all.
  return Object.assign(bench, { kind: 'manifests' as const, label, meshConfigFile, inputs, benches });
}

/** The side that the manifests of several clusters are. */
export function openClusters(label: string, inputs: readonly Input[], meshConfigFile?: string): ManifestConfiguration {
  const benches = openPrimaries(inputs);
  const [first] = benches;
  const benchOf = (key: string) => benches.find(({ mesh }) => mesh.proxies.some((proxy) => podKey(proxy) === key));
  return {
    kind: 'manifests',
    label,
    meshConfigFile,
    inputs,
    benches,
    input: first.input,
    meshInput: first.meshInput,
    again: first.again,
    get mesh() {
      return first.mesh;
    },
    get local() {
      return first.local;
    },
    get session() {
      return first.session;
    },
    get proxies() {
      return [...new Set(allProxiesOf({ benches }).map(podKey))];
    },
    findProxy: first.findProxy,
    snapshotOf: (proxy) => benchOf(proxy)?.snapshotOf(proxy),
    dataPlane: (options) => surroundingsOf(benches, options).dataPlane,
    judge: first.judge,
    findings: (choice) => findingsAmong(inputs, benches, choice),
  };
}

/** The side that these inputs are: several clusters, or one input without a name. */
export function openInputs(label: string, inputs: readonly Input[], meshConfigFile?: string): ManifestConfiguration {
  const [only, ...others] = inputs;
  const isOfClusters = only === undefined || others.length > 0 || only.cluster !== undefined;
  return isOfClusters ? openClusters(label, inputs, meshConfigFile) : openConfiguration(label, only, meshConfigFile);
}

/** The same side with other inputs, of the same clusters. */
export function reopened({ label, meshConfigFile }: ManifestConfiguration, inputs: readonly Input[]): ManifestConfiguration {
  return openInputs(label, inputs, meshConfigFile);
}

/** The proxies of a side, of all its clusters. */
export function allProxiesOf({ benches }: Pick<ManifestConfiguration, 'benches'>): readonly Proxy[] {
  return selectProxies(benches, undefined).map(({ proxy }) => proxy);
}

/** The side that one running proxy is, of what its dump tells. */
export function openDumpConfiguration(label: string, dump: DumpedProxy): DumpConfiguration {
  const { snapshot, workloadName, hasEndpoints } = dump;
  const { name, namespace } = snapshot.proxy;
  const key = `${namespace}/${name}`;
  return {
    kind: 'dump',
    label,
    proxies: [key],
    proxy: { name, namespace, workloadName },
    hasEndpoints,
    snapshotOf: (proxy) => (proxy === key ? snapshot : undefined),
  };
}
