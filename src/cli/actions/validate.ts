import { readEachCluster } from '../../input/sources.ts';
import { validateSources } from '../../operations/validate/validate.ts';
import { noPaint } from '../../output/diagnostics.ts';
import { passedOverLines } from '../../output/passed-over.ts';
import { validateFormats } from '../../output/validate/formats.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, printDiagnostics, tellFailure, tellLines, wantsColor } from '../report.ts';

const exitOf = { unreadable: EXIT.data, invalid: EXIT.findings, valid: EXIT.fine } as const;

/** Checks each resource by itself, and MeshConfig, and prints what is wrong file by file. Gives the exit status. */
export async function validate(paths: readonly string[], options: ValidateOptions, io: Io): Promise<number> {
  const sources = await readEachCluster(options, paths, io);
  const report = await validateSources(sources);
  printDiagnostics(
    sources.flatMap(({ problems }) => problems),
    io,
  );
  const paint = wantsColor(io, io.isOutputTerminal) ? createPainter() : noPaint;
  io.out((await validateFormats[options.output]())(report, paint));
  tellLines(passedOverLines(report.passedOver, options.verbose === true), io);
  const refused = report.files.filter(({ isAccepted, isValid }) => !isValid || !isAccepted).length;
  if (report.outcome === 'unreadable') tellFailure('not everything could be read', io);
  if (report.outcome === 'invalid') {
    tellFailure(`${refused} of ${report.files.length} files ${refused === 1 ? 'is' : 'are'} not valid`, io);
  }
  return exitOf[report.outcome];
}
