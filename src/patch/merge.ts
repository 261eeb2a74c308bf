import type { Any } from '../envoy/api.gen.ts';
import { assertNever } from '../util/assert.ts';
import type { Descriptors, FieldDescriptor } from '../util/descriptors.ts';
import { isObject, own, setOwn } from '../util/object.ts';

/** Where Istio's own code breaks off: it leaves what it patched so far and applies no further patch. */
export class PatchAborted extends Error {
  override readonly name = 'PatchAborted';
}

/** What becomes of lists that both messages have: at every depth, but not in what an Any holds. */
export type Lists = 'append' | 'replace';

/** Merges messages in protobuf JSON form; neither argument is changed. */
export interface Merger {
  /** `into` with every field that `from` sets; `message` is the full name of the type of both. Lists are appended unless told. */
  message<T extends object>(message: string, into: T, from: object, lists?: Lists): T;
  /** Merges what stands in two Anys of one type. Throws PatchAborted where the types differ. */
  any(into: Any, from: Any): Any;
}

/**
 * Protobuf's merge on JSON: scalars, enums and durations replace, lists are appended, of maps single entries replace, messages
 * merge, and to set a member of a oneof clears the others.
 * As istio pkg/proto/merge/merge.go and pilot/pkg/networking/util/util.go MergeAnyWithAny.
 */
export function createMerger(descriptors: Descriptors): Merger {
  const mergeMessage = (message: string, into: object, from: object, lists: Lists): object => {
    const descriptor = descriptors.message(message);
    if (descriptor === undefined) throw new PatchAborted(`no message ${message}`);
    const out: Record<string, unknown> = { ...into };
    for (const [name, value] of Object.entries(from)) {
      const field = descriptor.field(name);
      if (field === undefined || value === undefined) continue;
      if (field.oneof !== undefined) {
        for (const sibling of descriptor.fields) {
          if (sibling.oneof === field.oneof && sibling !== field) delete out[sibling.json];
        }
      }
      setOwn(out, field.json, mergeField(field, own(out, field.json), value, lists));
    }
    return out;
  };

  const mergeField = (field: FieldDescriptor, into: unknown, from: unknown, lists: Lists): unknown => {
    if (into === undefined) return from;
    if (field.cardinality === 'list') return mergeLists(asList(into), asList(from), lists);
    if (field.cardinality === 'map') return { ...asObject(into), ...asObject(from) };
    const { type } = field;
    switch (type.kind) {
      case 'message':
        return mergeMessage(type.name, asObject(into), asObject(from), lists);
      case 'wrapper':
        // The value in a wrapper merges as a field of its own, and one that is zero counts as not set.
        return isZero(from) ? into : from;
      case 'any':
        return mergeOpaque(asObject(into) as Any, asObject(from) as Any);
      case 'struct':
        return { ...asObject(into), ...asObject(from) };
      case 'listValue':
        return mergeLists(asList(into), asList(from), lists);
      case 'value':
        return mergeValue(into, from, lists);
      case 'fieldMask':
        return [into, from].filter((paths) => paths !== '').join(',');
      case 'scalar':
      case 'enum':
      case 'duration':
      case 'timestamp':
      case 'empty':
      case 'nullValue':
        return from;
      default:
        return assertNever(type);
    }
  };

  return {
    message: <T extends object>(message: string, into: T, from: object, lists: Lists = 'append'): T =>
      mergeMessage(message, into, from, lists) as T,
    any: (into, from) => {
      const [type, other] = [messageOf(into), messageOf(from)];
      if (type !== other) throw new PatchAborted(`${other} cannot be merged into ${type}`);
      if (Object.hasOwn(into, 'value') && descriptors.message(type)?.field('value') === undefined) return mergeOpaque(into, from);
      return { ...mergeMessage(type, into, withoutType(from), 'append'), '@type': into['@type'] } as Any;
    },
  };
}

/** The full name of the message that an Any holds. */
function messageOf(any: Any): string {
  return any['@type'].slice(any['@type'].lastIndexOf('/') + 1);
}

function withoutType({ '@type': _, ...fields }: Any): object {
  return fields;
}

/** Merges two Anys as messages of their own: a type and bytes, of which empty ones set nothing. */
function mergeOpaque(into: Any, from: Any): Any {
  if (Object.keys(from).length > 1) return from;
  return into['@type'] === from['@type'] ? into : from;
}

function mergeValue(into: unknown, from: unknown, lists: Lists): unknown {
  if (isObject(into) && isObject(from)) return { ...into, ...from };
  if (Array.isArray(into) && Array.isArray(from)) return mergeLists(into, from, lists);
  return from;
}

/** An empty list is not set, so that it replaces nothing. */
function mergeLists(into: readonly unknown[], from: readonly unknown[], lists: Lists): readonly unknown[] {
  return lists === 'replace' && from.length > 0 ? from : [...into, ...from];
}

function isZero(value: unknown): boolean {
  return value === false || value === 0 || value === '' || value === '0';
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
