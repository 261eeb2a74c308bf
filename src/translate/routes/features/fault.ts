import type { HTTPFaultInjection, HTTPFaultInjectionAbort, HTTPFaultInjectionDelay } from '../../../api/istio.gen.ts';
import { any } from '../../../envoy/any.ts';
import type { FaultAbort, FaultDelay, HTTPFault } from '../../../envoy/api.gen.ts';
import { canonicalDuration } from '../../../util/duration.ts';
import { compact, own } from '../../../util/object.ts';
import { hundredths, millionths } from '../percent.ts';
import type { RouteFeature } from '../route-input.ts';

/** Codes of gRPC by their names; istio pkg/util/grpc/codes.go. */
const grpcStatusCodes: Readonly<Record<string, number>> = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

/** Delays and failures put in on purpose. As istio core/route TranslateFault. */
export const fault: RouteFeature = {
  name: 'fault',
  build: ({ rule }) => {
    if (rule.fault === undefined) return {};
    const config = any('type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault', buildFault(rule.fault));
    return { filters: { 'envoy.filters.http.fault': config } };
  },
};

function buildFault({ delay, abort }: HTTPFaultInjection): HTTPFault {
  return compact({ delay: delay && buildDelay(delay), abort: abort && buildAbort(abort) });
}

function buildDelay(delay: HTTPFaultInjectionDelay): FaultDelay | undefined {
  if (delay.fixedDelay === undefined) return undefined;
  return compact({
    fixedDelay: canonicalDuration(delay.fixedDelay),
    percentage: delay.percentage === undefined ? hundredths(delay.percent ?? 0) : millionths(delay.percentage),
  });
}

function buildAbort(abort: HTTPFaultInjectionAbort): FaultAbort | undefined {
  const percentage = abort.percentage && millionths(abort.percentage);
  if (abort.httpStatus !== undefined) return compact({ httpStatus: abort.httpStatus, percentage });
  if (abort.grpcStatus !== undefined) return compact({ grpcStatus: own(grpcStatusCodes, abort.grpcStatus) ?? 0, percentage });
  return undefined;
}
