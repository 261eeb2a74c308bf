import { loadInput } from '../../input/load.ts';
import { openSide } from '../../operations/diff/side.ts';
import { computeGraph } from '../../operations/reachability/compute.ts';
import { formatGraph } from '../../output/graph/index.ts';
import type { GraphOptions } from '../commands/graph.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { printDiagnostics } from '../report.ts';

/** Prints who can call whom. Gives the exit status: 65 when the input has an error. */
export async function graph(paths: readonly string[], options: GraphOptions, io: Io): Promise<number> {
  const input = await loadInput(options, paths, io);
  await printDiagnostics(input.diagnostics, io);
  if (input.diagnostics.some(({ severity }) => severity === 'error')) return EXIT.data;
  const { from, to } = options;
  const computed = computeGraph(openSide('', input), { ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  io.out(formatGraph(computed, options.output));
  return EXIT.fine;
}
