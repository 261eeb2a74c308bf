import { basename } from 'node:path';
import { computeGraphAmong } from '../../operations/reachability/compute.ts';
import { placesOf } from '../../operations/reachability/places.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { graphFormats } from '../../output/graph/formats.ts';
import { noteWords } from '../../output/graph/words.ts';
import { openForRequests } from '../../workbench/clusters.ts';
import type { GraphOptions } from '../commands/graph.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';
import { withProgress } from '../report.ts';

/** Prints who can call whom. Gives the exit status: 65 when the input has an error. */
export async function graph(paths: readonly string[], options: GraphOptions, io: Io): Promise<number> {
  const benches = await openMeshes(options, paths, io, openForRequests);
  const computed = await withProgress(io, 'callers', (onProgress) => computeGraphAmong(benches, options, undefined, onProgress));
  if (computed.notes.length > 0) io.err(printedLines(computed.notes.map((note) => `warning: ${noteWords(note)}`)));
  // What it is of: the files that the user names, else the folder whose manifests it is.
  const named = [...(options.file ?? []), ...(options.cluster ?? []), ...paths];
  const title = options.title ?? (named.length > 0 ? named.join(', ') : basename(io.cwd ?? ''));
  io.out((await graphFormats[options.output]())(computed, () => ({ title, places: placesOf(benches, computed) })));
  return EXIT.fine;
}
