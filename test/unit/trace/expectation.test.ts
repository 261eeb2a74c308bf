import { describe, expect, test } from 'vitest';
import { explainFailures } from '../../../src/trace/expectation.ts';
import type { AccessLogLine, Outcome } from '../../../src/trace/outcome.ts';

const log: AccessLogLine = {
  proxy: 'shop/client',
  side: 'OUTBOUND',
  isHttp: true,
  status: 200,
  flags: '-',
  details: 'via_upstream',
  cluster: 'outbound|80|v1|cart.shop.svc.cluster.local',
  route: null,
  path: '/',
  authority: 'cart',
  local: '10.96.0.1:80',
};

const outcome = (share: number, cluster: string): Outcome => ({
  share,
  status: 200,
  headers: [['x-served-by', 'mesh']],
  body: '',
  seconds: 0,
  hops: [],
  logs: [{ ...log, cluster }],
  deliveries: [
    {
      pod: 'shop/cart',
      port: 80,
      method: 'GET',
      path: '/v1',
      headers: [
        [':authority', 'cart.internal'],
        ['x-a', '1'],
      ],
      isMirror: false,
    },
  ],
});
const entry = { proxy: 'shop/client', isClient: true };
const only = [outcome(1, log.cluster ?? '')];
const split = [outcome(0.9, 'outbound|80|v1|a'), outcome(0.1, 'outbound|80|v2|a')];

describe('expectations', () => {
  test('what is not named may be anything', () => {
    expect(explainFailures({}, only, entry)).toEqual([]);
  });

  test('columns of the access log', () => {
    expect(explainFailures({ flags: '-', route: null, subset: 'v1', details: 'via_upstream' }, only, entry)).toEqual([]);
    expect(explainFailures({ subset: 'v2' }, only, entry)).toEqual([{ key: 'subset', expected: 'v2', actual: 'v1', share: 1 }]);
  });

  test('must hold in every way that the request can take', () => {
    expect(explainFailures({ subset: 'v1' }, split, entry)).toEqual([
      { key: 'subset', expected: 'v1', actual: 'v2', share: 0.1 },
    ]);
  });

  test('weights are percents by cluster', () => {
    expect(explainFailures({ weights: { 'outbound|80|v1|a': 90, 'outbound|80|v2|a': 10 } }, split, entry)).toEqual([]);
    expect(explainFailures({ weights: { 'outbound|80|v1|a': 100 } }, split, entry)).toHaveLength(1);
  });

  test('what the server and the client get', () => {
    expect(
      explainFailures(
        { upstreamPath: '/v1', upstreamHost: 'cart.internal', requestHeaders: { 'X-A': '1', 'x-b': null } },
        only,
        entry,
      ),
    ).toEqual([]);
    expect(
      explainFailures(
        { responseHeaders: { 'x-served-by': 'mesh' }, body: ['x-served-by: mesh', { not: 'cookie' }] },
        only,
        entry,
      ),
    ).toEqual([]);
    expect(explainFailures({ requestHeaders: { 'x-a': null } }, only, entry)).toHaveLength(1);
  });

  test('what the proxy of the client logs of its own inbound side does not count', () => {
    const inbound = { ...only[0], logs: [log, { ...log, side: 'INBOUND' as const, cluster: 'inbound|80||' }] } as Outcome;
    expect(explainFailures({ cluster: log.cluster }, [inbound], entry)).toEqual([]);
  });
});
