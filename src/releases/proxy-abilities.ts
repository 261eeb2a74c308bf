import { compareVersions } from '../util/version.ts';

/**
 * What depends on the release of a proxy, by the release that began with it: what istiod asks only of proxies that can do it
 * (istio pilot/pkg/networking/core/tracing.go), and what its agent does.
 */
const since = {
  /** zipkin's traceContextOption */
  traceContext: '1.28',
  /** zipkin's collectorService, with a timeout and headers */
  collectorService: '1.29',
  /** tags of the Telemetry API that are formatted */
  formattedTags: '1.29',
  /** Telemetry's disableContextPropagation */
  noContextPropagation: '1.30',
  /** Envoy is told to rebuild load balancers one update after the other (istio pkg/bootstrap/config.go extractRuntimeFlags) */
  separateRebuilds: '1.30',
  /** the agent takes other labels than `app` for the name of an application too (istio pkg/bootstrap/config.go serviceClusterOrDefault) */
  otherAppLabels: '1.30',
} as const;

export type ProxyAbility = keyof typeof since;

/**
 * Whether a proxy that reports `istioVersion` can do something. What cannot be read counts as the newest.
 * As istio pilot/pkg/model/context.go ParseIstioVersion and VersionGreaterOrEqual.
 */
export function canDo(istioVersion: string, ability: ProxyAbility): boolean {
  const [, version] = /^(?:release-)?(\d{1,9}\.\d{1,9})/.exec(istioVersion) ?? [];
  return version === undefined || compareVersions(version, since[ability]) >= 0;
}
