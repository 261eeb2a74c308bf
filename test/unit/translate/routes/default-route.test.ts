import { expect, test } from 'vitest';
import {
  buildDefaultHttpInboundRoute,
  buildDefaultHttpOutboundRoute,
  traceOperation,
} from '../../../../src/translate/routes/default-route.ts';

test('the route of a service without virtual service', () => {
  const route = buildDefaultHttpOutboundRoute('outbound|80||a', traceOperation('a', 80), undefined);
  expect(route).toMatchObject({
    name: 'default',
    match: { prefix: '/' },
    decorator: { operation: 'a:80/*' },
    route: { cluster: 'outbound|80||a', timeout: '0s', maxGrpcTimeout: '0s', retryPolicy: { numRetries: 2 } },
  });
});

test('the mesh can change or forbid retries', () => {
  expect(buildDefaultHttpOutboundRoute('a', 'a', { attempts: 5 }).route?.retryPolicy?.numRetries).toBe(5);
  expect(buildDefaultHttpOutboundRoute('a', 'a', { attempts: 0 }).route).not.toHaveProperty('retryPolicy');
});

test('requests to the own workload never time out and are tried again before they are sent, gRPC excepted', () => {
  const timeouts = { timeout: '0s', maxStreamDuration: { maxStreamDuration: '0s', grpcTimeoutHeaderMax: '0s' } };
  expect(buildDefaultHttpInboundRoute('inbound|80||', 'a:80/*', 'HTTP').route).toEqual({
    cluster: 'inbound|80||',
    ...timeouts,
    retryPolicy: { retryOn: 'reset-before-request', numRetries: 2 },
  });
  expect(buildDefaultHttpInboundRoute('inbound|80||', 'a:80/*', 'GRPC').route).toEqual({ cluster: 'inbound|80||', ...timeouts });
});

test('an IPv6 address stands in brackets', () => {
  expect(traceOperation('2001:db8::1', 80)).toBe('[2001:db8::1]:80/*');
});
