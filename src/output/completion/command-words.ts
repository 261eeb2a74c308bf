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
