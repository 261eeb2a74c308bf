import { describe, expect, test } from 'vitest';
import { validateMeshConfig, validateMeshNetworks } from '../../../src/admission/index.ts';
import { check } from './check.ts';

describe('a Telemetry', () => {
  test.each([
    [
      'names its providers, one for traces',
      '{tracing: [{providers: [{name: a}, {}], randomSamplingPercentage: 101}, {}], metrics: [{providers: [{}]}]}',
      [
        'error spec.metrics[0].providers[0].name: providers.name may not be empty',
        'error spec.tracing[0].providers[1].name: providers.name may not be empty',
        'error spec.tracing[0].randomSamplingPercentage: randomSamplingPercentage must be in range [0.0, 100.0]',
        'warning spec.tracing[1]: multiple tracing is not currently supported',
        'warning spec.tracing[0].providers[1]: multiple providers is not currently supported',
      ],
    ],
    [
      'has tags with values',
      '{tracing: [{customTags: {a: {literal: {}}, b: {header: {}}, c: {environment: {}}, d: {literal: {value: x}}}}]}',
      [
        'error spec.tracing[0].customTags.a.literal.value: literal tag value may not be empty',
        'error spec.tracing[0].customTags.b.header.name: header tag name may not be empty',
        'error spec.tracing[0].customTags.c.environment.name: environment tag name may not be empty',
      ],
    ],
    [
      'sets tags of metrics to values and removes them without',
      '{metrics: [{overrides: [{match: {customMetric: ""}, tagOverrides: {a: {}, b: {operation: REMOVE, value: x}}}]}]}',
      [
        'error spec.metrics[0].overrides[0].tagOverrides.a.value: tagOverrides.value must be set when operation is UPSERT',
        'error spec.metrics[0].overrides[0].tagOverrides.b.value: tagOverrides.value may only be set when operation is UPSERT',
        'error spec.metrics[0].overrides[0].match.customMetric: customMetric may not be empty',
      ],
    ],
    [
      'filters logs by expressions',
      '{accessLogging: [{filter: {expression: "response.code >= 400"}}, {filter: {expression: "a =="}}]}',
      [
        "error spec.accessLogging[1].filter.expression: must be a valid CEL expression, ERROR: <input>:1:5: Syntax error: unexpected '<EOF>'",
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('Telemetry', spec)).toEqual(expected);
  });
});

describe('a WasmPlugin', () => {
  test.each([
    ['has a URL', '{}', ['error spec.url: url field needs to be set']],
    ['can leave the scheme out', '{url: "registry.example/x:1"}', []],
    ['has a URL of a known scheme', '{url: "ftp://a"}', ['error spec.url: url contains unsupported scheme: ftp']],
    ['has a URL', '{url: "#%x@"}', ['error spec.url: failed to parse url: parse "#%x@": invalid URI for request']],
    ['has the whole checksum', '{url: a, sha256: ab}', ['error spec.sha256: sha256 field must be 64 characters long']],
    [
      'has a checksum in lower case',
      `{url: a, sha256: ${'A'.repeat(64)}}`,
      ['error spec.sha256: sha256 field must match [a-f0-9]{64} pattern'],
    ],
    [
      'has variables with names, each once',
      '{url: a, vmConfig: {env: [{name: a}, {name: a}, {}]}}',
      ['error spec.vmConfig.env[1]: duplicate env'],
    ],
    [
      'takes the values of variables from one place',
      '{url: a, vmConfig: {env: [{name: a, valueFrom: HOST, value: b}]}}',
      ['error spec.vmConfig.env[0]: value may only be set when valueFrom is INLINE'],
    ],
    [
      'matches ports',
      '{url: a, match: [{ports: [{number: 80}, {}]}]}',
      ['error spec.match[0].ports[1].number: spec.Match[0].Ports[1] is out of range: 0'],
    ],
  ])('%s (%s)', (_, spec, expected) => {
    expect(check('WasmPlugin', spec)).toEqual(expected);
  });
});

describe('a TrafficExtension', () => {
  test.each([
    ['is of one language', '{}', ['error spec: exactly one of wasm or lua must be set']],
    ['has code', '{lua: {}}', ['error spec.lua.inlineCode: lua.inlineCode cannot be empty']],
    ['has a module', '{wasm: {}}', ['error spec.wasm.url: url field needs to be set']],
  ])('%s', (_, spec, expected) => {
    expect(check('TrafficExtension', spec)).toEqual(expected);
  });
});

test('a ProxyConfig has no less than no threads', () => {
  expect(check('ProxyConfig', '{concurrency: -1}')).toEqual([
    'error spec.concurrency: concurrency must be greater than or equal to 0',
  ]);
});

describe('an EnvoyFilter', () => {
  /** What is said beside the warning that every EnvoyFilter gets. */
  const filter = (text: string): string[] =>
    check('EnvoyFilter', `{configPatches: [{${text}}]}`).filter((line) => !line.includes('exposes internal implementation'));
  const remove = 'patch: {operation: REMOVE}';

  test('is always worth a warning', () => {
    expect(check('EnvoyFilter', '{}')).toEqual([expect.stringMatching(/^warning spec: EnvoyFilter exposes/)]);
  });

  test.each([
    ['says to what', remove, ['error spec.configPatches[0].applyTo: missing applyTo']],
    ['says what', 'applyTo: CLUSTER', ['error spec.configPatches[0].patch: missing patch']],
    ['says how', 'applyTo: CLUSTER, patch: {}', ['error spec.configPatches[0].patch.operation: missing patch operation']],
    [
      'adds something',
      'applyTo: CLUSTER, patch: {operation: ADD}',
      ['error spec.configPatches[0].patch.value: missing patch value for non-remove operation'],
    ],
    ['says nothing of waypoints', 'match: {context: WAYPOINT}', []],
    [
      'matches objects of the kind that it patches',
      `applyTo: CLUSTER, match: {listener: {}}, ${remove}`,
      ['error spec.configPatches[0].match: applyTo for cluster class objects cannot have non cluster match'],
    ],
    [
      'matches filters by name',
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {}}}}, ${remove}`,
      ['error spec.configPatches[0].match.listener.filterChain.filter.name: filter match has no name to match on'],
    ],
    [
      'matches HTTP filters in the connection manager',
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: a, subFilter: {name: b}}}}}, ${remove}`,
      [
        'error spec.configPatches[0].match.listener.filterChain.filter.name: subfilter match requires filter match with envoy.filters.network.http_connection_manager',
      ],
    ],
    [
      'names filters as they are called today',
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: envoy.http_connection_manager}}}}, ${remove}`,
      [
        'warning spec.configPatches[0].match.listener.filterChain.filter.name: using deprecated filter name "envoy.http_connection_manager"; use "envoy.filters.network.http_connection_manager" instead',
      ],
    ],
    [
      'matches versions by an expression',
      `applyTo: CLUSTER, match: {proxy: {proxyVersion: "["}}, ${remove}`,
      [
        'error spec.configPatches[0].match.proxy.proxyVersion: invalid regex for proxy version, [error parsing regexp: missing closing ]: `[`]',
      ],
    ],
    [
      'has values that Envoy can read',
      'applyTo: CLUSTER, patch: {operation: MERGE, value: {name: [a]}}',
      ['error spec.configPatches[0].patch.value.name: is a list, not a string'],
    ],
    [
      'has values of types that Istio knows',
      'applyTo: CLUSTER, patch: {operation: MERGE, value: {transport_socket: {typed_config: {"@type": x/a.v2.B}}}}',
      [
        'error spec.configPatches[0].patch.value.transport_socket.typed_config["@type"]: names the type x/a.v2.B, which Istio does not know (hint: try using the v3 XDS API)',
      ],
    ],
    [
      'is warned of fields that Istio does not know',
      'applyTo: CLUSTER, patch: {operation: MERGE, value: {bogus: 1, other: 2}}',
      ['warning spec.configPatches[0].patch.value.other: unknown field "other"; also unknown: bogus'],
    ],
    [
      'is warned of extensions without types',
      'applyTo: HTTP_FILTER, patch: {operation: ADD, value: {name: a}}',
      ['warning spec.configPatches[0].patch.value: using deprecated types by name without typed_config; a'],
    ],
  ])('%s', (_, text, expected) => {
    expect(filter(text)).toEqual(expected);
  });
});

describe('MeshConfig', () => {
  const problems = (body: Parameters<typeof validateMeshConfig>[0]): string[] => {
    const { errors, warnings } = validateMeshConfig(body);
    return [...errors, ...warnings].map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
  };

  test('is good where nothing is written', () => {
    expect(problems({})).toEqual([]);
  });

  test('has ports, times and domains that are some', () => {
    const body = { proxyListenPort: 0, connectTimeout: '3601s', trustDomain: 'a_b', serviceSettings: [{ hosts: ['a_b'] }] };
    expect(problems({ ...body, tlsDefaults: { ecdhCurves: ['X'] }, meshMTLS: { ecdhCurves: ['P-256'] } })).toEqual([
      'error proxyListenPort: port number 0 must be in the range 1..65535',
      'error connectTimeout: time 3601s must be >1ms and <1h0m0s',
      'error serviceSettings.0.hosts.0: domain name "a_b" invalid (label "a_b" invalid)',
      'error trustDomain: trust domain name "a_b" invalid',
      'error meshMTLS.ecdhCurves: mesh TLS does not support ECDH curves configuration',
      'warning tlsDefaults.ecdhCurves: detected unrecognized ECDH curves: [X]',
    ]);
  });

  test('has defaults of proxies that are well-formed', () => {
    const tracing = { zipkin: { address: 'host' } };
    const proxyMetadata = { ISTIO_META_DNS_AUTO_ALLOCATE: 'true' };
    const privateKeyProvider = { cryptomb: {} };
    expect(
      problems({ defaultConfig: { drainDuration: '1.500s', statusPort: 0, tracing, proxyMetadata, privateKeyProvider } }),
    ).toEqual([
      'error defaultConfig.drainDuration: drain time only supports durations to seconds precision',
      'error defaultConfig.tracing.zipkin.address: unable to split "host": address host: missing port in address',
      'error defaultConfig.statusPort: port number 0 must be in the range 1..65535',
      'error defaultConfig.privateKeyProvider.cryptomb.pollDelay: invalid private key provider configuration: pollDelay is required',
      expect.stringMatching(/^warning defaultConfig.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE/),
    ]);
  });

  test('has extension providers that can be used, or a warning', () => {
    const authorization = { service: 'a.b', port: 1, statusOnError: '999', pathPrefix: 'a' };
    expect(
      problems({ extensionProviders: [{ name: 'a', envoyExtAuthzHttp: authorization }, { name: 'a' }, { zipkin: {} }] }),
    ).toEqual([
      'warning extensionProviders.0.envoyExtAuthzHttp.statusOnError: unsupported statusOnError value 999',
      'warning extensionProviders.0.envoyExtAuthzHttp.pathPrefix: pathPrefix should begin with `/` but found "a"',
      'warning extensionProviders.1.name: duplicate extension provider name a',
      'warning extensionProviders.1: unsupported provider',
      'warning extensionProviders.2.name: empty extension provider name',
      'warning extensionProviders.2.zipkin.port: port number 0 must be in the range 1..65535',
      'warning extensionProviders.2.zipkin.service: service must not be empty',
    ]);
  });
});

test('MeshNetworks have ranges, registries and gateways that are some', () => {
  const network = { endpoints: [{ fromCidr: 'a' }, { fromRegistry: 'a.b' }], gateways: [{ address: 'a_b', port: 1 }] };
  expect(validateMeshNetworks({ networks: { n: network } }).errors.map(({ path }) => path.join('.'))).toEqual([
    'networks.n.endpoints.0.fromCidr',
    'networks.n.endpoints.1.fromRegistry',
    'networks.n.gateways.0.address',
  ]);
});
