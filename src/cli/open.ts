import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { withoutRepeats } from '../diagnostics/places.ts';
import { goneOn } from '../diagnostics/problems/repositories.ts';
import { type Input, type LoadChoice, loadEachCluster, loadInput } from '../input/load.ts';
import type { InputOptions } from '../input/options.ts';
import { stopsWork } from '../input/stops.ts';
import { type Benches, openPrimaries } from '../workbench/clusters.ts';
import { openWorkbench, type Workbench } from '../workbench/workbench.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { printDiagnostics, tellPassedOver } from './report.ts';

/** Opens what flags and paths name. Mistakes are printed; an error among them ends the command. */
export async function openMesh(options: InputOptions, paths: readonly string[], io: Io): Promise<Workbench> {
  return openWorkbench(await readOrStop(options, paths, io));
}

/** The same over each primary, where clusters are named: it sees all of them. Else there is one mesh, as above. */
export async function openMeshes(
  options: InputOptions,
  paths: readonly string[],
  io: Io,
  open: (inputs: readonly Input[]) => Benches = openPrimaries,
): Promise<Benches> {
  return open(await readEachOrStop(options, paths, io));
}

/** Reads each cluster, where clusters are named, else what there is. Mistakes are printed; an error among them ends the command. */
export async function readEachOrStop(
  options: InputOptions,
  paths: readonly string[],
  io: Io,
  choice: LoadChoice = {},
): Promise<readonly Input[]> {
  const inputs = await loadEachCluster(options, paths, io, choice);
  const diagnostics = inputs.flatMap((input) => input.diagnostics);
  printDiagnostics(withoutRepeats(diagnostics), io);
  for (const input of inputs) tellPassedOver(input.passedOver, options, io);
  if (options.keepGoing === true) await tellWhatIsMissing(diagnostics, io);
  else stopOnErrors(diagnostics);
  return inputs;
}

/** Reads what flags and paths name. Mistakes are printed; an error among them ends the command. */
export async function readOrStop(
  options: InputOptions,
  paths: readonly string[],
  io: Io,
  choice: LoadChoice = {},
): Promise<Input> {
  const input = await loadInput(options, paths, io, choice);
  printDiagnostics(input.diagnostics, io);
  tellPassedOver(input.passedOver, options, io);
  if (options.keepGoing === true) await tellWhatIsMissing(input.diagnostics, io);
  else stopOnErrors(input.diagnostics);
  return input;
}

/** Says that the work goes on although something is missing. */
export async function tellWhatIsMissing(diagnostics: readonly Diagnostic[], io: Io): Promise<void> {
  const errors = diagnostics.filter(stopsWork);
  if (errors.length > 0) printDiagnostics([goneOn({}, errors.length)], io);
}

/** Ends the command when there is an error among these. */
function stopOnErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(stopsWork).length;
  if (errors === 0) return;
  throw new CommandError(
    `${errors === 1 ? 'There is 1 error' : `There are ${errors} errors`} in the input; nothing was computed. --keep-going goes on without these documents.`,
    EXIT.data,
  );
}
