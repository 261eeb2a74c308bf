import type { LoadBalancerSettingsConsistentHashLB } from '../../../api/istio.gen.ts';
import type { RouteActionHashPolicy } from '../../../envoy/api.gen.ts';
import { canonicalDuration } from '../../../util/duration.ts';
import { nothingElse } from '../../../util/fields.ts';
import { compact } from '../../../util/object.ts';
import { type RouteFeature, weightedDestinations } from '../route-input.ts';

/** What requests are hashed by, for each destination whose destination rule asks for it, in order. */
export const hashPolicy: RouteFeature = {
  name: 'hash-policy',
  build: ({ rule, context }) => {
    const policies = weightedDestinations(rule).flatMap((destination) => buildHashPolicy(context.lookupHash(destination)) ?? []);
    return policies.length === 0 ? {} : { action: { hashPolicy: policies } };
  },
};

/** Envoy's form of a consistent hash; undefined for none and for one that names no key. As istio consistentHashToHashPolicy. */
export function buildHashPolicy(hash: LoadBalancerSettingsConsistentHashLB | undefined): RouteActionHashPolicy | undefined {
  if (hash === undefined) return undefined;
  const { httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName, ...sizes } = hash;
  // How many places the hash has is for the cluster (translate/clusters/load-balancer.ts).
  const { ringHash, maglev, minimumRingSize, ...rest } = sizes;
  nothingElse(rest);
  if (httpHeaderName !== undefined) return { header: compact({ headerName: httpHeaderName || undefined }) };
  if (httpCookie !== undefined) {
    const { name, ttl, path, attributes = [], ...restOfCookie } = httpCookie;
    nothingElse(restOfCookie);
    return {
      cookie: compact({
        name: name || undefined,
        ttl: canonicalDuration(ttl),
        path: path || undefined,
        attributes:
          attributes.length === 0
            ? undefined
            : attributes.map((attribute) => compact({ name: attribute.name || undefined, value: attribute.value || undefined })),
      }),
    };
  }
  if (useSourceIp !== undefined) return { connectionProperties: useSourceIp ? { sourceIp: true } : {} };
  if (httpQueryParameterName !== undefined) {
    return { queryParameter: compact({ name: httpQueryParameterName || undefined }) };
  }
  return undefined;
}
