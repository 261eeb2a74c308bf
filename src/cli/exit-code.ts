import { CommanderError } from 'commander';
import { UserError } from '../diagnostics/user-error.ts';
import { UnwritableError } from '../files/output-folder.ts';
import { isSystemError, reasonOf } from '../files/reasons.ts';
import { printedLines, printedText } from '../output/escape/plain.ts';
import { UnreadableError } from '../source/file-system.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './report.ts';
import { userErrorWords } from './user-error-words.ts';

/** Tells why a command has failed, and gives its exit status. */
export async function exitCodeOf(error: unknown, io: Io): Promise<number> {
  // Commander has printed its message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof UserError) {
    printDiagnostics(error.diagnostics, io);
    io.err(printedLines([`error: ${await userErrorWords(error)}`]));
    return EXIT[error.kind];
  }
  if (error instanceof CommandError) {
    io.err(printedLines([`error: ${error.message}`]));
    return error.exitCode;
  }
  // What the world outside does is no bug of ours, wherever it is met.
  if (error instanceof UnreadableError) {
    io.err(printedLines([`error: cannot read ${error.path}: ${error.message}`]));
    return EXIT.data;
  }
  if (error instanceof UnwritableError || isSystemError(error)) {
    io.err(
      printedLines([`error: ${error instanceof UnwritableError ? `cannot write to ${error.path}: ` : ''}${reasonOf(error)}`]),
    );
    return EXIT.failure;
  }
  io.err(printedText(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`));
  return EXIT.failure;
}
