import { expect, test } from 'vitest';
import { routeOf, toCart } from '../support.ts';

test('there is no timeout by default', () => {
  expect(routeOf(toCart).route).toMatchObject({ timeout: '0s', maxGrpcTimeout: '0s' });
});

test('a timeout is also the longest deadline of gRPC', () => {
  expect(routeOf({ ...toCart, timeout: '1.5s' }).route).toMatchObject({ timeout: '1.500s', maxGrpcTimeout: '1.500s' });
});
