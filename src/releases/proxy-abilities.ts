import { compareVersions } from '../util/version.ts';

/** What istiod asks of a proxy only if the release that it reports can do it, by that release (istio pilot/pkg/networking/core/tracing.go). */
const since = {
  /** zipkin's traceContextOption */
  traceContext: '1.28',
  /** zipkin's collectorService, with a timeout and headers */
  collectorService: '1.29',
  /** tags of the Telemetry API that are formatted */
  formattedTags: '1.29',
  /** Telemetry's disableContextPropagation */
  noContextPropagation: '1.30',
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
