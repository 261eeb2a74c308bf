import type { Proxy } from '../../model/proxies/proxy.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';

/**
 * A piece of the metadata that the proxy itself reports: `proxyMetadata` entries become environment variables of the proxy, and its
 * agent sends those that start with ISTIO_META_. As istio pkg/bootstrap/config.go extractMetadata.
 */
export function proxyMetadata(proxy: Proxy, name: string): string | undefined {
  return proxy.proxyConfig.proxyMetadata?.[`ISTIO_META_${name}`];
}

/** A piece of metadata that is true or false, in any of the forms that Go's strconv.ParseBool reads. */
export function proxyFlag(proxy: Proxy, name: string): boolean {
  return parseGoBoolean(proxyMetadata(proxy, name) ?? '') === true;
}
