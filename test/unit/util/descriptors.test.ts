import { describe, expect, test } from 'vitest';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { createDescriptors } from '../../../src/util/descriptors.ts';

const descriptors = createEnvoyDescriptors();

describe('descriptors', () => {
  test('a field is found by its snake_case and by its camelCase name', () => {
    const cluster = descriptors.message('envoy.config.cluster.v3.Cluster');
    expect(cluster?.field('connect_timeout')).toBe(cluster?.field('connectTimeout'));
    expect(cluster?.field('connectTimeout')).toMatchObject({
      name: 'connect_timeout',
      json: 'connectTimeout',
      type: { kind: 'duration' },
    });
  });

  test('members of a oneof share its number', () => {
    const route = descriptors.message('envoy.config.route.v3.Route');
    expect(route?.field('route')?.oneof).toBe(route?.field('redirect')?.oneof);
    expect(route?.field('match')?.oneof).toBeUndefined();
  });

  test('lists, maps, wrappers, enums and Any are told apart', () => {
    const cluster = descriptors.message('envoy.config.cluster.v3.Cluster');
    expect(cluster?.field('filters')).toMatchObject({
      cardinality: 'list',
      type: { kind: 'message', name: 'envoy.config.cluster.v3.Filter' },
    });
    expect(cluster?.field('typedExtensionProtocolOptions')).toMatchObject({ cardinality: 'map', type: { kind: 'any' } });
    expect(cluster?.field('perConnectionBufferLimitBytes')).toMatchObject({
      type: { kind: 'wrapper', scalar: 'uint32' },
      presence: true,
    });
    expect(cluster?.field('lbPolicy')).toMatchObject({ presence: false, type: { kind: 'enum' } });
  });

  test('enum values keep their numbers, also where these leave gaps', () => {
    const policy = descriptors.enumeration('envoy.config.cluster.v3.Cluster.LbPolicy');
    expect(policy?.numberByName.get('LOAD_BALANCING_POLICY_CONFIG')).toBe(7);
    expect(policy?.nameByNumber.get(1)).toBe('LEAST_REQUEST');
  });

  test('what the API does not have is undefined', () => {
    expect(descriptors.message('envoy.config.cluster.v3.Nothing')).toBeUndefined();
    expect(descriptors.message('envoy.config.cluster.v3.Cluster.LbPolicy')).toBeUndefined();
  });

  test('changes after a table replace, add and take away', () => {
    const changed = createDescriptors(
      ['a.A old s', 'a.B inner 0 gone b', '= a.C NO YES', '- a.C', 'a.A new 4?', 'a.D text s'].join('\n'),
    );
    expect(changed.message('a.A')?.fields.map(({ name }) => name)).toEqual(['new']);
    expect(changed.message('a.A')?.field('new')?.type).toEqual({ kind: 'message', name: 'a.A' });
    expect(changed.message('a.B')?.field('inner')?.type).toEqual({ kind: 'message', name: 'a.A' });
    expect(changed.message('a.D')?.fields).toHaveLength(1);
    expect([changed.enumeration('a.C'), changed.message('a.C')]).toEqual([undefined, undefined]);
  });
});
