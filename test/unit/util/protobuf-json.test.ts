import { describe, expect, test } from 'vitest';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { createProtobufDecoder } from '../../../src/util/protobuf-json.ts';

const decode = createProtobufDecoder(createEnvoyDescriptors());
const cluster = (value: unknown) => decode('envoy.config.cluster.v3.Cluster', value);

describe('decoding protobuf JSON', () => {
  test('both spellings of a name are read and camelCase comes out', () => {
    expect(cluster({ connect_timeout: '1s', lbPolicy: 'MAGLEV' })).toEqual({
      value: { connectTimeout: '1s', lbPolicy: 'MAGLEV' },
      problems: [],
    });
  });

  test('durations are read as Go writes them and come out in seconds', () => {
    expect(cluster({ connectTimeout: '1m0.5s' }).value).toEqual({ connectTimeout: '60.500s' });
  });

  test('zero values, null and empty lists are absent, but not in wrappers', () => {
    expect(
      cluster({ name: '', lbPolicy: 'ROUND_ROBIN', perConnectionBufferLimitBytes: 0, filters: [], edsClusterConfig: null }).value,
    ).toEqual({ perConnectionBufferLimitBytes: 0 });
  });

  test('a text of the digit 0 is no zero, but a 64-bit integer is', () => {
    const tag = decode('envoy.type.tracing.v3.CustomTag', { tag: '0', literal: { value: '0' } });
    expect(tag.value).toEqual({ tag: '0', literal: { value: '0' } });
    const counted = decode('envoy.config.endpoint.v3.UpstreamEndpointStats', { total_issued_requests: '0' });
    expect(counted).toEqual({ value: {}, problems: [] });
  });

  test('enum numbers become names, quoted numbers numbers, 64-bit numbers strings', () => {
    expect(cluster({ type: 3, perConnectionBufferLimitBytes: '32', ringHashLbConfig: { minimumRingSize: 8 } }).value).toEqual({
      type: 'EDS',
      perConnectionBufferLimitBytes: 32,
      ringHashLbConfig: { minimumRingSize: '8' },
    });
  });

  test('keys of maps and of free values come out sorted, in lists too', () => {
    const { value } = cluster({ metadata: { filterMetadata: { b: { y: [{ d: 1, c: 2 }], x: {} }, a: {} } } });
    expect(JSON.stringify(value)).toBe('{"metadata":{"filterMetadata":{"a":{},"b":{"x":{},"y":[{"c":2,"d":1}]}}}}');
  });

  test('of the members of a oneof the last declared one stays', () => {
    expect(cluster({ clusterType: { name: 'x' }, type: 'EDS' }).value).toEqual({ clusterType: { name: 'x' } });
  });

  test('the message in an Any is decoded by its type', () => {
    const router = {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
      suppress_envoy_headers: true,
    };
    expect(decode('envoy.config.core.v3.TypedExtensionConfig', { name: 'router', typed_config: router }).value).toEqual({
      name: 'router',
      typedConfig: { '@type': router['@type'], suppressEnvoyHeaders: true },
    });
  });

  test('free structures keep their keys as they are', () => {
    const metadata = { filter_metadata: { 'envoy.lb': { snake_case: [null, 1] } } };
    expect(cluster({ metadata }).value).toEqual({ metadata: { filterMetadata: metadata.filter_metadata } });
  });

  test('a type that nobody knows is a problem', () => {
    const [problem] = decode('envoy.config.core.v3.TypedExtensionConfig', { typedConfig: { '@type': 'x/a.B' } }).problems;
    expect(problem).toMatchObject({ path: ['typedConfig', '@type'], istio: 'could not resolve Any message type: x/a.B' });
  });

  test('an unknown field is a problem that names the nearest one', () => {
    expect(cluster({ conect_timeout: '1s' }).problems).toEqual([
      {
        kind: 'unknown-field',
        path: ['conect_timeout'],
        message: 'unknown field "conect_timeout"',
        suggestion: 'connectTimeout',
        member: 'envoy.config.cluster.v3.Cluster.conectTimeout',
        istio: 'unknown field "conect_timeout" in envoy.config.cluster.v3.Cluster',
      },
    ]);
  });

  test.each([
    [{ name: true }, 'json: cannot unmarshal bool into Go value of type string'],
    [{ filters: 'x' }, 'json: cannot unmarshal string into Go value of type []json.RawMessage'],
    [{ filters: ['x'] }, 'json: cannot unmarshal string into Go value of type map[string]json.RawMessage'],
    [{ lbPolicy: 'FOO' }, 'unknown value "\\"FOO\\"" for enum envoy.config.cluster.v3.Cluster.LbPolicy'],
    [{ lbPolicy: 77 }, 'unknown value "77" for enum envoy.config.cluster.v3.Cluster.LbPolicy'],
    [{ lbPolicy: -1 }, 'unknown value "-1" for enum envoy.config.cluster.v3.Cluster.LbPolicy'],
    [{ lbPolicy: 'toString' }, 'unknown value "\\"toString\\"" for enum envoy.config.cluster.v3.Cluster.LbPolicy'],
    [{ lbPolicy: 1.5 }, 'json: cannot unmarshal number into Go value of type protoreflect.EnumNumber'],
    [{ connectTimeout: 'abc' }, 'bad Duration: time: invalid duration "abc"'],
    [{ connectTimeout: '10' }, 'bad Duration: time: missing unit in duration "10"'],
    [{ connectTimeout: '10d' }, 'bad Duration: time: unknown unit "d" in duration "10d"'],
    [{ perConnectionBufferLimitBytes: -1 }, 'json: cannot unmarshal number -1 into Go value of type uint32'],
    [
      { perConnectionBufferLimitBytes: Number.POSITIVE_INFINITY },
      'json: cannot unmarshal number Infinity into Go value of type uint32',
    ],
    [{ perConnectionBufferLimitBytes: 'a' }, "invalid character 'a' looking for beginning of value"],
  ])('%j is refused in the words of Istio', (value, words) => {
    const { problems, value: left } = cluster(value);
    expect(problems.map((problem) => problem.istio)).toEqual([words]);
    expect(Object.values(left).flat()).toEqual([]);
  });
});

describe('zero values', () => {
  const value = { name: '', lbPolicy: 'ROUND_ROBIN' };
  test.each([
    ['none', {}],
    ['enums', { lbPolicy: 'ROUND_ROBIN' }],
    ['all', value],
  ] as const)('keeping %s', (keepZeros, expected) => {
    expect(decode('envoy.config.cluster.v3.Cluster', value, { keepZeros }).value).toEqual(expected);
  });
});
