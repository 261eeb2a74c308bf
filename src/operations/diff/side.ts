import { analyzers } from '../../analyze/analyzers/index.ts';
import { createReader } from '../../analyze/reader.ts';
import { runAnalyzers } from '../../analyze/run.ts';
import { createSession, type Session } from '../../compile/session.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { DumpedProxy } from '../../envoy/dump-snapshot.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { type Input, meshInputOf } from '../../input/load.ts';
import { buildMesh } from '../../model/build-mesh.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Resource } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';

/** One of two configurations that are compared. */
export type Side = ManifestSide | DumpSide;

/** Manifests: files, or those of a git revision. */
export interface ManifestSide {
  readonly kind: 'manifests';
  /** As the user named it. */
  readonly label: string;
  readonly input: Input;
  /** The file that a flag or mesh.config.yaml names. */
  readonly meshConfigFile: string | undefined;
  readonly mesh: Mesh;
  readonly session: Session;
  /** The proxies, `namespace/name`, in order. */
  readonly proxies: readonly string[];
  snapshotOf(proxy: string): XdsSnapshot | undefined;
  /** What mesh has to say about it. */
  findings(): readonly Diagnostic[];
}

/** What one running proxy has. */
export interface DumpSide {
  readonly kind: 'dump';
  readonly label: string;
  readonly proxies: readonly string[];
  readonly workloadName: string;
  snapshotOf(proxy: string): XdsSnapshot | undefined;
  /** Whether the dump tells endpoints. */
  readonly hasEndpoints: boolean;
}

/** What more is known of a side. */
interface SideDetails {
  readonly meshConfigFile?: string | undefined;
  /** The resources as written, for analysis. */
  readonly written?: readonly Resource[];
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** A side over an input that was read. */
export function openSide(label: string, input: Input, { meshConfigFile, written = [], now = 0 }: SideDetails = {}): ManifestSide {
  const mesh = buildMesh(meshInputOf(input));
  const session = createSession(mesh);
  const proxies = new Map(mesh.proxies.map((proxy) => [`${proxy.namespace}/${proxy.name}`, proxy]));
  const compile = memo((name: string) => {
    const proxy = proxies.get(name);
    return proxy && session.compile(proxy);
  });
  return {
    kind: 'manifests',
    label,
    input,
    meshConfigFile,
    mesh,
    session,
    proxies: [...proxies.keys()],
    snapshotOf: compile,
    findings() {
      const notes = [...proxies.keys()].flatMap((name) => compile(name)?.notes ?? []);
      const { meshConfig, meshNetworks } = input;
      const reader = createReader({
        release: input.release,
        resources: written,
        meshConfig,
        ...(meshNetworks && { meshNetworks }),
        now,
        buildMesh: () => mesh,
      });
      const analyzed = runAnalyzers(reader, analyzers).map(({ diagnostic }) => diagnostic);
      const all = [...input.diagnostics, ...mesh.notes, ...notes, ...session.patchNotes(), ...analyzed];
      // Not by place, as for people: whether two things stand on one line must not matter.
      return [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()];
    },
  };
}

/** The side that one running proxy is, of what its dump tells. */
export function openDumpSide(label: string, dump: DumpedProxy): DumpSide {
  const { snapshot, workloadName, hasEndpoints } = dump;
  const key = `${snapshot.proxy.namespace}/${snapshot.proxy.name}`;
  return {
    kind: 'dump',
    label,
    proxies: [key],
    workloadName,
    hasEndpoints,
    snapshotOf: (proxy) => (proxy === key ? snapshot : undefined),
  };
}
