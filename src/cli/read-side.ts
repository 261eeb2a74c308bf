import { configRefused, configSpelling } from '../diagnostics/problems/mesh-config.ts';
import { linkLeadsOut } from '../diagnostics/problems/reading.ts';
import { isConfigDump, readConfigDump } from '../envoy/config-dump.ts';
import { snapshotOfDump } from '../envoy/dump-snapshot.ts';
import { loadInput } from '../input/load.ts';
import type { InputOptions } from '../input/options.ts';
import { withRevisions } from '../input/revisions.ts';
import { type DumpSide, type ManifestSide, openDumpSide, openSide, type Side } from '../operations/diff/side.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './report.ts';

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

/** Warnings because of which a side is not what its author thinks. */
const NOTEWORTHY: readonly string[] = [linkLeadsOut.code, configRefused.code, configSpelling.code];

async function readManifestSide(label: string, options: InputOptions, io: Io): Promise<ManifestSide> {
  const input = await loadInput({ ...options, file: [label, ...(options.file ?? [])] }, [], io);
  const told = input.diagnostics.filter(({ severity, code }) => severity === 'error' || NOTEWORTHY.includes(code));
  await printDiagnostics(told, io);
  if (told.some(({ severity }) => severity === 'error')) {
    throw new CommandError(`${label} cannot be compared${whyNoRevision(label, io) ?? ', since it has errors'}`, EXIT.data);
  }
  return openSide(label, input, options.meshConfig);
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

/** The side that a file with a `/config_dump` is; undefined for other files. */
function readDumpSide(label: string, io: Io): DumpSide | undefined {
  const value = readDump(label, io);
  if (value === undefined) return undefined;
  return openDumpSide(label, snapshotOfDump(readConfigDump(value)));
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
