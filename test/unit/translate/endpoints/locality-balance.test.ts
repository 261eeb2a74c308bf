import { describe, expect, test } from 'vitest';
import type { LocalityLoadBalancerSetting } from '../../../../src/api/istio.gen.ts';
import type { LocalityLbEndpoints } from '../../../../src/envoy/api.gen.ts';
import { parseLocality } from '../../../../src/model/registry/locality.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Labels } from '../../../../src/resource/resource.ts';
import { balanceLocalities, type LocalityGroup } from '../../../../src/translate/endpoints/locality-balance.ts';

/** A locality with one endpoint for each of the label sets. */
function group(label: string, ...endpoints: Readonly<Record<string, string>>[]): LocalityGroup {
  const { region, zone, subzone } = parseLocality(label);
  const lbEndpoints = endpoints.map((labels) => ({ endpointName: Object.values(labels).join(), loadBalancingWeight: 1 }));
  return {
    value: { locality: { region, zone, subZone: subzone }, lbEndpoints, loadBalancingWeight: lbEndpoints.length },
    endpoints: endpoints.map((labels) => ({ labels })),
  };
}

const near = group('eu/a/1', {});
const otherSubzone = group('eu/a/2', {});
const otherZone = group('eu/b/1', {});
const us = group('us/a/1', {});
const asia = group('asia/a/1', {});

function balance(
  groups: readonly LocalityGroup[],
  setting: LocalityLoadBalancerSetting,
  failover: boolean,
  labels: Labels = {},
  behaviours = defaultRelease.behaviours,
) {
  const client = { locality: parseLocality('eu/a/1'), label: (name: string) => labels[name], behaviours };
  return balanceLocalities(
    groups.map(({ value }) => value),
    groups,
    client,
    setting,
    failover,
  );
}

const summary = (localities: readonly LocalityLbEndpoints[]): unknown[] =>
  localities.map(({ locality, loadBalancingWeight, priority, lbEndpoints }) => [
    locality?.region,
    loadBalancingWeight,
    priority,
    lbEndpoints?.length,
  ]);

describe('failover', () => {
  test('goes by distance, without gaps between priorities', () => {
    const localities = balance([near, otherSubzone, otherZone, us], {}, true);
    expect(localities.map(({ priority }) => priority)).toEqual([undefined, 1, 2, 3]);
    expect(balance([otherZone, us], {}, true).map(({ priority }) => priority)).toEqual([undefined, 1]);
  });

  test('prefers the region that a rule names before other regions', () => {
    const setting = { failover: [{ from: 'eu', to: 'us' }] };
    expect(balance([asia, near, us], setting, true).map(({ priority }) => priority)).toEqual([2, undefined, 1]);
  });

  test('does nothing when it is off', () => {
    expect(balance([near, us], { failover: [{ from: 'eu', to: 'us' }] }, false)).toEqual([near.value, us.value]);
  });
});

describe('failover priorities', () => {
  const mixed = group('eu/a/1', { version: 'v1', team: 'x' }, { version: 'v2', team: 'x' }, { version: 'v1', team: 'y' });

  test('split a locality by the first label that differs from the client', () => {
    const localities = balance([mixed], { failoverPriority: ['version', 'team'] }, true, { version: 'v1', team: 'x' });
    expect(localities.map(({ priority, loadBalancingWeight }) => [priority, loadBalancingWeight])).toEqual([
      [undefined, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(localities.map(({ lbEndpoints }) => lbEndpoints?.[0]?.endpointName)).toEqual(['v1,x', 'v1,y', 'v2,x']);
  });

  test('can name the value wanted instead of the own one', () => {
    const localities = balance([mixed], { failoverPriority: ['version=v2'] }, true, { version: 'v1' });
    expect(localities.map(({ lbEndpoints }) => lbEndpoints?.length)).toEqual([1, 2]);
  });

  test('come before distance where both are set', () => {
    const [v1, v2] = [{ version: 'v1' }, { version: 'v2' }];
    const setting = { failoverPriority: ['version'], failover: [{ from: 'eu', to: 'us' }] };
    const localities = balance([group('eu/a/1', v2), group('us/a/1', v1), group('asia/a/1', v1)], setting, true, v1);
    expect(summary(localities)).toEqual([
      ['eu', 1, 2, 1],
      ['us', 1, undefined, 1],
      ['asia', 1, 1, 1],
    ]);
  });
});

describe('distribution', () => {
  test('weighs the localities named and empties the others, which keep their weight', () => {
    const setting = { distribute: [{ from: 'eu/*', to: { 'eu/a/*': 80, 'us/*': 20 } }] };
    expect(summary(balance([near, otherZone, us], setting, true))).toEqual([
      ['eu', 80, undefined, 1],
      ['eu', 1, undefined, undefined],
      ['us', 20, undefined, 1],
    ]);
  });

  test('shares a weight among the localities that one rule covers, rounded up', () => {
    const setting = { distribute: [{ from: 'eu/a/1', to: { 'eu/a/*': 75, 'us/*': 25 } }] };
    const localities = balance([near, group('eu/a/2', {}, {}), us], setting, false);
    expect(localities.map(({ loadBalancingWeight }) => loadBalancingWeight)).toEqual([25, 50, 25]);
  });

  test('for other places changes nothing', () => {
    const setting = { distribute: [{ from: 'us/*', to: { 'us/*': 100 } }] };
    expect(balance([near, us], setting, true)).toEqual([near.value, us.value]);
  });
});
