import { createRequire } from 'node:module';
import type { Diagnostic, Location } from '../diagnostics/diagnostic.ts';
import { compareLocations } from '../diagnostics/places.ts';
import type { InputOptions } from '../input/options.ts';
import type { PassedOver } from '../input/passed-over.ts';
import { describeDiagnostic, noPaint, type Painter } from '../output/diagnostics.ts';
import { plain, printedLines } from '../output/escape/plain.ts';
import { printed } from '../output/escape/printable.ts';
import { passedOverLines } from '../output/passed-over.ts';
import { findRepository, type Repository } from '../output/repository.ts';
import type { OnProgress } from '../util/progress.ts';
import type { Io } from './io.ts';

/** Whether a stream gets colour: it is a terminal, and nobody asked for none (https://no-color.org). */
export function wantsColor(io: Io, isTerminal: boolean): boolean {
  return isTerminal && !io.env('NO_COLOR') && io.env('TERM') !== 'dumb';
}

/** Prints diagnostics to standard error, one a line, by their places: what has none first, then file by file. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], io: Io): void {
  if (diagnostics.length === 0) return;
  const paint = wantsColor(io, io.isErrorTerminal) ? createPainter() : noPaint;
  const sorted = [...diagnostics].sort(({ location: a = nowhere }, { location: b = nowhere }) => compareLocations(a, b));
  io.err(printedLines(sorted.map((diagnostic) => describeDiagnostic(diagnostic, paint))));
}

const nowhere: Location = { file: '', line: 0, column: 0 };

/** Says in one line why the command does not end with 0, so that the log of a job tells it at its end. */
export function tellFailure(reason: string, io: Io): void {
  io.err(printedLines([`error: ${reason}`]));
}

/** Says to the user what is no result; nothing where there are no lines. */
export function tellLines(lines: readonly string[], io: Io): void {
  if (lines.length > 0) io.err(printedLines(lines));
}

/** Says what of an input is not for mesh, by name, where that is asked for. */
export function tellPassedOver(passedOver: PassedOver, { verbose = false }: InputOptions, io: Io): void {
  if (verbose) tellLines(passedOverLines(passedOver, true), io);
}

/** Says how much of an input is not for mesh, beside a summary, where it was not told by name. */
export function countPassedOver(passedOver: PassedOver, { verbose = false }: InputOptions, io: Io): void {
  if (!verbose) tellLines(passedOverLines(passedOver, false), io);
}

/** Paints for a terminal. */
export function createPainter(): Painter {
  const { createColors } = createRequire(import.meta.url)('picocolors') as typeof import('picocolors');
  const { red, yellow, blue, bold } = createColors(true);
  return { error: red, warning: yellow, info: blue, strong: bold };
}

/**
 * Does a work that tells how many of `what` are done, and shows that: on a terminal, once it has taken a second, in one line that
 * disappears at the end.
 */
export async function withProgress<Result>(
  io: Io,
  what: string,
  work: (onProgress: OnProgress) => Result | Promise<Result>,
): Promise<Result> {
  const start = io.clock();
  let last = start;
  let width = 0;
  try {
    return await work((done, of) => {
      const now = io.clock();
      if (!io.isErrorTerminal || now - start < 1000 || now - last < 100) return;
      last = now;
      const text = `${done} of ${of} ${what}`;
      io.err(printed(plain`\r${text.padEnd(width)}`));
      width = text.length;
    });
  } finally {
    if (width > 0) io.err(printed(plain`\r${' '.repeat(width)}\r`));
  }
}

/** The repository that results are about. */
export function repositoryOf(io: Io): Repository {
  return findRepository({ ...io, workspace: io.env('GITHUB_WORKSPACE') ?? '' });
}
