import type { OutboundTrafficPolicy } from '../../api/istio.gen.ts';
import type { VirtualHost } from '../../envoy/api.gen.ts';
import type { ProxyHeaders } from '../listeners/proxy-headers.ts';
import { PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { destinationCluster } from './destination.ts';

const ALLOW_ANY = 'allow_any';
const BLOCK_ALL = 'block_all';

/**
 * The virtual host for requests to hosts that the mesh does not know: refused, sent on to where they were going, or sent to the
 * egress proxy. As istio core/httproute.go buildCatchAllVirtualHost.
 */
export function catchAllVirtualHost(
  policy: OutboundTrafficPolicy | undefined,
  headers: Pick<ProxyHeaders, 'includeRequestAttemptCount' | 'forwardedHost'>,
): VirtualHost {
  const attempts = headers.includeRequestAttemptCount ? { includeRequestAttemptCount: true } : {};
  if (policy?.mode !== 'ALLOW_ANY') {
    return {
      name: BLOCK_ALL,
      domains: ['*'],
      routes: [{ name: BLOCK_ALL, match: { prefix: '/' }, directResponse: { status: 502 } }],
      ...attempts,
    };
  }
  const cluster = policy.egressProxy === undefined ? PASSTHROUGH_CLUSTER : destinationCluster(policy.egressProxy, undefined, 0);
  return {
    name: ALLOW_ANY,
    domains: ['*'],
    routes: [
      {
        name: ALLOW_ANY,
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
  };
}
