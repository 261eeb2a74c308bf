import type { OutlierDetection as OutlierDetectionSettings } from '../../api/istio.gen.ts';
import type { OutlierDetection } from '../../envoy/api.gen.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { nothingElse } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';

/** Ejection by success rate is off, that by errors is on where a number of errors is given; istio applyOutlierDetection. */
export function buildOutlierDetection(settings: OutlierDetectionSettings): OutlierDetection {
  const { consecutive5xxErrors: errors, consecutiveGatewayErrors: gatewayErrors, ...others } = settings;
  const { consecutiveLocalOriginFailures: localFailures, splitExternalLocalOriginErrors = false, ...ejection } = others;
  const { interval, baseEjectionTime, maxEjectionPercent, ...elsewhere } = ejection;
  // Panic mode is a matter of load balancing (outbound.ts); Istio does not read the deprecated number of errors, nor status codes.
  const { minHealthPercent, consecutiveErrors, outlierDetectionHttpErrorCodes, ...rest } = elsewhere;
  nothingElse(rest);
  const split = splitExternalLocalOriginErrors;
  const countsLocal = split && localFailures !== undefined && localFailures > 0;
  return compact({
    enforcingSuccessRate: 0,
    consecutive5xx: errors,
    enforcingConsecutive5xx: enforcing(errors),
    consecutiveGatewayFailure: gatewayErrors,
    enforcingConsecutiveGatewayFailure: enforcing(gatewayErrors),
    interval: canonicalDuration(interval),
    baseEjectionTime: canonicalDuration(baseEjectionTime),
    maxEjectionPercent: maxEjectionPercent && maxEjectionPercent > 0 ? maxEjectionPercent : undefined,
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
