import { describe, expect, test } from 'vitest';
import { check } from './check.ts';

const policy = (text: string): string => `{host: a, trafficPolicy: {${text}}}`;

test('a rule with a policy and subsets is good', () => {
  const subsets = 'subsets: [{name: v1, labels: {version: v1}}, {name: v2, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]';
  expect(check('DestinationRule', `{host: a.b.svc, ${subsets}, exportTo: ["."]}`)).toEqual([]);
});

describe('a DestinationRule', () => {
  test.each([
    ['needs a host', '{}', ['error spec.host: empty domain name not allowed']],
    ['has a host that is a name', '{host: a_b.com}', ['error spec.host: domain name "a_b.com" invalid (label "a_b" invalid)']],
    [
      'has no numbers for top-level domains',
      '{host: a.1}',
      ['error spec.host: domain name "1" invalid (top level domain "1" cannot be all-numeric)'],
    ],
    [
      'has subsets with names of their own and good labels',
      '{host: a, subsets: [{name: v1}, {name: v1}, {name: a.b, labels: {"x y": "~"}}, {}]}',
      [
        'error spec.subsets[1].name: duplicate subset names: v1',
        'error spec.subsets[2].name: subset name is invalid: a.b',
        'error spec.subsets[2].labels["x y"]: invalid tag key: "x y"',
        'error spec.subsets[2].labels["x y"]: invalid tag value: "~"',
        'error spec.subsets[3].name: subset name cannot be empty',
      ],
    ],
    [
      'with a selector is for its own namespace',
      '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: ["*"]}',
      ['error spec.exportTo: destination rule with workload selector cannot have exportTo beyond current namespace'],
    ],
    [
      'loses the warnings of its subsets',
      '{host: a, subsets: [{name: v1, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}]}',
      [],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('DestinationRule', spec)).toEqual(expected);
  });
});

describe('exportTo', () => {
  test.each([
    ['names nobody twice', '[a, a]', 'error spec.exportTo[1]: duplicate entries in exportTo for entry a'],
    [
      'takes a dot for the own namespace',
      '[default, "."]',
      'error spec.exportTo[1]: duplicate entries in exportTo: . and current namespace default',
    ],
    ['is not for nobody', '["~"]', 'error spec.exportTo[0]: exportTo ~ (none) is not allowed for Istio configuration objects'],
    ['has names', '[a_b]', 'error spec.exportTo[0]: only .,*, or a valid DNS 1123 label is allowed as exportTo entry'],
    [
      'is all or some',
      '["*", a]',
      'error spec.exportTo: cannot have both public (*) and non-public exportTo values for a resource',
    ],
  ])('%s', (_, list, expected) => {
    expect(check('DestinationRule', `{host: a, exportTo: ${list}}`)).toEqual([expected]);
  });
});

describe('a traffic policy', () => {
  test.each([
    ['says something', '', ['error spec.trafficPolicy: traffic policy must have at least one field']],
    [
      'has a tunnel or the PROXY protocol',
      'tunnel: {targetHost: a, targetPort: 1}, proxyProtocol: {}',
      ['error spec.trafficPolicy: tunnel and proxyProtocol must not be set together'],
    ],
    [
      'has tunnels of known protocols to hosts',
      'tunnel: {protocol: GET, targetHost: a_b}',
      [
        'error spec.trafficPolicy.tunnel.protocol: tunnel protocol must be "CONNECT" or "POST"',
        'error spec.trafficPolicy.tunnel.targetHost: tunnel target host must be valid FQDN or IP address: domain name "a_b" invalid (label "a_b" invalid); a_b is not a valid IP',
        'error spec.trafficPolicy.tunnel.targetPort: tunnel target port is invalid: port number 0 must be in the range 1..65535',
      ],
    ],
    [
      'says what of a port',
      'portLevelSettings: [{loadBalancer: {simple: RANDOM}}, {port: {number: 1}}]',
      [
        'error spec.trafficPolicy.portLevelSettings[0].port: portTrafficPolicy must have valid port',
        'error spec.trafficPolicy.portLevelSettings[1]: port traffic policy must have at least one field',
      ],
    ],
    [
      'detects outliers by shares and times, not by deprecated counts',
      'outlierDetection: {consecutiveErrors: 1, consecutiveLocalOriginFailures: 1, interval: 0s, maxEjectionPercent: 101}',
      [
        'error spec.trafficPolicy.outlierDetection.consecutiveLocalOriginFailures: outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
        'error spec.trafficPolicy.outlierDetection.interval: duration must be greater than 1ms',
        'error spec.trafficPolicy.outlierDetection.maxEjectionPercent: percentage 101 is not in range 0..100',
        'warning spec.trafficPolicy.outlierDetection.consecutiveErrors: outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
      ],
    ],
    [
      'limits connections by something',
      'connectionPool: {}',
      ['error spec.trafficPolicy.connectionPool: connection pool must have at least one field'],
    ],
    [
      'limits connections by counts and times to the millisecond; no idle time is none',
      'connectionPool: {http: {maxRetries: -1, h2UpgradePolicy: UPGRADE, useClientProtocol: true}, tcp: {connectTimeout: 1.5ms, idleTimeout: 0s}}',
      [
        'error spec.trafficPolicy.connectionPool.http.maxRetries: max retries must be non-negative',
        'error spec.trafficPolicy.connectionPool.http.useClientProtocol: use client protocol must not be true when H2UpgradePolicy is UPGRADE',
        'error spec.trafficPolicy.connectionPool.tcp.connectTimeout: only durations to ms precision are supported',
      ],
    ],
    [
      'hashes by cookies with names',
      'loadBalancer: {consistentHash: {httpCookie: {attributes: [{name: a}, {name: a}, {}]}}}',
      [
        'error spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.name: name required for HttpCookie',
        'error spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[1].name: duplicate cookie attribute name: a',
        'error spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[2].name: cookie attribute name cannot be empty',
      ],
    ],
    [
      'hashes by one algorithm; the table of maglev is prime and not too large',
      'loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 10, maglev: {tableSize: 5000012}}}',
      [
        'error spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize: only one of MinimumRingSize or Maglev/Ringhash can be specified',
        'error spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize: tableSize must be less than 5000011 for maglev',
        'error spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize: tableSize must be a prime number for maglev',
        "warning spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize: consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
      ],
    ],
    ['may have a table of maglev of size 1', 'loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 1}}}', []],
    [
      'warms up in a time',
      'loadBalancer: {simple: RANDOM, warmup: {minimumPercent: 101, aggression: 0.5}}',
      [
        'error spec.trafficPolicy.loadBalancer.warmup.duration: duration is required',
        'error spec.trafficPolicy.loadBalancer.warmup.minimumPercent: minimumPercent value should be less than or equal to 100',
        'error spec.trafficPolicy.loadBalancer.warmup.aggression: aggression should be greater than or equal to 1',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(check('DestinationRule', policy(text))).toEqual(expected);
  });
});

describe('TLS of a client', () => {
  test.each([
    [
      'is mutual with a certificate and its key',
      'mode: MUTUAL',
      [
        'error spec.trafficPolicy.tls.clientCertificate: client certificate required for mutual tls',
        'error spec.trafficPolicy.tls.privateKey: private key required for mutual tls',
      ],
    ],
    [
      'has certificates of one source',
      'mode: SIMPLE, credentialName: c, caCertificates: f',
      [
        'error spec.trafficPolicy.tls.credentialName: cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
      ],
    ],
    [
      'verifies or does not',
      'mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]',
      [
        'error spec.trafficPolicy.tls.insecureSkipVerify: cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
      ],
    ],
    [
      'takes ConfigMaps of the own namespace',
      'mode: SIMPLE, credentialName: "configmap://other/c"',
      [
        'error spec.trafficPolicy.tls.credentialName: invalid configmap:// credentialName: namespace must match the configuration namespace "default"',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(check('DestinationRule', policy(`tls: {${text}}`))).toEqual(expected);
  });
});

describe('localities', () => {
  const path = 'spec.trafficPolicy.loadBalancer.localityLbSetting';
  test.each([
    [
      'are distributed or failed over',
      '{distribute: [{from: a, to: {b: 100}}], failover: [{from: a, to: b}]}',
      [`error ${path}: can not simultaneously specify 'distribute' and 'failover'`],
    ],
    [
      'are failed over by regions or by their labels',
      '{failover: [{from: a, to: b}], failoverPriority: [topology.istio.io/subzone]}',
      [
        `error ${path}.failoverPriority[0]: can not simultaneously set 'failover' and topology label 'topology.istio.io/subzone' in 'failover_priority'`,
      ],
    ],
    [
      'are distributed in parts of hundred',
      '{distribute: [{from: a, to: {b: 60, c: 50}}]}',
      [`error ${path}.distribute[0].to: total locality weight 110 != 100`],
    ],
    [
      'have weights',
      '{distribute: [{from: a, to: {b: 0, c: 100}}]}',
      [`error ${path}.distribute[0].to.b: locality weight must be in range [1, 100]`],
    ],
    [
      'do not overlap',
      '{distribute: [{from: a/b, to: {"c/*": 50, c: 50}}, {from: "a/b/c", to: {d: 100}}]}',
      [
        // Istio takes the keys of a map in any order, mesh by name.
        `error ${path}.distribute[0].to["c/*"]: locality c/* overlap with previous specified ones`,
        `error ${path}.distribute[1].from: locality a/b/c overlap with previous specified ones`,
      ],
    ],
    [
      'have a star at their end only, and no empty parts',
      '{distribute: [{from: "a*/b", to: {a//b: 100}}]}',
      [
        `error ${path}.distribute[0].to["a//b"]: locality a//b must not contain empty region/zone/subzone info`,
        `error ${path}.distribute[0].from: locality a*/b wildcard '*' number can not exceed 1 and must be in the end`,
      ],
    ],
    [
      'fail over between regions, where outliers are detected',
      '{failover: [{from: a, to: a}, {from: a/b, to: "c*"}]}',
      [
        `error ${path}.failover[0]: locality lb failover settings must specify different regions`,
        `error ${path}.failover[1]: locality lb failover only specify region`,
        `error ${path}.failover[1]: locality lb failover region should not contain '*' wildcard`,
        `warning ${path}.failover: outlier detection policy must be provided for failover`,
      ],
    ],
  ])('%s', (_, setting, expected) => {
    expect(check('DestinationRule', policy(`loadBalancer: {localityLbSetting: ${setting}}`))).toEqual(expected);
  });
});
