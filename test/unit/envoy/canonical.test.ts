import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CanonicalProblem, canonical } from '../../../src/envoy/canonical.ts';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';

const descriptors = createEnvoyDescriptors();
const recorded = resolve(import.meta.dirname, '../../../fixtures/istiod');
const messages = {
  listeners: 'envoy.config.listener.v3.Listener',
  clusters: 'envoy.config.cluster.v3.Cluster',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
} as const;

describe('canonical', () => {
  test.each(['seed-ops', 'telemetry-tracing', 'jwt-sidecar', 'gateway-tls-modes', 'dr-connection-pool'])(
    'leaves what istiod wrote as it is: %s',
    (name) => {
      const problems: CanonicalProblem[] = [];
      const folder = join(recorded, name, 'expected');
      for (const file of readdirSync(folder)) {
        const snapshot = JSON.parse(readFileSync(join(folder, file), 'utf8'));
        for (const [kind, message] of Object.entries(messages)) {
          for (const resource of snapshot[kind]) {
            expect(canonical(descriptors, message, resource, { report: (problem) => problems.push(problem) })).toEqual(resource);
          }
        }
      }
      expect(problems).toEqual([]);
    },
  );

  test('reads snake case, enum numbers, long durations and numbers for 64-bit integers', () => {
    const cluster = {
      name: 'outside',
      connect_timeout: '010.50s',
      type: 3,
      lb_policy: 'ROUND_ROBIN',
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      upstream_connection_options: { tcp_keepalive: { keepalive_time: 10 } },
    };
    expect(canonical(descriptors, 'envoy.config.cluster.v3.Cluster', cluster)).toEqual({
      name: 'outside',
      type: 'EDS',
      connectTimeout: '10.500s',
      commonLbConfig: { healthyPanicThreshold: {} },
      upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 10 } },
    });
  });

  test('writes the fields in the order of the message and sorts the keys of free values', () => {
    const route = { metadata: { filterMetadata: { b: { z: 1, a: 2 }, a: {} } }, match: { prefix: '/' }, name: 'default' };
    expect(JSON.stringify(canonical(descriptors, 'envoy.config.route.v3.Route', route))).toBe(
      '{"name":"default","match":{"prefix":"/"},"metadata":{"filterMetadata":{"a":{},"b":{"a":2,"z":1}}}}',
    );
  });

  test('reports values of the wrong type with their path and leaves them out', () => {
    const problems: CanonicalProblem[] = [];
    const value = canonical(
      descriptors,
      'envoy.config.cluster.v3.Cluster',
      { name: 1, type: 'NO_SUCH' },
      { report: (p) => problems.push(p) },
    );
    expect(value).toEqual({});
    expect(problems).toEqual([
      { path: 'name', message: 'expected text' },
      { path: 'type', message: 'NO_SUCH is not a value of envoy.config.cluster.v3.Cluster.DiscoveryType' },
    ]);
  });
});
