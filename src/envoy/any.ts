import type { Any, TypeUrls as GeneratedTypeUrls } from './api.gen.ts';

/** The message that stands behind each type URL: Envoy's, generated, and those that Istio's proxy adds. */
export interface TypeUrls extends GeneratedTypeUrls {
  'type.googleapis.com/google.protobuf.StringValue': { readonly value: string };
  'type.googleapis.com/google.protobuf.Empty': { readonly value?: Readonly<Record<string, never>> };
  'type.googleapis.com/google.protobuf.Struct': { readonly value: Readonly<Record<string, unknown>> };
}

/** A typed extension configuration in protobuf JSON form: the message's fields beside its type URL, which stands first. */
export function any<Url extends keyof TypeUrls>(url: Url, message: TypeUrls[Url]): Any {
  return { '@type': url, ...message };
}

/** Whether the configuration is of the type; narrows it to the message. */
export function isAny<Url extends keyof TypeUrls>(
  config: Any | undefined,
  url: Url,
): config is Any & { readonly '@type': Url } & TypeUrls[Url] {
  return config?.['@type'] === url;
}
