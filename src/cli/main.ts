import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { printedLines, printedText } from '../output/escape/plain.ts';
import { completeCommand } from './commands/completion.ts';
import { commandFactories } from './commands/index.ts';
import { EXIT } from './exit.ts';
import { exitCodeOf } from './exit-code.ts';
import { guardOutput } from './guard.ts';
import { createNodeIo, type Io } from './io.ts';
import { versionText } from './version.ts';

/**
 * Runs the command line (without program and script name) and gives its exit status: 0 fine, 1 unexpected failure, 64 usage,
 * 65 input that cannot be read or parsed, 79 findings at or above the threshold. Never throws.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.fine;
  const finish = (code: number): void => {
    exitCode = code;
  };
  try {
    const program = createProgram(io, finish, argv[0]);
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return await exitCodeOf(error, guardOutput(io));
  }
}

/**
 * V8 of Node 20 would spend a fifth of a short run on optimizing functions that are hardly called again, and a third of its memory on
 * half-spaces for new objects. Later ones wait by themselves.
 */
const FLAGS = '--interrupt-budget=1000000 --semi-space-growth-factor=1';
/**
 * Where much is read or many requests are sent, functions are called often: they are optimized on another thread meanwhile, and what is
 * made lives longer than small half-spaces last.
 */
const FLAGS_FOR_LONG_WORK = '--interrupt-budget=264000 --semi-space-growth-factor=2';

/** The commands that send requests of all kinds. */
const SENDING: ReadonlySet<string> = new Set(['diff', 'graph', 'prove', 'recommend', 'test', 'upgrade-check']);

/**
 * The program of the shell: real files, real terminal, and its exit status. Flags of V8 are set by who loaded the program, where that
 * has something to do with them (bin/load-program.js).
 */
export async function main(setFlags: (flags: string) => void = setFlagsFromString): Promise<void> {
  const hasFlags = process.versions.v8.startsWith('11.');
  const setIn = (flags: string): void => {
    if (hasFlags) setFlags(flags);
  };
  setIn(SENDING.has(process.argv[2] ?? '') ? FLAGS_FOR_LONG_WORK : FLAGS);
  const io = createNodeIo(() => setIn(FLAGS_FOR_LONG_WORK));
  const exitCode = await run(process.argv.slice(2), io);
  // What cannot be written to standard output is known a moment later.
  await io.pause();
  const failure = io.outputFailure();
  if (failure !== undefined) io.err(printedLines([`error: cannot write to standard output: ${failure}`]));
  process.exitCode = failure === undefined ? exitCode : EXIT.failure;
}

/** The program with the command of that name alone, which is ready sooner; with all commands for another word. */
export function createProgram(io: Io, finish: (exitCode: number) => void, word = ''): Command {
  const program = new Command('mesh')
    .description('Computes from YAML what istiod would send to every Envoy, and checks it; offline.')
    .version(versionText(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command');
  const context = { io: guardOutput(io), unguarded: io, finish };
  // A completion script tells of all the others.
  const create = word === 'completion' ? undefined : commandFactories.get(word);
  for (const each of create === undefined ? commandFactories.values() : [create]) program.addCommand(each(context));
  program.addCommand(completeCommand(context), { hidden: true });
  for (const { command, path } of withSubcommands(program, 'mesh')) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void context.io.out(printedText(text)),
        writeErr: (text) => context.io.err(printedText(text)),
      })
      .showHelpAfterError(`Run '${path} --help' for usage.`);
  }
  return program;
}

/** A command and all below it, with the words that call them. */
function withSubcommands(command: Command, path: string): readonly { readonly command: Command; readonly path: string }[] {
  return [{ command, path }, ...command.commands.flatMap((child) => withSubcommands(child, `${path} ${child.name()}`))];
}
