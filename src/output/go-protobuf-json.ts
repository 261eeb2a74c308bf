import { assertNever } from '../util/assert.ts';
import type { Descriptors, FieldDescriptor, FieldType } from '../util/descriptors.ts';
import { isObject } from '../util/object.ts';
import { formatGoScalar, orderedEntries } from './go-json.ts';

const INDENT = '    ';

/**
 * A message in canonical protobuf JSON as golang/protobuf's jsonpb prints it with an indent of four blanks, which istioctl uses for
 * bootstraps and secrets: free objects and lists (Struct) stand one step further in, a message without fields takes three lines.
 */
export function formatProtobufJson(value: Readonly<Record<string, unknown>>, message: string, descriptors: Descriptors): string {
  return formatMessage({ descriptors }, value, message, '');
}

interface Context {
  readonly descriptors: Descriptors;
}

function formatMessage(context: Context, value: Readonly<Record<string, unknown>>, name: string, indent: string): string {
  const message = context.descriptors.message(name);
  const members = orderedEntries(value).map(([key, member]) => {
    const field = message?.field(key);
    return `${indent}${INDENT}${formatGoScalar(key)}: ${field ? formatField(context, member, field, indent) : formatFree(member, indent)}`;
  });
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function formatField(context: Context, value: unknown, { cardinality, type }: FieldDescriptor, indent: string): string {
  if (cardinality === 'list' && Array.isArray(value)) {
    return formatList(value, indent, (item) => formatSingle(context, item, type, indent + INDENT));
  }
  if (cardinality === 'map' && isObject(value)) {
    return formatMap(value, indent, (member) => formatSingle(context, member, type, indent + INDENT));
  }
  return formatSingle(context, value, type, indent);
}

function formatSingle(context: Context, value: unknown, type: FieldType, indent: string): string {
  const inner = indent + INDENT;
  switch (type.kind) {
    case 'message':
      return isObject(value) ? formatMessage(context, value, type.name, inner) : formatGoScalar(value);
    case 'any':
      return isObject(value) ? formatAny(context, value, inner) : formatGoScalar(value);
    case 'empty':
      return `{\n\n${inner}}`;
    case 'struct':
    case 'listValue':
      return formatFree(value, indent);
    case 'value':
      return formatFree(value, inner);
    case 'scalar':
    case 'wrapper':
    case 'enum':
    case 'duration':
    case 'timestamp':
    case 'fieldMask':
    case 'nullValue':
      return formatGoScalar(value);
    default:
      return assertNever(type);
  }
}

function formatAny(context: Context, value: Readonly<Record<string, unknown>>, indent: string): string {
  const url = typeof value['@type'] === 'string' ? value['@type'] : '';
  return formatMessage(context, value, url.slice(url.lastIndexOf('/') + 1), indent);
}

/** A value of no fixed type: each object and list is a message that holds one field. */
function formatFree(value: unknown, indent: string): string {
  const inner = indent + INDENT;
  if (Array.isArray(value)) return formatList(value, inner, (item) => formatFree(item, inner + INDENT + INDENT));
  if (isObject(value)) return formatMap(value, inner, (member) => formatFree(member, inner + INDENT + INDENT));
  return formatGoScalar(value);
}

function formatList(items: readonly unknown[], indent: string, format: (item: unknown) => string): string {
  const lines = items.map((item) => `\n${indent}${INDENT}${INDENT}${format(item)}`);
  return `[${lines.join(',')}\n${indent}${INDENT}]`;
}

function formatMap(value: Readonly<Record<string, unknown>>, indent: string, format: (member: unknown) => string): string {
  const lines = orderedEntries(value).map(
    ([key, member]) => `\n${indent}${INDENT}${INDENT}${formatGoScalar(key)}: ${format(member)}`,
  );
  return `{${lines.join(',')}\n${indent}${INDENT}}`;
}
