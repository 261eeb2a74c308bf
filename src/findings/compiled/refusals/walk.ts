import type { Descriptors, FieldDescriptor } from '../../../util/descriptors.ts';
import { memo } from '../../../util/memo.ts';
import { isObject, own } from '../../../util/object.ts';
import { createProtobufDecoder } from '../../../util/protobuf-json.ts';
import type { Place } from './place.ts';
import { TYPED_STRUCTS } from './typed-structs.ts';

/** Called with a message of one type; true where there is something to say about it. */
export type MessageVisitor = (value: Readonly<Record<string, unknown>>, place: Place) => boolean;

/** How to go through messages of one type. */
interface Route {
  readonly visit: MessageVisitor | undefined;
  /** The fields that hold messages, by both of their names. */
  readonly nested: ReadonlyMap<string, FieldDescriptor>;
  readonly isTypedStruct: boolean;
}

/**
 * Goes through a resource message by message, from the outside inwards and into what Anys hold. `visitorOf` is asked once for each type.
 * Resources share much of what they hold: a message in which there was nothing to say about anything is not gone through again.
 */
export function createWalk(
  descriptors: Descriptors,
  visitorOf: (message: string) => MessageVisitor | undefined,
): (message: string, resource: object) => void {
  const quiet = new WeakMap<object, Route>();
  const decode = createProtobufDecoder(descriptors);
  const routeOf = memo((name: string): Route | undefined => {
    const descriptor = descriptors.message(name);
    if (descriptor === undefined) return undefined;
    // What is kept for other filters to read is nobody's configuration.
    const nested = descriptor.fields.filter((field) => isNested(field) && field.json !== 'typedFilterMetadata');
    return {
      visit: visitorOf(name),
      nested: new Map(nested.flatMap((field) => [[field.json, field] as const, [field.name, field] as const])),
      isTypedStruct: TYPED_STRUCTS.includes(name),
    };
  });

  const walkMessage = (name: string, parent: Place | undefined, key: string | number, value: unknown): boolean => {
    if (!isObject(value)) return false;
    const route = routeOf(name);
    if (route === undefined || quiet.get(value) === route) return false;
    const { visit, nested, isTypedStruct } = route;
    // To look at a message without others in it again costs less than to remember it.
    let isLeaf = true;
    const place: Place = { parent, key, value, message: name };
    let isTold = visit?.(value, place) ?? false;
    if (isTypedStruct) isTold = walkTypedStruct(value, place) || isTold;
    else if (nested.size > 0) {
      for (const member in value) {
        const field = nested.get(member);
        if (field === undefined) continue;
        isLeaf = false;
        isTold = walkField(field, place, member, own(value, member)) || isTold;
      }
    }
    if (!isTold && !isLeaf) quiet.set(value, route);
    return isTold;
  };

  const walkField = (field: FieldDescriptor, parent: Place, key: string, value: unknown): boolean => {
    if (field.cardinality === 'one') return walkValue(field, parent, key, value);
    const holder = { parent, key, value, message: undefined };
    let isTold = false;
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) isTold = walkValue(field, holder, index, element) || isTold;
    } else if (isObject(value)) {
      for (const [name, element] of Object.entries(value)) isTold = walkValue(field, holder, name, element) || isTold;
    }
    return isTold;
  };

  const walkValue = ({ type }: FieldDescriptor, parent: Place, key: string | number, value: unknown): boolean => {
    const message = type.kind === 'message' ? type.name : messageOf(value);
    return message !== undefined && walkMessage(message, parent, key, value);
  };

  const walkTypedStruct = (holder: Readonly<Record<string, unknown>>, place: Place): boolean => {
    const name = typeName(holder.typeUrl);
    if (name === undefined || descriptors.message(name) === undefined) return false;
    const { value } = decode(name, holder.value ?? {});
    return walkMessage(name, place, 'value', value);
  };

  return (message, resource) => void walkMessage(message, undefined, '', resource);
}

function isNested({ type }: FieldDescriptor): boolean {
  return type.kind === 'message' || type.kind === 'any';
}

/** The full name of the message that an Any holds. */
function messageOf(value: unknown): string | undefined {
  return isObject(value) ? typeName(value['@type']) : undefined;
}

function typeName(url: unknown): string | undefined {
  return typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : undefined;
}
