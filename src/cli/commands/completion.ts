import { Argument, Command } from 'commander';
import type { CommandContext } from '../context.ts';

/** `mesh completion`. */
export function completionCommand({ io }: CommandContext): Command {
  return new Command('completion')
    .description('print a completion script: source <(mesh completion bash)')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish', _options: unknown, command: Command) => {
      const { completionScript } = await import('../actions/completion.ts');
      io.out(completionScript(shell, command.parent ?? command));
    });
}
