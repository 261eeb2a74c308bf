import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Input, loadInput } from '../input/load.ts';
import type { InputOptions } from '../input/options.ts';
import { stopsWork } from '../input/stops.ts';
import { openWorkbench, type Workbench } from '../workbench/workbench.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './report.ts';

/** Opens what flags and paths name. Mistakes are printed; an error among them ends the command. */
export async function openMesh(options: InputOptions, paths: readonly string[], io: Io): Promise<Workbench> {
  return openWorkbench(await readOrStop(options, paths, io));
}

/** Reads what flags and paths name. Mistakes are printed; an error among them ends the command. */
export async function readOrStop(options: InputOptions, paths: readonly string[], io: Io): Promise<Input> {
  const input = await loadInput(options, paths, io);
  await printDiagnostics(input.diagnostics, io);
  stopOnErrors(input.diagnostics);
  return input;
}

/** Ends the command when there is an error among these. */
export function stopOnErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(stopsWork).length;
  if (errors === 0) return;
  throw new CommandError(
    `${errors === 1 ? 'There is 1 error' : `There are ${errors} errors`} in the input; nothing was computed.`,
    EXIT.data,
  );
}
