import { envoyLimitTable } from './limits.gen.ts';

/** What Envoy demands of one value: the rules of protoc-gen-validate, by their names there. */
export interface Limits {
  /** It must be there, where that can be told. */
  readonly required: boolean;
  /** Envoy refuses the field whatever its value. */
  readonly disallowed: boolean;
  /** Nothing is demanded of its zero value. */
  readonly ignoreEmpty: boolean;
  /** Nothing is demanded of the message that it holds. */
  readonly skip: boolean;
  readonly unique: boolean;
  /** An enum has a value that the enum declares. */
  readonly definedOnly: boolean;
  /** Durations count in seconds. */
  readonly gt: number | undefined;
  readonly gte: number | undefined;
  readonly lt: number | undefined;
  readonly lte: number | undefined;
  /** Of texts in characters, of bytes in bytes. */
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly maxBytes: number | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  /** An expression of RE2's. */
  readonly pattern: string | undefined;
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
  readonly constant: string | undefined;
  readonly oneOf: readonly string[];
  readonly noneOf: readonly string[];
  /** What a text must be: the name or value of a header, strictly as HTTP has it or only without line breaks. */
  readonly header: { readonly part: 'name' | 'value'; readonly isStrict: boolean } | undefined;
  /** Of each element of a list, and of the keys of a map. */
  readonly items: Limits | undefined;
  readonly keys: Limits | undefined;
}

/** What Envoy demands of a message. */
export interface MessageLimits {
  /** By the names of fields as in the .proto file. */
  readonly fields: ReadonlyMap<string, Limits>;
  /** Fields of which one must be set. */
  readonly oneofs: readonly (readonly string[])[];
}

/** Gives the limits of a message by its full name; undefined where it has none. */
export type LimitTable = (message: string) => MessageLimits | undefined;

/**
 * Reads the generated table. A line that is not indented names a message; below it stand its fields with their rules, and after
 * `!` fields of which one must be set.
 */
export function createEnvoyLimits(): LimitTable {
  const lines = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of envoyLimitTable.split('\n')) {
    if (line.startsWith(' ')) current.push(line.slice(1));
    else {
      current = [];
      lines.set(line, current);
    }
  }
  const known = new Map<string, MessageLimits>();
  return (message) => {
    const read = known.get(message) ?? (lines.has(message) ? readMessage(lines.get(message) ?? []) : undefined);
    if (read !== undefined) known.set(message, read);
    return read;
  };
}

function readMessage(lines: readonly string[]): MessageLimits {
  const oneofs = lines.filter((line) => line.startsWith('! ')).map((line) => line.slice(2).split(' '));
  const fields = lines
    .filter((line) => !line.startsWith('! '))
    .map((line) => {
      const [name = '', ...rules] = line.split(' ');
      return [name, readLimits(rules)] as const;
    });
  return { fields: new Map(fields), oneofs };
}

function readLimits(rules: readonly string[]): Limits {
  const values = (name: string): readonly string[] =>
    rules.filter((rule) => rule.startsWith(`${name}=`)).map((rule) => textOf(rule.slice(name.length + 1)));
  const text = (name: string): string | undefined => values(name)[0];
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : Number.parseFloat(value);
  };
  const nested = (name: string): Limits | undefined => {
    const inner = rules.filter((rule) => rule.startsWith(`${name}.`)).map((rule) => rule.slice(name.length + 1));
    return inner.length === 0 ? undefined : readLimits(inner);
  };
  const header = text('well_known_regex');
  return {
    required: rules.includes('required'),
    disallowed: rules.includes('disallowed'),
    ignoreEmpty: rules.includes('ignore_empty'),
    skip: rules.includes('skip'),
    unique: rules.includes('unique'),
    definedOnly: rules.includes('defined_only'),
    gt: number('gt'),
    gte: number('gte'),
    lt: number('lt'),
    lte: number('lte'),
    minLength: number('min_len'),
    maxLength: number('max_len'),
    maxBytes: number('max_bytes'),
    minItems: number('min_items') ?? number('min_pairs'),
    maxItems: number('max_items') ?? number('max_pairs'),
    pattern: text('pattern'),
    prefix: text('prefix'),
    suffix: text('suffix'),
    constant: rules.includes('const') ? 'true' : text('const'),
    oneOf: values('in'),
    noneOf: values('not_in'),
    header:
      header === undefined
        ? undefined
        : { part: header === 'HTTP_HEADER_NAME' ? 'name' : 'value', isStrict: text('strict') !== 'false' },
    items: nested('items'),
    keys: nested('keys'),
  };
}

/** Texts stand in the table as JSON; numbers, durations and names as they are. */
function textOf(written: string): string {
  return written.startsWith('"') ? String(JSON.parse(written)) : written;
}
