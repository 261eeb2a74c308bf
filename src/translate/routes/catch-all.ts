import type { VirtualHost } from '../../envoy/api.gen.ts';
import type { Scope } from '../../scope/view.ts';
import type { ProxyHeaders } from '../listeners/proxy-headers.ts';
import { DYNAMIC_CLUSTER, PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { destinationCluster } from './destination.ts';

const ALLOW_ANY = 'allow_any';
const BLOCK_ALL = 'block_all';
/** Also the name of the route configuration that holds nothing else. */
export const ALLOW_ANY_DYNAMIC = 'allow_any_dynamic_dns';

/**
 * The virtual host for requests to hosts that the mesh does not know: refused, sent on to where they were going, or sent to the
 * egress proxy. As istio core/httproute.go buildCatchAllVirtualHost.
 */
export function catchAllVirtualHost(
  { outboundTrafficPolicy: policy, resolvesUnknownHosts }: Pick<Scope, 'outboundTrafficPolicy' | 'resolvesUnknownHosts'>,
  headers: Pick<ProxyHeaders, 'includeRequestAttemptCount' | 'forwardedHost'>,
): VirtualHost {
  const attempts = headers.includeRequestAttemptCount ? { includeRequestAttemptCount: true } : {};
  const forward = (name: string, cluster: string): VirtualHost => ({
    name,
    domains: ['*'],
    routes: [
      {
        name,
        match: { prefix: '/' },
        route: {
          cluster,
          timeout: '0s',
          maxGrpcTimeout: '0s',
          ...(headers.forwardedHost && { appendXForwardedHost: true }),
        },
      },
    ],
    ...attempts,
  });
  if (resolvesUnknownHosts) return forward(ALLOW_ANY_DYNAMIC, DYNAMIC_CLUSTER);
  if (policy?.mode !== 'ALLOW_ANY') {
    return {
      name: BLOCK_ALL,
      domains: ['*'],
      routes: [{ name: BLOCK_ALL, match: { prefix: '/' }, directResponse: { status: 502 } }],
      ...attempts,
    };
  }
  const { egressProxy } = policy;
  return forward(ALLOW_ANY, egressProxy === undefined ? PASSTHROUGH_CLUSTER : destinationCluster(egressProxy, undefined, 0));
}
