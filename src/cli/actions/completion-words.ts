import type { Argument, Command, Option } from 'commander';
import { own } from '../../util/object.ts';

/** What stands in the input or the catalog, so that the script has to ask for it: `mesh __complete <kind>`. */
export type AskedKind = 'pod' | 'client' | 'service' | 'namespace' | 'code' | 'analyzer';

/** What can stand in a place: one of a few words, something to ask for, or a file. */
export type Values = { readonly words: readonly string[] } | { readonly ask: AskedKind } | 'files';

/** A command with what completes after it. */
export interface CommandWords {
  /** Names of the command from below `mesh`, e.g. `proxy-config clusters`. */
  readonly path: string;
  /** The same with another name in its last place, e.g. `proxy-config c`. */
  readonly aliases: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly FlagWords[];
  /** What stands where no flag does; undefined where nothing does. */
  readonly argument: Values | undefined;
}

export interface FlagWords {
  readonly names: readonly string[];
  readonly about: string;
  /** Undefined for a flag without a value. */
  readonly value: Values | undefined;
}

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
