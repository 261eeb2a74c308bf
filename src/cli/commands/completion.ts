import { Argument, Command } from 'commander';
import { printedLines } from '../../output/escape/plain.ts';
import type { CommandContext } from '../context.ts';

/** `mesh completion`. */
export function completionCommand({ io }: CommandContext): Command {
  return new Command('completion')
    .description('print a completion script: source <(mesh completion bash)')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish', _options: unknown, command: Command) => {
      const { completionScript } = await import('../../output/completion/scripts.ts');
      const { commandWords } = await import('../actions/completion-words.ts');
      io.out(completionScript(shell, commandWords(command.parent ?? command)));
    });
}

/** `mesh __complete`, which the scripts of `mesh completion` ask for names that stand in the manifests, and for codes. */
export function completeCommand({ io }: CommandContext): Command {
  return new Command('__complete')
    .argument('<kind>')
    .argument('[words...]', 'the words of the command line after mesh, up to the one to complete')
    .action(async (kind: string, words: readonly string[], _options: unknown, command: Command) => {
      const { completionValues } = await import('../actions/completion-values.ts');
      const values = await completionValues(kind, words, command.parent ?? command, io);
      if (values.length > 0) io.out(printedLines(values));
    });
}
