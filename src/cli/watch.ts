import { normalize } from 'node:path';
import { usageError } from '../diagnostics/user-error.ts';
import { watchInput } from '../input/watching.ts';
import { EXIT } from './exit.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Io } from './io.ts';
import { tellLines } from './report.ts';

/** Flags whose files other programs read. */
interface Watching {
  readonly watch?: boolean;
  readonly kustomize?: readonly string[];
  readonly helm?: string;
}

/** Runs a command, with `--watch` again whenever a file has changed that it has read. Gives the last exit status. */
export async function runWatched(options: Watching, io: Io, run: (io: Io) => Promise<number>): Promise<number> {
  if (options.watch !== true) return run(io);
  if (options.kustomize !== undefined || options.helm !== undefined)
    throw usageError('--watch does not see what kustomize and helm read: leave out -k and --helm');
  const readStandardInput = (): never => {
    throw usageError('--watch cannot read standard input again');
  };
  let exitCode: number = EXIT.fine;
  const written = new Set<string>();
  const writeFile: Io['writeFile'] = (path, content) => {
    written.add(normalize(path));
    io.writeFile(path, content);
  };
  await watchInput(io, io.watcher(), written, async (files) => {
    const seen: Io = { ...io, ...files, readStandardInput, writeFile };
    exitCode = await run(seen).catch((error: unknown) => exitCodeOf(error, seen));
    tellLines(['Watching for changes; Ctrl-C ends it.'], io);
  });
  return exitCode;
}
