import type { Descriptors } from '../../../util/descriptors.ts';
import type { Place } from './place.ts';
import { quoteShort } from './rule.ts';
import type { Trouble } from './troubles.ts';

/** Messages in JSON that say which message they stand for, so that istiod need not know it and the proxy must. */
export const TYPED_STRUCTS: readonly string[] = ['xds.type.v3.TypedStruct', 'udpa.type.v1.TypedStruct'];

/** Extensions of Envoy's `contrib`, of which builds of the proxy have some and istiod knows none. */
const CONTRIB =
  /\.(kafka|rocketmq|sip_proxy|generic_proxy|golang|squash|sxg|language|dynamo|client_ssl_auth|vcl|hyperscan|qat|cryptomb|peak_ewma|mcp|istio)/;

/**
 * What is wrong with the type of a TypedStruct that configures an extension: Envoy finds extensions by it alone, and refuses what it
 * has none for. Envoy source/common/config/utility.h getFactoryByType, utility.cc translateOpaqueConfig.
 */
export function troubleOfTypedStruct(
  descriptors: Descriptors,
  { typeUrl }: Readonly<Record<string, unknown>>,
  { key, parent }: Place,
): Trouble | undefined {
  if (key !== 'typedConfig' && parent?.key !== 'typedPerFilterConfig') return undefined;
  if (typeof typeUrl !== 'string' || typeUrl === '') {
    return {
      sense: 'is a TypedStruct without type_url, which says what it stands for',
      fix: 'write type_url: type.googleapis.com/ and the type of the extension',
    };
  }
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  // Proxies of one's own may have extensions of their own.
  if (!name.startsWith('envoy.') || descriptors.message(name) !== undefined || CONTRIB.test(name)) return undefined;
  return {
    sense: `is a TypedStruct with type_url ${quoteShort(typeUrl)}, a type that the proxy does not know`,
    fix: 'write the type of the extension in version 3 of the API (type.googleapis.com/envoy.extensions.), as Envoy documents it',
  };
}
