import { withoutRepeats } from '../diagnostics/places.ts';
import { configRefused, configSpelling } from '../diagnostics/problems/mesh-config.ts';
import { linkLeadsOut, releaseAssumed, releaseUnknown } from '../diagnostics/problems/reading.ts';
import { isConfigDump, readConfigDump } from '../envoy/config-dump.ts';
import { snapshotOfDump } from '../envoy/dump-snapshot.ts';
import { type Input, loadEachCluster, loadInput } from '../input/load.ts';
import { commonValue, type InputOptions } from '../input/options.ts';
import { whyNoRevision, withRevisions } from '../input/revisions.ts';
import { stopsWork } from '../input/stops.ts';
import {
  type Configuration,
  type DumpConfiguration,
  type ManifestConfiguration,
  openClusters,
  openConfiguration,
  openDumpConfiguration,
} from '../operations/diff/configuration.ts';
import { textOrNothing } from '../operations/dumps.ts';
import { objectIn } from '../util/json-text.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { tellWhatIsMissing } from './open.ts';
import { printDiagnostics, tellPassedOver } from './report.ts';

/** Where a side is read from: what the user names, and flags. */
export interface ConfigurationSource {
  readonly label: string;
  readonly options: InputOptions;
}

/** The same world, in which git revisions can be read like folders, and standard input for both sides. */
export function ioWithRevisions(io: Io): Io {
  let text: string | undefined;
  const readStandardInput = (): string => {
    text ??= io.readStandardInput();
    return text;
  };
  return { ...io, ...withRevisions({ ...io, readStandardInput }, io.git) };
}

/** Reads a side. Mistakes are printed; an error among them ends the command. */
export async function readConfiguration({ label, options }: ConfigurationSource, io: Io): Promise<Configuration> {
  return readDumpConfiguration(label, io) ?? readManifests(label, options, io);
}

/** Warnings because of which a side is not what its author thinks. */
const NOTEWORTHY: readonly string[] = [
  linkLeadsOut.code,
  configRefused.code,
  configSpelling.code,
  releaseAssumed.code,
  releaseUnknown.code,
];

async function readManifests(label: string, options: InputOptions, io: Io): Promise<ManifestConfiguration> {
  const input = await loadInput({ ...options, file: [label, ...(options.file ?? [])] }, [], io, { asksApiServer: true });
  await tellOrStop(label, [input], options, io);
  return openConfiguration(label, input, commonValue(options.meshConfig));
}

/** Reads a side that is several clusters. */
export async function readClusters({ label, options }: ConfigurationSource, io: Io): Promise<Configuration> {
  const inputs = await loadEachCluster(options, [], io, { asksApiServer: true });
  await tellOrStop(label, inputs, options, io);
  return openClusters(label, inputs, commonValue(options.meshConfig));
}

async function tellOrStop(label: string, inputs: readonly Input[], options: InputOptions, io: Io): Promise<void> {
  const told = withoutRepeats(inputs.flatMap(({ diagnostics }) => diagnostics)).filter(
    ({ severity, code }) => severity === 'error' || NOTEWORTHY.includes(code),
  );
  printDiagnostics(told, io);
  for (const { passedOver } of inputs) tellPassedOver(passedOver, options, io);
  if (options.keepGoing === true) await tellWhatIsMissing(told, io);
  else if (told.some(stopsWork)) {
    throw new CommandError(`${label} cannot be compared${whyNoRevision(label, io) ?? ', since it has errors'}`, EXIT.data);
  }
}

/** The side that a file with a `/config_dump` is; undefined for other files. */
function readDumpConfiguration(label: string, io: Io): DumpConfiguration | undefined {
  const text = label.endsWith('.json') && io.kindOf(label) === 'file' ? textOrNothing(label, io) : undefined;
  const value = text === undefined ? undefined : objectIn(text, isConfigDump);
  return value && openDumpConfiguration(label, snapshotOfDump(readConfigDump(value)));
}
