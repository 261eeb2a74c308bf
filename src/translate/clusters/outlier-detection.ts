import type { OutlierDetection as OutlierDetectionSettings } from '../../api/istio.gen.ts';
import type { OutlierDetection } from '../../envoy/api.gen.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';

/** Ejection by success rate is off, that by errors is on where a number of errors is given; istio applyOutlierDetection. */
export function buildOutlierDetection(settings: OutlierDetectionSettings): OutlierDetection {
  const errors = settings.consecutive5xxErrors;
  const gatewayErrors = settings.consecutiveGatewayErrors;
  const localFailures = settings.consecutiveLocalOriginFailures;
  const split = settings.splitExternalLocalOriginErrors === true;
  const countsLocal = split && localFailures !== undefined && localFailures > 0;
  return compact({
    enforcingSuccessRate: 0,
    consecutive5xx: errors,
    enforcingConsecutive5xx: enforcing(errors),
    consecutiveGatewayFailure: gatewayErrors,
    enforcingConsecutiveGatewayFailure: enforcing(gatewayErrors),
    interval: canonicalDuration(settings.interval),
    baseEjectionTime: canonicalDuration(settings.baseEjectionTime),
    maxEjectionPercent: settings.maxEjectionPercent && settings.maxEjectionPercent > 0 ? settings.maxEjectionPercent : undefined,
    splitExternalLocalOriginErrors: split || undefined,
    consecutiveLocalOriginFailure: countsLocal ? localFailures : undefined,
    enforcingConsecutiveLocalOriginFailure: countsLocal ? 100 : undefined,
    enforcingLocalOriginSuccessRate: split ? 0 : undefined,
  });
}

function enforcing(errors: number | undefined): number | undefined {
  if (errors === undefined) return undefined;
  return errors > 0 ? 100 : 0;
}
