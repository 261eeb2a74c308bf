import { describe, expect, test } from 'vitest';
import { inFault } from '../../support/fault.ts';

describe('nested-usage-exit-1', () => {
  const mesh = inFault('pc-all-fails-without-routes');
  test.each([
    ['describe pod', 'mesh describe pod'],
    ['describe pod --foo', 'mesh describe pod'],
    ['describe pod a b', 'mesh describe pod'],
    ['authz check --foo', 'mesh authz check'],
    ['pc l --foo', 'mesh proxy-config listeners'],
    ['pc l worker.shop -f . --port abc', 'mesh proxy-config listeners'],
  ])('mesh %s is a wrong call', async (call, help) => {
    const { status, err } = await mesh(...call.split(' '));
    expect([status, err]).toEqual([64, expect.stringContaining(`Run '${help} --help' for usage.`)]);
  });

  test('a format that there is not, and a file that there is not', async () => {
    expect(await mesh('pc', 'l', 'worker.shop', '-f', '.', '-o', 'xml')).toMatchObject({ status: 64 });
    expect(await mesh('pc', 'l', '-f', 'nonexist')).toMatchObject({ status: 65 });
  });
});

describe('pc-all-fails-without-routes', () => {
  test.each([
    ['all', 'worker.shop'],
    ['all', 'gw.shop'],
    ['ecds', 'worker.shop'],
    ['routes', 'worker.shop'],
    ['listeners', 'gw.shop'],
  ])('mesh pc %s %s prints what there is', async (part, pod) => {
    for (const output of ['short', 'json', 'yaml']) {
      expect(await inFault('pc-all-fails-without-routes')('pc', part, pod, '-f', 'a.yaml', '-o', output)).toMatchObject({
        status: 0,
        err: '',
      });
    }
  });
});

describe('tcp-verdict', () => {
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: {name: redis, namespace: shop}\nspec: {selector: {app: redis}, ports: [{name: tcp-redis, port: 6379}]}\n';
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}\nspec: {containers: [{name: main, image: x, ports: [{containerPort: 6379}]}]}\n`;
  const policy = (rules: string): string =>
    `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: own, namespace: shop}\nspec: {selector: {matchLabels: {app: redis}}, ${rules}}\n`;
  const verdictOf = async (...more: readonly string[]): Promise<string | undefined> => {
    const mesh = inFault('precommit-validate-foreign', {
      'all.yaml': [service, pod('redis'), pod('cart'), ...more].join('---\n'),
    });
    return (await mesh('trace', '-f', 'all.yaml', '--from', 'cart.shop', 'tcp://redis:6379')).out.trimEnd().split('\n').at(-1);
  };

  test('a connection that is made, and one that a policy closes, end in other words', async () => {
    expect(await verdictOf()).toMatch(/^connected to shop\/redis:6379 through /);
    expect(await verdictOf(policy('action: DENY, rules: [{to: [{operation: {ports: ["6379"]}}]}]'))).toMatch(
      /^connection closed by AuthorizationPolicy shop\/own \(rule 1\)/,
    );
    expect(await verdictOf(policy('rules: [{from: [{source: {namespaces: [other]}}]}]'))).toMatch(
      /^connection closed by default: there are ALLOW policies, and none allows it/,
    );
  });

  test('so does one to a service without endpoints', async () => {
    const empty = service.replaceAll('redis', 'gone').replace('6379', '6380');
    const mesh = inFault('precommit-validate-foreign', { 'all.yaml': [empty, pod('cart')].join('---\n') });
    const { out } = await mesh('trace', '-f', 'all.yaml', '--from', 'cart.shop', 'tcp://gone:6380');
    expect(out).toMatch(/^no connection: no endpoint is healthy/m);
  });
});
