import { expect, test } from 'vitest';
import type { HTTPFaultInjection } from '../../../../../src/api/istio.gen.ts';
import { routeOf, toCart } from '../support.ts';

const faultOf = (fault: HTTPFaultInjection) => {
  const { '@type': type, ...rest } = routeOf({ ...toCart, fault }).typedPerFilterConfig?.['envoy.filters.http.fault'] ?? {};
  expect(type).toBe('type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault');
  return rest;
};

test.each<[HTTPFaultInjection, object]>([
  [
    { delay: { fixedDelay: '1s', percentage: { value: 0.00019 } } },
    { delay: { fixedDelay: '1s', percentage: { numerator: 1, denominator: 'MILLION' } } },
  ],
  [{ delay: { fixedDelay: '100ms', percent: 5 } }, { delay: { fixedDelay: '0.100s', percentage: { numerator: 5 } } }],
  [{ delay: { fixedDelay: '1s' } }, { delay: { fixedDelay: '1s', percentage: {} } }],
  [{ delay: { exponentialDelay: '1s' } }, {}],
  [
    { abort: { httpStatus: 503, percentage: { value: 100 } } },
    { abort: { httpStatus: 503, percentage: { numerator: 1_000_000, denominator: 'MILLION' } } },
  ],
  [{ abort: { httpStatus: 503 } }, { abort: { httpStatus: 503 } }],
  [{ abort: { grpcStatus: 'UNAVAILABLE' } }, { abort: { grpcStatus: 14 } }],
  [{ abort: { grpcStatus: 'OK' } }, { abort: { grpcStatus: 0 } }],
  [{ abort: { http2Error: 'x' } }, {}],
])('%j', (fault, expected) => {
  expect(faultOf(fault)).toEqual(expected);
});
