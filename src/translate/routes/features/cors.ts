import type { CorsPolicy } from '../../../api/istio.gen.ts';
import { any } from '../../../envoy/any.ts';
import type { CorsPolicy as EnvoyCorsPolicy, StringMatcher } from '../../../envoy/api.gen.ts';
import { parseDuration } from '../../../util/duration.ts';
import type { RouteFeature } from '../route-input.ts';
import { buildStringMatcher } from '../string-match.ts';

/** Cross-origin requests. As istio core/route TranslateCORSPolicy. */
export const cors: RouteFeature = {
  name: 'cors',
  build: ({ rule }) => {
    if (rule.corsPolicy === undefined) return {};
    const config = any('type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy', buildCors(rule.corsPolicy));
    return { filters: { 'envoy.filters.http.cors': config } };
  },
};

function buildCors(policy: CorsPolicy): EnvoyCorsPolicy {
  const origins = allowedOrigins(policy);
  const maxAge = policy.maxAge === undefined ? undefined : parseDuration(policy.maxAge);
  return {
    ...(origins.length > 0 && { allowOriginStringMatch: origins }),
    ...joined('allowMethods', policy.allowMethods),
    ...joined('allowHeaders', policy.allowHeaders),
    ...joined('exposeHeaders', policy.exposeHeaders),
    ...(maxAge !== undefined && { maxAge: String(maxAge / 1_000_000_000n) }),
    ...(policy.allowCredentials !== undefined && { allowCredentials: policy.allowCredentials }),
    filterEnabled: { defaultValue: { numerator: 100 } },
    forwardNotMatchingPreflights: policy.unmatchedPreflights !== 'IGNORE',
  };
}

function allowedOrigins(policy: CorsPolicy): readonly StringMatcher[] {
  const matches = policy.allowOrigins ?? [];
  if (matches.length > 0) return matches.flatMap((match) => buildStringMatcher(match) ?? []);
  return (policy.allowOrigin ?? []).map((exact) => ({ exact }));
}

function joined<K extends string>(key: K, values: readonly string[] | undefined): { readonly [P in K]?: string } {
  const text = (values ?? []).join(',');
  return text === '' ? {} : ({ [key]: text } as { readonly [P in K]: string });
}
