import { usageError } from '../../diagnostics/user-error.ts';
import { tablesIn } from '../../input/tables.ts';
import { recommendAuthorization } from '../../operations/recommend/authorization/recommend-authorization.ts';
import { groundOf, wantedWorkloads } from '../../operations/recommend/callers.ts';
import { readObservedCalls } from '../../operations/recommend/observed/read.ts';
import { recommendSidecars } from '../../operations/recommend/sidecar/recommend-sidecars.ts';
import type { RequestTable } from '../../operations/request-tables/request-table.ts';
import { authorizationAdviceFormats, sidecarAdviceFormats } from '../../output/recommend/formats.ts';
import type { RecommendOptions } from '../commands/recommend.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';
import { printDiagnostics, tellLines } from '../report.ts';
import { readTable } from './test.ts';

/** Prints the least configuration of a kind. Gives the exit status: 65 when something cannot be read. */
export async function recommend(
  kind: 'sidecar' | 'authorization',
  names: readonly string[],
  options: RecommendOptions,
  io: Io,
): Promise<number> {
  if (options.cluster !== undefined) throw usageError(`mesh recommend is about one cluster: name its manifests with -f`);
  const bench = await openMesh(options, [], io);
  const ground = groundOf(bench);
  const workloads = wantedWorkloads(ground, names, options.namespace);
  const sources = { tables: tablesOf(options, io), observed: (options.calls ?? []).map((file) => readObservedCalls(file, textOf(file, io))) };
  const question = { workloads, per: options.per, detail: options.detail ?? 'paths', isComplete: options.complete ?? false };
  const { text, notes } =
    kind === 'sidecar'
      ? (await sidecarAdviceFormats[options.output]())(recommendSidecars(ground, sources, question))
      : (await authorizationAdviceFormats[options.output]())(recommendAuthorization(ground, sources, question));
  io.out(text);
  tellLines(notes, io);
  return EXIT.fine;
}

/** The tables that are named, else those in the folders of the manifests. */
function tablesOf({ requests, file = ['.'] }: RecommendOptions, io: Io): readonly RequestTable[] {
  const paths = requests ?? file.filter((path) => io.kindOf(path) === 'folder');
  const files = tablesIn(paths, io, (diagnostic) => printDiagnostics([diagnostic], io));
  return files.map((path) => {
    const table = readTable(path, io);
    if (table === undefined) throw new CommandError(`${path} cannot be read`, EXIT.data);
    return table;
  });
}

function textOf(file: string, io: Io): string {
  try {
    return file === '-' ? io.readStandardInput() : io.readText(file);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, EXIT.data);
  }
}
