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
