import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxies/proxy.ts';

/** The SPIFFE identity of a proxy. */
export function spiffeIdentity(proxy: Proxy, mesh: Mesh): string {
  return `spiffe://${mesh.config.trustDomain ?? mesh.domainSuffix}/ns/${proxy.namespace}/sa/${proxy.serviceAccount}`;
}
