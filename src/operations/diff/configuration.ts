import type { DumpedProxy } from '../../envoy/dump-snapshot.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Input } from '../../input/load.ts';
import { type CheckedWorkbench, openCheckedWorkbench } from '../../workbench/checked.ts';
import type { PodNames } from '../../workbench/pods.ts';

/** One of two configurations that are compared. */
export type Configuration = ManifestConfiguration | DumpConfiguration;

/** Manifests: files, or those of a git revision. */
export interface ManifestConfiguration extends CheckedWorkbench {
  readonly kind: 'manifests';
  /** As the user named it. */
  readonly label: string;
  /** The file that a flag or mesh.config.yaml names. */
  readonly meshConfigFile: string | undefined;
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
  // Its parts are made when they are asked for: spreading would make them all.
  return Object.assign(openCheckedWorkbench(input), { kind: 'manifests' as const, label, meshConfigFile });
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
