import { describe, expect, test } from 'vitest';
import { inFault } from '../../support/fault.ts';

const apps = Array.from({ length: 20 }, (_, index) => `shop/app${String(index).padStart(2, '0')}`);

describe('graph-many-routes', () => {
  test('every route of a gateway is tried', async () => {
    const { out } = await inFault('graph-many-routes')('graph', '-f', 'a.yaml', '--from', 'istio-ingressgateway');
    expect(apps.filter((app) => !out.includes(app))).toEqual([]);
  });
});

describe('graph-diff-token-and-route', () => {
  const run = inFault('graph-diff-token-and-route');

  test('graph tries each route with a token that the gateway takes, and names no issuer that is none', async () => {
    const { out } = await run('graph', '-f', 'old/a.yaml', '--from', 'istio-ingress/ingress');
    expect(out).toMatch(/istio-ingress\/ingress +shop\/api .* partly /);
    expect(out).not.toContain('issuer is not configured');
  });

  test('diff notices what changes for those who have a token', async () => {
    const { out } = await run('diff', 'old', 'new');
    expect(out).toMatch(/GET http:\/\/\S+\/api\/ +authorization: Bearer/);
    expect(out).toContain('status: 200 -> 503');
  });
});

describe('scaffold-no-outside', () => {
  test('a table has the requests that come from outside, first, and these are what is tried', async () => {
    const { out } = await inFault('scaffold-no-outside')('test', '--scaffold', '-f', 'a.yaml');
    const lines = out.split('\n').filter((line) => line.startsWith('- '));
    expect(lines[0]).toContain('from: outside');
    expect(apps.filter((app) => !lines.some((line) => line.includes('from: outside') && line.includes(`pod: ${app}-0`)))).toEqual(
      [],
    );
    const tried = await inFault('scaffold-no-outside', { 's.mesh-test.yaml': out })('test', '-f', 'a.yaml', 's.mesh-test.yaml');
    expect(tried.status).toBe(0);
  });
});
