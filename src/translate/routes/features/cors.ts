import type { CorsPolicy } from '../../../api/istio.gen.ts';
import { any } from '../../../envoy/any.ts';
import type { CorsPolicy as EnvoyCorsPolicy, StringMatcher } from '../../../envoy/api.gen.ts';
import { parseDuration } from '../../../util/duration.ts';
import { compact, nonEmpty } from '../../../util/object.ts';
import type { RouteFeature } from '../route-input.ts';
import { buildStringMatcher } from '../string-match.ts';

const NANOSECONDS = 1_000_000_000n;

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
  const maxAge = policy.maxAge === undefined ? undefined : parseDuration(policy.maxAge);
  return compact({
    allowOriginStringMatch: nonEmpty(allowedOrigins(policy)),
    allowMethods: join(policy.allowMethods),
    allowHeaders: join(policy.allowHeaders),
    exposeHeaders: join(policy.exposeHeaders),
    maxAge: maxAge === undefined ? undefined : String(maxAge / NANOSECONDS),
    allowCredentials: policy.allowCredentials,
    filterEnabled: { defaultValue: { numerator: 100 } },
    forwardNotMatchingPreflights: policy.unmatchedPreflights !== 'IGNORE',
  });
}

function allowedOrigins(policy: CorsPolicy): readonly StringMatcher[] {
  const matches = policy.allowOrigins ?? [];
  if (matches.length > 0) return matches.flatMap((match) => buildStringMatcher(match) ?? []);
  return (policy.allowOrigin ?? []).map((exact) => ({ exact }));
}

function join(values: readonly string[] | undefined): string | undefined {
  return values?.join(',') || undefined;
}
