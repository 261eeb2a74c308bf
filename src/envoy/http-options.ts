import { isAny, type TypeUrls } from './any.ts';
import type { Any, Cluster } from './api.gen.ts';

/** By what name a cluster has its HTTP protocol options, which is the name of their type, too. */
export const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

type Url = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const URL: Url = `type.googleapis.com/${HTTP_OPTIONS}`;

/** The HTTP protocol options of a cluster. */
export function httpOptions({ typedExtensionProtocolOptions }: Cluster): TypeUrls[Url] | undefined {
  const config: Any | undefined = typedExtensionProtocolOptions?.[HTTP_OPTIONS];
  return isAny(config, URL) ? config : undefined;
}
