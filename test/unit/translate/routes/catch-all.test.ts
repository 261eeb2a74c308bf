import { expect, test } from 'vitest';
import type { OutboundTrafficPolicy } from '../../../../src/api/istio.gen.ts';
import { catchAllVirtualHost } from '../../../../src/translate/routes/catch-all.ts';

const virtualHostOf = (
  outboundTrafficPolicy: OutboundTrafficPolicy | undefined,
  given: Parameters<typeof catchAllVirtualHost>[1],
) => catchAllVirtualHost({ outboundTrafficPolicy, resolvesUnknownHosts: false }, given);

const headers = { includeRequestAttemptCount: true, forwardedHost: false };

test('unknown hosts are refused unless the policy allows any', () => {
  const refused = {
    name: 'block_all',
    domains: ['*'],
    routes: [{ name: 'block_all', match: { prefix: '/' }, directResponse: { status: 502 } }],
    includeRequestAttemptCount: true,
  };
  expect(virtualHostOf({ mode: 'REGISTRY_ONLY' }, headers)).toEqual(refused);
  expect(virtualHostOf({}, headers)).toEqual(refused);
  expect(virtualHostOf(undefined, headers)).toEqual(refused);
});

test('with ALLOW_ANY they are sent on, without a timeout', () => {
  expect(virtualHostOf({ mode: 'ALLOW_ANY' }, headers)).toEqual({
    name: 'allow_any',
    domains: ['*'],
    routes: [
      {
        name: 'allow_any',
        match: { prefix: '/' },
        route: { cluster: 'PassthroughCluster', timeout: '0s', maxGrpcTimeout: '0s' },
      },
    ],
    includeRequestAttemptCount: true,
  });
});

test('an egress proxy takes them; without a port that is port 0', () => {
  const cluster = (egressProxy: object) => virtualHostOf({ mode: 'ALLOW_ANY', egressProxy }, headers).routes?.[0]?.route?.cluster;
  expect(cluster({ host: 'egress.example', subset: 'v1', port: { number: 8080 } })).toBe('outbound|8080|v1|egress.example');
  expect(cluster({ host: 'egress.example' })).toBe('outbound|0||egress.example');
});

test('proxy headers say whether attempts are counted and the host is noted', () => {
  const host = virtualHostOf({ mode: 'ALLOW_ANY' }, { includeRequestAttemptCount: false, forwardedHost: true });
  expect(host).not.toHaveProperty('includeRequestAttemptCount');
  expect(host.routes?.[0]?.route?.appendXForwardedHost).toBe(true);
});
