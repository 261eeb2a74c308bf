import { createEnvoyDescriptors } from '../envoy/descriptors.ts';
import type { Release } from '../releases/release.ts';
import type { Descriptors, MessageDescriptor } from '../util/descriptors.ts';
import { isObject, own } from '../util/object.ts';
import { createProtobufDecoder, type Decoded } from '../util/protobuf-json.ts';

/** Envoy's messages as the patches of EnvoyFilters hold them. */
export interface EnvoyMessages {
  /** Reads a message as protobuf JSON. */
  decode(message: string, value: unknown): Decoded;
  /**
   * The names of the extensions in a decoded message that have no configuration and so no type. Lists are not searched, as in
   * istio envoyfilter.go recurseMissingTypedConfig.
   */
  untyped(message: string, value: Readonly<Record<string, unknown>>): readonly string[];
}

/** Makes the reader of Envoy's messages, as a release knows them. */
export function createEnvoyMessages({ envoyDescriptorChanges }: Pick<Release, 'envoyDescriptorChanges'>): EnvoyMessages {
  const descriptors = createEnvoyDescriptors(envoyDescriptorChanges);
  return {
    decode: createProtobufDecoder(descriptors),
    untyped(message, value) {
      const descriptor = descriptors.message(message);
      return descriptor === undefined ? [] : findUntyped(descriptors, descriptor, value);
    },
  };
}

function findUntyped(
  descriptors: Descriptors,
  message: MessageDescriptor,
  value: Readonly<Record<string, unknown>>,
): readonly string[] {
  const inner = message.fields.flatMap(({ json, cardinality, type }) => {
    const member = own(value, json);
    if (cardinality !== 'one' || type.kind !== 'message' || !isObject(member)) return [];
    const descriptor = descriptors.message(type.name);
    return descriptor === undefined ? [] : findUntyped(descriptors, descriptor, member);
  });
  const isExtension = message.fields.some(({ json }) => json === 'typedConfig');
  if (!isExtension || value.typedConfig !== undefined || value.configDiscovery !== undefined) return inner;
  return [...inner, typeof value.name === 'string' ? value.name : ''];
}
