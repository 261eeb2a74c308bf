import type { Percent } from '../../api/istio.gen.ts';
import type { FractionalPercent } from '../../envoy/api.gen.ts';

/** A percentage as a share of a million, what lies below cut off; istio core/route translatePercentToFractionalPercent. */
export function millionths(percentage: Percent): FractionalPercent {
  const numerator = Math.trunc((percentage.value ?? 0) * 10_000);
  return { ...(numerator !== 0 && { numerator }), denominator: 'MILLION' };
}

/** A whole percentage; istio core/route translateIntegerToFractionalPercent. */
export function hundredths(percent: number): FractionalPercent {
  return percent === 0 ? {} : { numerator: percent };
}
