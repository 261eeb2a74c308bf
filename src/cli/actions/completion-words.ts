import type { Argument, Command, Option } from 'commander';
import type { AskedKind, CommandWords, FlagWords, Values } from '../../output/completion/command-words.ts';
import { own } from '../../util/object.ts';

/** Placeholders of flags and names of arguments for what has to be asked for. */
const asked: Readonly<Record<string, AskedKind>> = {
  pod: 'pod',
  workload: 'client',
  service: 'service',
  code: 'code',
  'code=resource': 'code',
  analyzer: 'analyzer',
};

/** A command and all below it, without those that help does not show. */
export function commandWords(command: Command, path = ''): readonly CommandWords[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const below = (name: string): string => (path === '' ? name : `${path} ${name}`);
  const [argument] = command.registeredArguments;
  const words: CommandWords = {
    path,
    aliases: [],
    subcommands: children.flatMap((child) =>
      [child.name(), ...child.aliases()].map((name) => ({ name, about: child.description() })),
    ),
    flags: help.visibleOptions(command).map(flagWords),
    argument: argument && argumentValues(argument),
  };
  return [
    words,
    ...children.flatMap((child) => {
      const [first, ...deeper] = commandWords(child, below(child.name()));
      return first === undefined ? [] : [{ ...first, aliases: child.aliases().map(below) }, ...deeper];
    }),
  ];
}

function flagWords({ short, long, flags, description, required, optional, argChoices }: Option): FlagWords {
  const placeholder = (/[<[]([^<>[\]]+)[>\]]$/.exec(flags)?.[1] ?? '').replace(/\.\.\.$/, '');
  const takesValue = required || (optional && argChoices !== undefined);
  const ask = long === '--namespace' ? 'namespace' : own(asked, placeholder);
  return {
    names: [short, long].filter((name) => name !== undefined && name !== null),
    about: description,
    value: takesValue ? valuesOf(argChoices, ask) : undefined,
  };
}

function argumentValues(argument: Argument): Values {
  return valuesOf(argument.argChoices, own(asked, argument.name()));
}

function valuesOf(choices: readonly string[] | undefined, ask: AskedKind | undefined): Values {
  if (choices !== undefined) return { words: choices };
  return ask === undefined ? 'files' : { ask };
}
