import { readFileSync } from 'node:fs';

/**
 * Reads what describe-protos/main.go printed: Map of full name -> `{ name, kind: 'message', fields, required }` or
 * `{ name, kind: 'enum', values }`. A field: `{ name, json, type, list, map, optional, oneof, rules }`; `required` names oneofs.
 */
export function readProtos(file) {
  const types = new Map();
  let current;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const words = line.trim().split(' ');
    if (line === '') continue;
    if (!line.startsWith(' ')) {
      const [kind, name] = words;
      current = kind === 'enum' ? { name, kind, values: new Map() } : { name, kind, fields: [], required: [] };
      types.set(name, current);
    } else if (current.kind === 'enum') {
      current.values.set(words[0], Number(words[1]));
    } else if (words[0] === '!') {
      current.required.push(words[1]);
    } else {
      const semicolon = words.indexOf(';');
      const rules = semicolon === -1 ? [] : words.splice(semicolon).slice(1);
      const [, mark, type] = /^(\*|\?|\{\w+\})?(.*)$/.exec(words[1]);
      current.fields.push({
        name: words[0],
        json: jsonName(words[0]),
        type,
        list: mark === '*',
        map: mark?.startsWith('{') ?? false,
        numberedKeys: mark === '{uint32}',
        optional: mark === '?',
        oneof: words[2],
        rules,
      });
    }
  }
  return types;
}

/** The protobuf JSON name of a field. */
function jsonName(name) {
  return name.replace(/_+(.?)/g, (_, letter) => letter.toUpperCase());
}

/** The package of a full name, and the names of the message and those that it is nested in, outermost first. */
export function nameParts(name) {
  const words = name.split('.');
  const start = words.findIndex((word) => /^[A-Z]/.test(word));
  return { packageName: words.slice(0, start).join('.'), nested: words.slice(start) };
}

/** The TypeScript type of a scalar, or of a google.protobuf message, in protobuf JSON; undefined for all other types. */
function plainType(type, int64) {
  const name = type.replace(/^google\.protobuf\.(\w+?)Value$/, '$1').toLowerCase();
  if (/^(bool)$/.test(name)) return 'boolean';
  if (/^(string|bytes)$/.test(name)) return 'string';
  if (/^(s|u|s?fixed)?(int)?64$/.test(name)) return int64;
  if (/^((s|u|s?fixed)?(int)?32|double|float)$/.test(name)) return 'number';
  return {
    'google.protobuf.Any': 'Any',
    'google.protobuf.Duration': 'string',
    'google.protobuf.Timestamp': 'string',
    'google.protobuf.FieldMask': 'string',
    'google.protobuf.Empty': 'Empty',
    'google.protobuf.Struct': 'Readonly<Record<string, unknown>>',
    'google.protobuf.Value': 'unknown',
    'google.protobuf.ListValue': 'readonly unknown[]',
    'google.protobuf.NullValue': 'null',
  }[type];
}

/** The names given and those that their fields use, directly or not. */
export function reachable(types, names) {
  const seen = new Set();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name) || plainType(name, 'string') !== undefined) continue;
    seen.add(name);
    for (const field of types.get(name).fields ?? []) queue.push(field.type);
  }
  return seen;
}

/** TypeScript for the messages and enums, in the order of their TypeScript names. `int64` is the type of a 64-bit integer. */
export function printTypes(types, names, nameOf, { required = {}, int64 = 'string' } = {}) {
  const single = (field) => plainType(field.type, int64) ?? nameOf(field.type);
  const whole = (field) => {
    const element = single(field);
    if (field.map) return `Readonly<Record<string, ${element}>>`;
    return field.list ? `readonly ${/[ |]/.test(element) ? `(${element})` : element}[]` : element;
  };
  return [...names]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((name) => {
      const type = types.get(name);
      const heading = `/** ${name} */\nexport`;
      if (type.kind === 'enum')
        return `${heading} type ${nameOf(name)} = ${[...type.values.keys()].map((value) => `'${value}'`).join(' | ')};\n`;
      if (type.fields.length === 0) return `${heading} type ${nameOf(name)} = Empty;\n`;
      const must = required[name] ?? [];
      const fields = type.fields.map(
        (field) => `  readonly ${field.json}${must.includes(field.json) ? '' : '?'}: ${whole(field)};\n`,
      );
      return `${heading} interface ${nameOf(name)} {\n${fields.join('')}}\n`;
    })
    .join('\n');
}

/** The table that src/envoy/limits.ts reads: a line for each message with rules, below it the fields that have some and the members of each oneof that must be set. */
export function printLimits(types, names) {
  return names
    .flatMap((name) => {
      const { fields = [], required = [] } = types.get(name);
      const limited = fields
        .filter(({ rules }) => rules.length > 0)
        .map((field) => ` ${[field.name, ...field.rules.map(shortRule)].join(' ')}`);
      const membersOf = (oneof) => fields.filter((field) => field.oneof === oneof).map((field) => field.name);
      const oneofs = required.map((oneof) => ` ! ${membersOf(oneof).join(' ')}`);
      return limited.length + oneofs.length === 0 ? [] : [name, ...limited, ...oneofs];
    })
    .join('\n');
}

/** A rule without what the type of its field tells: `duration.gt=0s` is `gt=0s`. */
function shortRule(rule) {
  return rule
    .replace(/=true$/, '')
    .replace(/\b(string|bytes|bool|u?int32|u?int64|double|float|enum|duration|timestamp|message|any|repeated|map)\./g, '');
}

/** The table that src/util/descriptors.ts reads: one line for each message or enum. */
export function printTable(types, names) {
  const lineOf = new Map(names.map((name, index) => [name, index]));
  return names.map((name) => line(types, lineOf, name)).join('\n');
}

/**
 * The lines that follow the table of `before` to make it that of `after`; references are to lines of both together. A line differs
 * where it refers to other names, not where these stand at another place.
 */
export function printTableChanges(before, after) {
  const byName = new Map([...before.names, ...after.names].map((name) => [name, name]));
  const isSame = (name) => before.types.has(name) && line(before.types, byName, name) === line(after.types, byName, name);
  const removed = before.names.filter((name) => !after.types.has(name));
  const changed = after.names.filter((name) => !isSame(name));
  const start = before.names.length + removed.length;
  const lineOf = new Map([
    ...changed.map((name, index) => [name, start + index]),
    ...before.names.map((name, index) => [name, index]),
  ]);
  return [...removed.map((name) => `- ${name}`), ...changed.map((name) => line(after.types, lineOf, name))].join('\n');
}

function fieldCode(lineOf, field, oneofs) {
  const mark = field.map ? (field.numberedKeys ? '#' : '%') : field.list ? '*' : '';
  const code = lineOf.get(field.type) ?? scalarCode(field.type);
  return `${field.name} ${mark}${code}${field.optional ? '?' : ''}${field.oneof === undefined ? '' : `/${oneofs.indexOf(field.oneof)}`}`;
}

function scalarCode(type) {
  const codes = {
    string: 's',
    bytes: 'y',
    bool: 'b',
    int32: 'i',
    sint32: 'i',
    sfixed32: 'i',
    uint32: 'u',
    fixed32: 'u',
    int64: 'I',
    sint64: 'I',
    sfixed64: 'I',
    uint64: 'U',
    fixed64: 'U',
    double: 'd',
    float: 'f',
  };
  const known = {
    Duration: 'D',
    Timestamp: 'T',
    FieldMask: 'M',
    Empty: 'E',
    Struct: 'S',
    Value: 'V',
    ListValue: 'L',
    NullValue: 'N',
    Any: 'A',
  };
  const short = type.replace('google.protobuf.', '');
  const code = codes[type] ?? known[short] ?? `w${codes[short.replace('Value', '').toLowerCase()]}`;
  if (/undefined/.test(code)) throw new Error(`no code for ${type}`);
  return code;
}

function line(types, lineOf, name) {
  const type = types.get(name);
  if (type.kind === 'enum') {
    const values = [...type.values].map(([value, number], index) => (number === index ? value : `${value}:${number}`));
    return ['=', name, ...values].join(' ');
  }
  const oneofs = [...new Set(type.fields.map((field) => field.oneof).filter((oneof) => oneof !== undefined))];
  return [name, ...type.fields.map((field) => fieldCode(lineOf, field, oneofs))].join(' ');
}
