import { describe, expect, test } from 'vitest';
import { destinationCluster } from '../../../../../src/translate/routes/destination.ts';
import { gatewayApi, routeOf, toCart } from '../support.ts';

const to = (host: string, weight?: number) => ({ destination: { host }, ...(weight !== undefined && { weight }) });

describe('cluster of a destination', () => {
  const service = (...ports: number[]) => ({
    externalName: '',
    labels: {},
    ports: ports.map((port) => ({ name: 'http', port, protocol: 'HTTP' as const })),
  });

  test('the port that the destination names', () => {
    const destination = { host: 'a.example', subset: 'v1', port: { number: 81 } };
    expect(destinationCluster(destination, service(90), 80)).toBe('outbound|81|v1|a.example');
  });

  test('the only port of the service, else the port of the listener', () => {
    expect(destinationCluster({ host: 'a.example' }, service(90), 80)).toBe('outbound|90||a.example');
    expect(destinationCluster({ host: 'a.example' }, service(90, 91), 80)).toBe('outbound|80||a.example');
    expect(destinationCluster({ host: 'a.example' }, undefined, 80)).toBe('outbound|80||a.example');
  });

  test('an ExternalName stands for the name it points to', () => {
    expect(destinationCluster({ host: 'a' }, { ...service(80), externalName: 'b.example' }, 80)).toBe('outbound|80||b.example');
  });

  test('no host is an unknown service', () => {
    expect(destinationCluster({}, undefined, 80)).toBe('UnknownService');
  });
});

test('a single destination is a cluster, whatever its weight', () => {
  expect(routeOf({ route: [to('a.example', 0)] }).route?.cluster).toBe('outbound|80||a.example');
});

test('several are weighted; those of weight 0 are left out, and one that remains stays weighted', () => {
  const route = routeOf({ route: [to('a.example', 100), to('b.example', 0), to('c.example')] }).route;
  expect(route?.weightedClusters).toEqual({ clusters: [{ name: 'outbound|80||a.example', weight: 100 }] });
  expect(route).not.toHaveProperty('cluster');
});

test('weighted destinations keep their header operations and host', () => {
  const headers = { request: { set: { Host: 'x', a: '1' } }, response: { remove: ['b'] } };
  const route = routeOf({ route: [{ ...to('a.example', 1), headers }, to('b.example', 1)] });
  expect(route.route?.weightedClusters?.clusters?.[0]).toEqual({
    name: 'outbound|80||a.example',
    weight: 1,
    requestHeadersToAdd: [{ header: { key: 'a', value: '1' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
    responseHeadersToRemove: ['b'],
    hostRewriteLiteral: 'x',
  });
});

test('a missing backend of a Gateway API route answers 500', () => {
  expect(routeOf(toCart, {}, gatewayApi).route?.clusterNotFoundResponseCode).toBe('INTERNAL_SERVER_ERROR');
  expect(routeOf(toCart).route).not.toHaveProperty('clusterNotFoundResponseCode');
});
