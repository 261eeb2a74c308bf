import type { Command } from 'commander';
import { assertNever } from '../../util/assert.ts';

interface CommandWords {
  /** Names of the command from below `mesh`, e.g. `proxy-config clusters`. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly { readonly names: readonly string[]; readonly about: string; readonly takesValue: boolean }[];
}

/** The script that completes commands and flags in a shell; what is no flag completes as a file. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const commands = collect(program, '');
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      return `#compdef mesh\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`;
    case 'fish':
      return fishScript(commands);
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

function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ path, subcommands, flags }) => {
    const words = [...subcommands.map(({ name }) => name), ...flags.flatMap(({ names }) => names), '--help'];
    return `    '${path}') words='${words.join(' ')}' ;;`;
  });
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# Completion of mesh for bash.
_mesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
    ${known.join('|')}) path="$next" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mesh mesh
`;
}

function fishScript(commands: readonly CommandWords[]): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const condition = (path: string): string => {
    if (path === '') return '__fish_use_subcommand';
    return path
      .split(' ')
      .map((name) => `__fish_seen_subcommand_from ${name}`)
      .join('; and ');
  };
  const lines = commands.flatMap(({ path, subcommands, flags }) => [
    ...subcommands.map(({ name, about }) => `complete -c mesh -f -n ${quote(condition(path))} -a ${name} -d ${quote(about)}`),
    ...flags.map(({ names, about, takesValue }) => {
      const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
      return `complete -c mesh -n ${quote(condition(path))} ${spelled.join(' ')}${takesValue ? ' -r' : ''} -d ${quote(about)}`;
    }),
  ]);
  return `# Completion of mesh for fish.\n${lines.join('\n')}\n`;
}
