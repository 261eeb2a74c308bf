import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { withoutRepeats } from '../diagnostics/places.ts';
import type { InputFiles } from '../input/files.ts';
import { loadEachCluster } from '../input/load.ts';
import type { InputOptions } from '../input/options.ts';
import { stopsWork } from '../input/stops.ts';
import { printedLines } from '../output/escape/plain.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { againWithin } from '../util/again.ts';
import { type Benches, openForRequests } from '../workbench/clusters.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { tellWhatIsMissing } from './open.ts';
import { countPassedOver, printDiagnostics, tellPassedOver } from './report.ts';

/** Gives the mesh that a file beside manifests is about, or that of each primary, read once; undefined after its errors were printed. */
export type Meshes = (input: InputOptions) => Promise<Benches | undefined>;

/** Reads meshes when files ask for them. */
export function createMeshes(options: InputOptions, io: Io): Meshes {
  const loaded = new Map<string, Benches | undefined>();
  return async (input) => {
    const all = { ...options, ...input };
    const key = JSON.stringify(all);
    if (!loaded.has(key)) loaded.set(key, await load(all, io, filesOf(key, io)));
    return loaded.get(key);
  };
}

/** The files of the world, with what was made of them for one mesh among several that are there at the same time. */
function filesOf(key: string, files: InputFiles): InputFiles {
  return files.again === undefined ? files : { ...files, again: againWithin(files.again, key) };
}

async function load(options: InputOptions, io: Io, files: InputFiles): Promise<Benches | undefined> {
  const inputs = await loadEachCluster(options, [], files);
  const diagnostics = withoutRepeats(inputs.flatMap((input) => input.diagnostics));
  printDiagnostics(diagnostics, io);
  for (const { passedOver } of inputs) {
    tellPassedOver(passedOver, options, io);
    countPassedOver(passedOver, options, io);
  }
  if (options.keepGoing === true) await tellWhatIsMissing(diagnostics, io);
  else if (diagnostics.some(stopsWork)) return undefined;
  return openForRequests(inputs);
}

/** What a file beside manifests holds; undefined after its errors were printed. Throws where it cannot be read. */
export function readBesideManifests<T extends object>(
  file: string,
  what: string,
  decode: (document: SourceDocument) => T | readonly Diagnostic[],
  io: Io,
): T | undefined {
  let text: string;
  try {
    text = io.readText(file);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, EXIT.data);
  }
  const problems: Diagnostic[] = [];
  const [document] = parseText(file, text, (problem) => void problems.push(problem));
  const decoded = document && decode(document);
  if (decoded !== undefined && !areProblems(decoded)) return decoded;
  tellProblems(file, what, [...problems, ...(decoded ?? [])], io);
  return undefined;
}

function areProblems<T extends object>(value: T | readonly Diagnostic[]): value is readonly Diagnostic[] {
  return Array.isArray(value);
}

/** Prints what is wrong with a file beside manifests. */
export function tellProblems(file: string, what: string, problems: readonly Diagnostic[], io: Io): void {
  const told = problems.map(
    ({ message, location = { file, line: 1, column: 1 } }) =>
      `error: ${location.file}:${location.line}:${location.column}: ${message}`,
  );
  io.err(printedLines(told.length > 0 ? told : [`error: ${file}: ${what} is empty`]));
}
