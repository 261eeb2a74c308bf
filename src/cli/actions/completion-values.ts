import { Command } from 'commander';
import { allProblems } from '../../diagnostics/problems/index.ts';
import { namedChecks } from '../../findings/checks.ts';
import { loadEachCluster } from '../../input/load.ts';
import type { InputOptions } from '../../input/options.ts';
import { namesToComplete } from '../../operations/completion/names.ts';
import { compareText } from '../../util/text.ts';
import { openPrimaries } from '../../workbench/clusters.ts';
import type { Io } from '../io.ts';
import { addInputOptions } from '../options.ts';

/**
 * What can stand in a place of the command line, whose words these are (without `mesh`), the last of them the one to complete: names in
 * the input that the other words name, or codes. Nothing where there is no such input. A shell may expand what it is given, so other
 * names than Kubernetes allows are left out.
 */
export async function completionValues(
  kind: string,
  words: readonly string[],
  program: Command,
  io: Io,
): Promise<readonly string[]> {
  const values = await valuesOf(kind, words, program, io);
  return [...new Set(values)].filter((value) => /^[\w./-]+$/.test(value)).sort(compareText);
}

async function valuesOf(kind: string, words: readonly string[], program: Command, io: Io): Promise<readonly string[]> {
  switch (kind) {
    case 'code':
      return allProblems().map(({ code }) => code);
    case 'analyzer':
      return namedChecks().map(({ name }) => name);
    case 'pod':
    case 'client':
    case 'service':
    case 'namespace':
      try {
        const { options, paths } = readWords(words, program, io);
        const isQualified = words.at(-1)?.includes('/') === true;
        const benches = openPrimaries(await loadEachCluster(options, paths, io));
        return benches.flatMap((bench) => namesToComplete(bench, kind, isQualified));
      } catch {
        // Nothing to read, or nothing that can be read: there is nobody here to tell.
        return [];
      }
    default:
      return [];
  }
}

/** The flags of the input among words, and the paths that a command takes as such. */
function readWords(
  words: readonly string[],
  program: Command,
  io: Io,
): { readonly options: InputOptions; readonly paths: readonly string[] } {
  const { command, depth } = commandOf(words, program);
  const before = words.slice(depth, -1);
  // The flag whose value is to be completed has none yet.
  const whole = before.at(-1)?.startsWith('-') ? before.slice(0, -1) : before;
  const reader = addInputOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  reader
    .allowUnknownOption()
    .allowExcessArguments()
    .parse([...whole], { from: 'user' });
  const takesPaths = command.registeredArguments.some((argument) => argument.name() === 'path');
  const paths = takesPaths ? reader.args.filter((word) => word !== '-' && io.kindOf(word) !== undefined) : [];
  return { options: reader.opts<InputOptions>(), paths };
}

/** The command that words begin with, and how many of them name it. */
function commandOf(words: readonly string[], program: Command): { readonly command: Command; readonly depth: number } {
  let command = program;
  for (const [index, word] of words.entries()) {
    const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (child === undefined) return { command, depth: index };
    command = child;
  }
  return { command, depth: words.length };
}
