// Writes the JSON Schemas of Istio's kinds, MeshConfig and MeshNetworks to schemas/istio from describe-protos/istio-*.txt (what
// there is in any release), schemas/*.txt (what it means) and schemas/constraints.json (what values may be). Run: npm run generate.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configs, kinds, nameOf, sinceOf, types } from './lib/istio.mjs';
import { reachable } from './lib/protos.mjs';

const folder = join(import.meta.dirname, '../schemas/istio');
const sources = join(import.meta.dirname, 'schemas');
const constraints = JSON.parse(readFileSync(join(sources, 'constraints.json'), 'utf8'));
const descriptions = readDescriptions();

const commonValue = 'common.schema.json';
const draft = 'https://json-schema.org/draft/2020-12/schema';
const unusedDescriptions = new Set(descriptions.keys());
const unusedConstraints = new Set(Object.keys(constraints));

/** `Message: text` lines, each followed by `  field: text` lines; by `Message` and `Message.field`. */
function readDescriptions() {
  const found = new Map();
  for (const file of readdirSync(sources).filter((name) => name.endsWith('.txt'))) {
    let message = '';
    for (const line of readFileSync(join(sources, file), 'utf8').split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [, indent, name, text] = /^( *)(\w+): (.+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`${file}: cannot read "${line}"`);
      if (indent === '') message = name;
      const key = indent === '' ? name : `${message}.${name}`;
      if (found.has(key)) throw new Error(`${file}: ${key} is described twice`);
      found.set(key, text);
    }
  }
  return found;
}

function describe(key) {
  unusedDescriptions.delete(key);
  const text = descriptions.get(key);
  if (text === undefined) throw new Error(`${key} has no description`);
  return { description: text };
}

function limit(key) {
  unusedConstraints.delete(key);
  return constraints[key] ?? {};
}

const scalars = {
  bool: { type: 'boolean' },
  string: { type: 'string' },
  bytes: { type: 'string', contentEncoding: 'base64' },
  int32: { type: 'integer' },
  uint32: { type: 'integer', minimum: 0, maximum: 4294967295 },
  int64: { type: ['integer', 'string'] },
  uint64: { type: ['integer', 'string'], minimum: 0 },
  double: { type: 'number' },
  float: { type: 'number' },
};

const wellKnown = {
  'google.protobuf.Duration': { $ref: `${commonValue}#/$defs/Duration` },
  'google.protobuf.Struct': { type: 'object' },
  'google.protobuf.Value': {},
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
};

function valueSchema(type, refOf) {
  const wrapped = /^google\.protobuf\.(\w+)Value$/.exec(type)?.[1]?.toLowerCase();
  return scalars[type] ?? scalars[wrapped] ?? wellKnown[type] ?? { $ref: refOf(type) };
}

function fieldSchema(owner, field, refOf) {
  const key = `${nameOf(owner)}.${field.json}`;
  const value = valueSchema(field.type, refOf);
  const since = sinceOf(owner, field.json);
  const { description } = describe(key);
  const text = { description: since === undefined ? description : `${description} From Istio ${since} on.` };
  if (field.list) return { ...text, type: 'array', ...limit(key), items: { ...value, ...limit(`${key}[]`) } };
  if (field.map) return { ...text, type: 'object', ...limit(key), additionalProperties: { ...value, ...limit(`${key}{}`) } };
  return { ...text, ...value, ...limit(key) };
}

/** At most one field of each oneof. */
function oneofSchemas(type) {
  const groups = new Map();
  for (const { oneof, json } of type.fields) if (oneof !== undefined) groups.set(oneof, [...(groups.get(oneof) ?? []), json]);
  const rules = [...groups.values()].map((names) => {
    const each = names.map((name) => ({ required: [name] }));
    return { oneOf: [{ not: { anyOf: each } }, ...each] };
  });
  if (rules.length === 0) return {};
  return rules.length === 1 ? rules[0] : { allOf: rules };
}

function typeSchema(name, refOf) {
  const type = types.get(name);
  const text = describe(nameOf(name));
  if (type.kind === 'enum') return { ...text, enum: [...type.values.keys()] };
  const { required, ...limits } = limit(nameOf(name));
  return {
    ...text,
    type: 'object',
    ...(required !== undefined && { required }),
    ...limits,
    properties: Object.fromEntries(type.fields.map((field) => [field.json, fieldSchema(name, field, refOf)])),
    additionalProperties: false,
    ...oneofSchemas(type),
  };
}

const roots = new Map([...kinds.map(({ kind, message }) => [kind, message]), ...Object.entries(configs)]);
const usersOf = new Map();
for (const [root, message] of roots)
  for (const name of reachable(types, [message])) usersOf.set(name, [...(usersOf.get(name) ?? []), root]);
const isCommon = (name) => usersOf.get(name).length > 1 && ![...roots.values()].includes(name);
const isRoot = (name) => [...roots.values()].includes(name);

function definitions(names, refOf) {
  const sorted = [...names].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return Object.fromEntries(sorted.map((name) => [nameOf(name), typeSchema(name, refOf)]));
}

function write(file, schema) {
  writeFileSync(join(folder, file), `${JSON.stringify(schema, null, 2)}\n`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

// A kind inside another one (the WorkloadEntry of a WorkloadGroup) is referred to where it is at home.
const fileOfRoot = new Map([...roots].map(([root, message]) => [message, `${root}.schema.json`]));
const refFrom = (home) => (name) => {
  const file = isCommon(name) ? commonValue : isRoot(name) ? fileOfRoot.get(name) : home;
  return `${file === home ? '' : file}#/$defs/${nameOf(name)}`;
};

const metadata = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

write(commonValue, {
  $schema: draft,
  $id: commonValue,
  title: 'Parts that several kinds of Istio share',
  $defs: {
    Duration: {
      description: 'A duration as Go writes it: `1.5s`, `1h30m`.',
      type: 'string',
      pattern: '^[-+]?(0|(\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h))((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h))*$',
    },
    Metadata: { description: "The object's name, namespace, labels and annotations.", ...metadata },
    ...definitions([...usersOf.keys()].filter(isCommon), refFrom(commonValue)),
  },
});

for (const [root, message] of roots) {
  const file = fileOfRoot.get(message);
  const kind = kinds.find((one) => one.kind === root);
  const own = [...reachable(types, [message])].filter((name) => name === message || (!isCommon(name) && !isRoot(name)));
  const spec = { $ref: `#/$defs/${nameOf(message)}` };
  const body =
    kind === undefined
      ? { title: root, ...spec }
      : {
          title: root,
          description: descriptions.get(nameOf(message)),
          type: 'object',
          required: ['apiVersion', 'kind', 'metadata'],
          properties: {
            apiVersion: { enum: kind.versions.map((version) => `${kind.group}/${version}`) },
            kind: { const: root },
            metadata: { $ref: `${commonValue}#/$defs/Metadata` },
            spec,
            status: { type: 'object' },
          },
          additionalProperties: false,
        };
  write(file, { $schema: draft, $id: file, ...body, $defs: definitions(own, refFrom(file)) });
}

const unused = [...unusedDescriptions, ...unusedConstraints];
if (unused.length > 0) throw new Error(`nothing is called ${unused.join(', ')}`);
