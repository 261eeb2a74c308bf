import type { Command } from 'commander';
import { type Escaped, joined, type Printable, printed } from '../../output/escape/printable.ts';
import { bash, fish } from '../../output/escape/shell.ts';
import { assertNever } from '../../util/assert.ts';

interface CommandWords {
  /** Names of the command from below `mesh`, e.g. `proxy-config clusters`. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly { readonly names: readonly string[]; readonly about: string; readonly takesValue: boolean }[];
}

/** The script that completes commands and flags in a shell; what is no flag completes as a file. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): Printable {
  const commands = collect(program, '');
  switch (shell) {
    case 'bash':
      return printed(bashScript(commands));
    case 'zsh':
      return printed(bash`#compdef mesh\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`);
    case 'fish':
      return printed(fishScript(commands));
    default:
      return assertNever(shell);
  }
}

function collect(command: Command, path: string): CommandWords[] {
  const words: CommandWords = {
    path,
    subcommands: command.commands.flatMap((child) =>
      [child.name(), ...child.aliases()].map((name) => ({ name, about: child.description() })),
    ),
    flags: command.options.map(({ short, long, description, required, optional }) => ({
      names: [short, long].filter((name) => name !== undefined && name !== null),
      about: description,
      takesValue: required || optional,
    })),
  };
  const children = command.commands.flatMap((child) =>
    [child.name(), ...child.aliases()].flatMap((name) => collect(child, path === '' ? name : `${path} ${name}`)),
  );
  return [words, ...children];
}

function bashScript(commands: readonly CommandWords[]): Escaped<'bash'> {
  const cases = commands.map(({ path, subcommands, flags }) => {
    const words = [...subcommands.map(({ name }) => name), ...flags.flatMap(({ names }) => names), '--help'];
    return bash`    ${path}) words=${words.join(' ')} ;;`;
  });
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => bash`${path}`);
  return bash`# Completion of mesh for bash.
_mesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
    ${joined(known, '|')}) path="$next" ;;
    esac
  done
  case "$path" in
${joined(cases)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mesh mesh
`;
}

function fishScript(commands: readonly CommandWords[]): Escaped<'fish'> {
  const condition = (path: string): string => {
    if (path === '') return '__fish_use_subcommand';
    return path
      .split(' ')
      .map((name) => `__fish_seen_subcommand_from ${name}`)
      .join('; and ');
  };
  const lines = commands.flatMap(({ path, subcommands, flags }) => [
    ...subcommands.map(({ name, about }) => fish`complete -c mesh -f -n ${condition(path)} -a ${name} -d ${about}`),
    ...flags.map(({ names, about, takesValue }) => {
      const spelled = names.map((name) => (name.startsWith('--') ? fish`-l ${name.slice(2)}` : fish`-s ${name.slice(1)}`));
      return fish`complete -c mesh -n ${condition(path)} ${joined(spelled, ' ')}${takesValue ? fish` -r` : ''} -d ${about}`;
    }),
  ]);
  return fish`# Completion of mesh for fish.\n${joined(lines)}\n`;
}
