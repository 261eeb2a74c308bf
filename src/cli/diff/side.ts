import { analyzers } from '../../analyze/analyzers/index.ts';
import { createReader } from '../../analyze/reader.ts';
import { runAnalyzers } from '../../analyze/run.ts';
import { createSession, type Session } from '../../compile/session.ts';
import { linkLeadsOut } from '../../diagnostics/catalog.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { isConfigDump, readConfigDump } from '../../envoy/config-dump.ts';
import { snapshotOfDump } from '../../envoy/dump-snapshot.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { buildMesh } from '../../model/build-mesh.ts';
import type { Mesh } from '../../model/mesh.ts';
import { completeResources } from '../../resource/complete.ts';
import type { Resource } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { type Input, meshInputOf, readInput } from '../load.ts';
import type { InputOptions } from '../options.ts';
import { printDiagnostics } from '../report.ts';
import { withRevisions } from '../revisions.ts';

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

/** Where a side is read from: what the user names, and flags. */
export interface SideSource {
  readonly label: string;
  readonly options: InputOptions;
}

/** The same world, in which git revisions can be read like folders. */
export function ioWithRevisions(io: Io): Io {
  return { ...io, ...withRevisions(io, io.git) };
}

/** Reads a side. Mistakes are printed; an error among them ends the command. */
export async function readSide({ label, options }: SideSource, io: Io): Promise<Side> {
  return readDumpSide(label, io) ?? readManifestSide(label, options, io);
}

async function readManifestSide(label: string, options: InputOptions, io: Io): Promise<ManifestSide> {
  const { texts: _, ...written } = await readInput({ ...options, file: [label, ...(options.file ?? [])] }, [], io);
  const diagnostics = [...written.diagnostics];
  const resources = completeResources(written.resources, (diagnostic) => void diagnostics.push(diagnostic));
  const input = { ...written, resources, diagnostics };
  const told = diagnostics.filter(({ severity, code }) => severity === 'error' || code === linkLeadsOut.code);
  await printDiagnostics(told, io);
  if (told.some(({ severity }) => severity === 'error')) {
    throw new CommandError(`${label} cannot be compared${whyNoRevision(label, io) ?? ', since it has errors'}`, EXIT.data);
  }
  return openSide(label, input, { meshConfigFile: options.meshConfig, written: written.resources, now: io.now() });
}

/** Why what may be the name of a revision leads nowhere; undefined where it is none. */
function whyNoRevision(label: string, io: Io): string | undefined {
  if (!label.includes(':') || io.kindOf(label) !== undefined) return undefined;
  try {
    io.git(['rev-parse', '--git-dir']);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `: ${/not a git repository/.test(reason) ? 'this folder is in no git repository' : reason}`;
  }
  return ': git knows no such file or folder, or no such revision';
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

/** The side that a file with a `/config_dump` is; undefined for other files. */
function readDumpSide(label: string, io: Io): DumpSide | undefined {
  const value = readDump(label, io);
  if (value === undefined) return undefined;
  const { snapshot, workloadName, hasEndpoints } = snapshotOfDump(readConfigDump(value));
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

function readDump(label: string, io: Io): unknown {
  if (!label.endsWith('.json') || io.kindOf(label) !== 'file') return undefined;
  try {
    const value: unknown = JSON.parse(io.readText(label));
    return isConfigDump(value) ? value : undefined;
  } catch {
    // Not JSON: reading it as manifests says what is wrong with it.
    return undefined;
  }
}
