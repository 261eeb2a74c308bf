import type { Kind } from '../api/kinds.ts';
import type { Resource } from './resource.ts';
import { kindOf } from './select.ts';

/**
 * Kinds that say what proxies do with what there is: no service, no address and no resource of another kind is made of them. A change
 * of one leaves all of that as it is.
 */
const kindsApart: ReadonlySet<Kind> = new Set<Kind>([
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'PeerAuthentication',
  'ProxyConfig',
  'RequestAuthentication',
  'Sidecar',
  'Telemetry',
  'TrafficExtension',
  'VirtualService',
  'WasmPlugin',
]);

/** Whether nothing else is made of a resource. */
export function isApart(resource: Resource): boolean {
  return kindsApart.has(kindOf(resource));
}
