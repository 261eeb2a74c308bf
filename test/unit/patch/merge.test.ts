import { describe, expect, test } from 'vitest';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { createMerger, PatchAborted } from '../../../src/patch/merge.ts';
import { deepFreeze } from '../../../src/util/object.ts';
import { origin, withOrigin } from '../../../src/util/origin.ts';

const merger = createMerger(createEnvoyDescriptors());
const cluster = (into: object, from: object): unknown =>
  merger.message('envoy.config.cluster.v3.Cluster', deepFreeze(into), deepFreeze(from));

describe('merging messages', () => {
  test('scalars, enums and durations are replaced', () => {
    expect(
      cluster({ name: 'a', lbPolicy: 'RANDOM', connectTimeout: '1.500s' }, { lbPolicy: 'MAGLEV', connectTimeout: '2s' }),
    ).toEqual({
      name: 'a',
      lbPolicy: 'MAGLEV',
      connectTimeout: '2s',
    });
  });

  test('lists are appended, also those of messages', () => {
    const thresholds = (maxRetries: number) => ({ circuitBreakers: { thresholds: [{ maxRetries }] } });
    expect(cluster(thresholds(1), thresholds(2))).toEqual({
      circuitBreakers: { thresholds: [{ maxRetries: 1 }, { maxRetries: 2 }] },
    });
  });

  test('of maps single entries are replaced as a whole', () => {
    expect(
      cluster({ metadata: { filterMetadata: { a: { x: 1 }, b: { y: 1 } } } }, { metadata: { filterMetadata: { a: { z: 2 } } } }),
    ).toEqual({ metadata: { filterMetadata: { a: { z: 2 }, b: { y: 1 } } } });
  });

  test('a member of a oneof clears its siblings', () => {
    const route = merger.message(
      'envoy.config.route.v3.Route',
      { match: { prefix: '/' }, route: { cluster: 'a' } },
      {
        redirect: { hostRedirect: 'b' },
        match: { path: '/x' },
      },
    );
    expect(route).toEqual({ match: { path: '/x' }, redirect: { hostRedirect: 'b' } });
  });

  test('a wrapper that holds zero changes nothing where one is set', () => {
    const field = 'perConnectionBufferLimitBytes';
    expect(cluster({ [field]: 5 }, { [field]: 0 })).toEqual({ [field]: 5 });
    expect(cluster({ [field]: 5 }, { [field]: 6 })).toEqual({ [field]: 6 });
    expect(cluster({}, { [field]: 0 })).toEqual({ [field]: 0 });
  });

  test('a configuration in an Any takes the place of another', () => {
    const options = (config: object) => ({ transportSocket: { name: 'x', typedConfig: config } });
    const [one, two] = [
      { '@type': 't/a.A', x: 1 },
      { '@type': 't/b.B', y: 1 },
    ];
    expect(cluster(options(one), options(two))).toEqual(options(two));
  });

  test('the origin of the merged message stays', () => {
    const resource = { kind: 'Service', name: 'a', namespace: 'b' };
    const merged = cluster(withOrigin({ name: 'a' }, resource), { connectTimeout: '1s' });
    expect(merged).toMatchObject({ [origin]: { resource } });
  });
});

describe('merging what stands in two Anys', () => {
  const tls = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

  test('messages of one type are merged', () => {
    expect(
      merger.any(
        { '@type': tls, sni: 'a', commonTlsContext: { alpnProtocols: ['x'] } },
        { '@type': tls, commonTlsContext: { alpnProtocols: ['y'] } },
      ),
    ).toEqual({ '@type': tls, sni: 'a', commonTlsContext: { alpnProtocols: ['x', 'y'] } });
  });

  test('messages of different types make Istio break off', () => {
    expect(() => merger.any({ '@type': tls }, { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct' })).toThrow(PatchAborted);
  });

  test('the fields of a TypedStruct are replaced one by one', () => {
    const type = 'type.googleapis.com/udpa.type.v1.TypedStruct';
    expect(
      merger.any(
        { '@type': type, typeUrl: 'u', value: { a: { x: 1 }, b: 1 } },
        { '@type': type, typeUrl: 'u', value: { a: { y: 1 } } },
      ),
    ).toEqual({ '@type': type, typeUrl: 'u', value: { a: { y: 1 }, b: 1 } });
  });
});
