import type { Descriptors, FieldDescriptor } from '../../../util/descriptors.ts';
import { isObject, own } from '../../../util/object.ts';
import { createProtobufDecoder } from '../../../util/protobuf-json.ts';
import type { Place } from './place.ts';
import { TYPED_STRUCTS } from './typed-structs.ts';

/** Called with every message of a resource, from the outside inwards; true where there is something to say about it. */
export type MessageVisitor = (message: string, value: Readonly<Record<string, unknown>>, place: Place) => boolean;

/**
 * Goes through a resource message by message, into what Anys hold. Resources share much of what they hold: a message in which there
 * was nothing to say about anything is not gone through again.
 */
export function createWalk(descriptors: Descriptors): (message: string, resource: object, visit: MessageVisitor) => void {
  const quiet = new WeakMap<object, string>();
  const decode = createProtobufDecoder(descriptors);

  const walkMessage = (name: string, place: Place, visit: MessageVisitor): boolean => {
    const { value } = place;
    if (!isObject(value) || quiet.get(value) === name) return false;
    const descriptor = descriptors.message(name);
    if (descriptor === undefined) return false;
    let isTold = visit(name, value, place);
    let isLeaf = true;
    if (TYPED_STRUCTS.includes(name)) isTold = walkTypedStruct(value, place, visit) || isTold;
    else {
      for (const key in value) {
        const member = own(value, key);
        const field = descriptor.field(key);
        // What is kept for other filters to read is nobody's configuration.
        if (field === undefined || !isNested(field) || field.json === 'typedFilterMetadata') continue;
        isLeaf = false;
        isTold = walkField(field, place, key, member, visit) || isTold;
      }
    }
    // To look at a message without others in it again costs less than to remember it.
    if (!isTold && !isLeaf) quiet.set(value, name);
    return isTold;
  };

  const walkField = (field: FieldDescriptor, parent: Place, key: string, value: unknown, visit: MessageVisitor): boolean => {
    if (field.cardinality === 'one') return walkValue(field, parent, key, value, visit);
    const holder = { parent, key, value, message: undefined };
    const elements = Array.isArray(value) ? value.entries() : Object.entries(isObject(value) ? value : {});
    let isTold = false;
    for (const [index, element] of elements) isTold = walkValue(field, holder, index, element, visit) || isTold;
    return isTold;
  };

  const walkValue = (
    { type }: FieldDescriptor,
    parent: Place,
    key: string | number,
    value: unknown,
    visit: MessageVisitor,
  ): boolean => {
    const message = type.kind === 'message' ? type.name : messageOf(value);
    return message !== undefined && walkMessage(message, { parent, key, value, message }, visit);
  };

  const walkTypedStruct = (holder: Readonly<Record<string, unknown>>, place: Place, visit: MessageVisitor): boolean => {
    const name = typeName(holder.typeUrl);
    if (name === undefined || descriptors.message(name) === undefined) return false;
    const { value } = decode(name, holder.value ?? {});
    return walkMessage(name, { parent: place, key: 'value', value, message: name }, visit);
  };

  return (message, resource, visit) => {
    walkMessage(message, { parent: undefined, key: '', value: resource, message }, visit);
  };
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
