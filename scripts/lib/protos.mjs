import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import protobuf from 'protobufjs';

/** Loads .proto files (paths relative to one of the roots) with all they import; imports that no root has are left out. */
export async function loadProtos(roots, files) {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    if (isAbsolute(target)) return target;
    const found = roots.map((folder) => join(folder, target)).find(existsSync);
    return found ?? (protobuf.common.get(target) === null ? null : target);
  };
  await root.load(files, { keepCase: true, alternateCommentMode: true });
  root.resolveAll();
  return root;
}

/** All messages and enums of a namespace, nested ones too, sorted by full name. */
export function allTypes(root) {
  const found = [];
  const walk = (node) => {
    for (const child of node.nestedArray ?? []) {
      if (child instanceof protobuf.Type || child instanceof protobuf.Enum) found.push(child);
      if (child.nestedArray !== undefined) walk(child);
    }
  };
  walk(root);
  return found.sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
}

/** The full protobuf name, without the leading dot. */
export function fullName(type) {
  return type.fullName.replace(/^\./, '');
}

/** The package of a type and its name with those of the messages that it is nested in. */
export function nameParts(type) {
  const nested = [type.name];
  let parent = type.parent;
  while (parent instanceof protobuf.Type) {
    nested.unshift(parent.name);
    parent = parent.parent;
  }
  return { packageName: fullName(parent), nested };
}

/** The protobuf JSON name of a field. */
export function jsonName(field) {
  return field.options?.json_name ?? field.name.replace(/_+(.?)/g, (_, letter) => letter.toUpperCase());
}

export const isEnum = (type) => type instanceof protobuf.Enum;
export const isMessage = (type) => type instanceof protobuf.Type;

/** google.protobuf messages whose JSON is a plain value, and the TypeScript type of that. */
export const wellKnown = {
  'google.protobuf.Any': 'Any',
  'google.protobuf.Duration': 'string',
  'google.protobuf.Timestamp': 'string',
  'google.protobuf.FieldMask': 'string',
  'google.protobuf.Empty': 'Empty',
  'google.protobuf.Struct': 'Record<string, unknown>',
  'google.protobuf.Value': 'unknown',
  'google.protobuf.ListValue': 'readonly unknown[]',
  'google.protobuf.BoolValue': 'boolean',
  'google.protobuf.StringValue': 'string',
  'google.protobuf.BytesValue': 'string',
  'google.protobuf.Int32Value': 'number',
  'google.protobuf.UInt32Value': 'number',
  'google.protobuf.Int64Value': 'string',
  'google.protobuf.UInt64Value': 'string',
  'google.protobuf.DoubleValue': 'number',
  'google.protobuf.FloatValue': 'number',
};

const scalars = {
  bool: 'boolean',
  string: 'string',
  bytes: 'string',
  int64: 'string',
  uint64: 'string',
  sint64: 'string',
  fixed64: 'string',
  sfixed64: 'string',
};

/** The messages and enums that the given ones use, directly or not, themselves included. */
export function reachable(types) {
  const seen = new Set();
  const queue = [...types];
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    for (const field of type.fieldsArray ?? []) {
      if (field.resolvedType !== null && !(fullName(field.resolvedType) in wellKnown)) queue.push(field.resolvedType);
    }
  }
  return seen;
}

/** TypeScript for messages and enums, in the order of their TypeScript names. `int64` is the type of a 64-bit integer. */
export function printTypes(types, nameOf, { required = {}, int64 = 'string' } = {}) {
  const single = (field) => {
    const type = field.resolvedType;
    if (type === null) {
      const scalar = scalars[field.type] ?? 'number';
      return /64$/.test(field.type) ? int64 : scalar;
    }
    const known = wellKnown[fullName(type)];
    if (known !== undefined) return /Int64Value$/.test(fullName(type)) ? int64 : known;
    return nameOf(type);
  };
  const whole = (field) => {
    if (field.map) return `Readonly<Record<string, ${single(field)}>>`;
    const element = single(field);
    return field.repeated ? `readonly ${/[ |]/.test(element) ? `(${element})` : element}[]` : element;
  };
  return [...types]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((type) => {
      const heading = `/** ${fullName(type)} */\n`;
      if (isEnum(type))
        return `${heading}export type ${nameOf(type)} = ${Object.keys(type.values)
          .map((value) => `'${value}'`)
          .join(' | ')};\n`;
      const must = required[fullName(type)] ?? [];
      const fields = type.fieldsArray.map((field) => {
        const name = jsonName(field);
        return `  readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`}${must.includes(name) ? '' : '?'}: ${whole(field)};\n`;
      });
      if (fields.length === 0) return `${heading}export type ${nameOf(type)} = Empty;\n`;
      return `${heading}export interface ${nameOf(type)} {\n${fields.join('')}}\n`;
    })
    .join('\n');
}
