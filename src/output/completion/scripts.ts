import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { type Escaped, joined, type Printable, printed } from '../escape/printable.ts';
import { bash, fish } from '../escape/shell.ts';
import type { CommandWords, FlagWords, Values } from './command-words.ts';

/** The script that completes commands, flags and their values in a shell; what is none of these completes as a file. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', commands: readonly CommandWords[]): Printable {
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

function bashScript(commands: readonly CommandWords[]): Escaped<'bash'> {
  const paths = commands
    .filter(({ path }) => path !== '')
    .map(({ path, aliases }) => {
      const names = [path, ...aliases].map((name) => bash`${name}`);
      return bash`    ${joined(names, '|')}) at=${path} ;;`;
    });
  const words = commands.map(({ path, subcommands, flags, argument }) => {
    const names = [...subcommands.map(({ name }) => name), ...wordsOf(argument)].join(' ');
    return bash`    ${path}) flags=${flags.flatMap((flag) => flag.names).join(' ')} words=${names} ask=${askOf(argument)} ;;`;
  });
  const values = commands.flatMap(({ path, flags }) =>
    [...groupBy(flags, ({ value }) => JSON.stringify(value)).values()].flatMap((alike) => {
      const value = alike[0]?.value;
      if (value === undefined) return [];
      const calls = alike.flatMap(({ names }) => names).map((name) => bash`${`${path} ${name}`}`);
      return [bash`    ${joined(calls, '|')}) flags='' words=${wordsOf(value).join(' ')} ask=${askOf(value)} ;;`];
    }),
  );
  return bash`# Completion of mesh for bash.
_mesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  # Not "path", which is zsh's own.
  local at='' next word flags='' words='' ask=''
  # bash takes --flag=value apart.
  if [ "$current" = = ]; then current=''; elif [ "$previous" = = ]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${at:+$at }$word"
    case "$next" in
${joined(paths)}
    esac
  done
  case "$at" in
${joined(words)}
  esac
  case "$at $previous" in
${joined(values)}
  esac
  COMPREPLY=()
  case "$current" in
    -*) [ -z "$flags" ] || words="$flags" ask='' ;;
  esac
  # What mesh says are names of letters, digits and a few signs, so that no shell takes them for more.
  [ -z "$ask" ] || words="$("\${COMP_WORDS[0]}" __complete "$ask" -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
  [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mesh mesh
`;
}

function wordsOf(values: Values | undefined): readonly string[] {
  return values === undefined || values === 'files' || !('words' in values) ? [] : values.words;
}

function askOf(values: Values | undefined): string {
  return values === undefined || values === 'files' || !('ask' in values) ? '' : values.ask;
}

function fishScript(commands: readonly CommandWords[]): Escaped<'fish'> {
  const namesOf = new Map(commands.map(({ path, aliases }) => [path, [path, ...aliases].map(lastWord)]));
  const condition = (path: string): string => {
    if (path === '') return '__fish_use_subcommand';
    const parents = path.split(' ').map((_, index, all) => all.slice(0, index + 1).join(' '));
    return parents.map((parent) => `__fish_seen_subcommand_from ${namesOf.get(parent)?.join(' ') ?? ''}`).join('; and ');
  };
  const lines = commands.flatMap(({ path, subcommands, flags, argument }) => [
    ...subcommands.map(({ name, about }) => fish`complete -c mesh -f -n ${condition(path)} -a ${name} -d ${about}`),
    ...(path !== '' && argument !== undefined && argument !== 'files'
      ? [fish`complete -c mesh -f -n ${condition(path)} -a ${fishValues(argument)}`]
      : []),
    ...flags.map((flag) => fish`complete -c mesh -n ${condition(path)} ${fishFlag(flag)} -d ${flag.about}`),
  ]);
  return fish`# Completion of mesh for fish.\n${joined(lines)}\n`;
}

function fishFlag({ names, value }: FlagWords): Escaped<'fish'> {
  const spelled = names.map((name) => (name.startsWith('--') ? fish`-l ${name.slice(2)}` : fish`-s ${name.slice(1)}`));
  if (value === undefined) return joined(spelled, ' ');
  return fish`${joined(spelled, ' ')} ${value === 'files' ? fish`-r` : fish`-x -a ${fishValues(value)}`}`;
}

function fishValues(values: Exclude<Values, 'files'>): string {
  if ('words' in values) return values.words.join(' ');
  return `(mesh __complete ${values.ask} -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)`;
}

function lastWord(path: string): string {
  return path.slice(path.lastIndexOf(' ') + 1);
}
