import { describe, expect, test } from 'vitest';
import type { TrafficPolicy } from '../../../../src/api/istio.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const service = `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: http, port: 80}, {name: https, port: 443}]}
---`;
const backendPolicy = (section = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: ${section || 'all'}, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: cart${section && `, sectionName: ${section}`}}]
  validation: {wellKnownCACertificates: System, hostname: cart.example}
---`;
const rule = (spec: string, metadata = '') => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop${metadata}}
spec: {host: cart, ${spec}}
---`;
const ofPolicy = { mode: 'SIMPLE', sni: 'cart.example' };

function policyIn(mergesBackendPolicies: boolean, ...documents: readonly string[]): TrafficPolicy | undefined {
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, mergesBackendPolicies } };
  const mesh = buildMesh(singleCluster(resourcesOfYaml([service, ...documents].join('')), {}, undefined, release));
  const rules = mesh.destinationRules.rulesFor('shop', { hostname: 'cart.shop.svc.cluster.local', namespace: 'shop' });
  return rules[0]?.rule.spec.trafficPolicy;
}

describe('a DestinationRule and a BackendTLSPolicy of one host', () => {
  const pool = 'trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}';
  const maxConnections = { tcp: { maxConnections: 7 } };

  test('both count: the policy fills in what the rule leaves out', () => {
    expect(policyIn(true, backendPolicy(), rule(pool))).toEqual({ connectionPool: maxConnections, tls: ofPolicy });
  });

  test('what the rule says counts, even as a younger one', () => {
    const own = rule('trafficPolicy: {tls: {mode: DISABLE}}', ', creationTimestamp: "2030-01-01T00:00:00Z"');
    expect(policyIn(true, backendPolicy(), own)?.tls).toEqual({ mode: 'DISABLE' });
  });

  test('the policy is all there is where the rule has only subsets', () => {
    expect(policyIn(true, backendPolicy(), rule('subsets: [{name: v1}]'))).toEqual({ tls: ofPolicy });
  });

  test('so it is for each port', () => {
    const ports =
      'portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}, {port: {number: 443}, loadBalancer: {simple: RANDOM}}]';
    expect(policyIn(true, backendPolicy('https'), rule(`trafficPolicy: {${ports}}`))?.portLevelSettings).toEqual([
      { port: { number: 80 }, tls: { mode: 'DISABLE' } },
      { port: { number: 443 }, loadBalancer: { simple: 'RANDOM' }, tls: ofPolicy },
    ]);
    expect(policyIn(true, backendPolicy('https'), rule(pool))).toEqual({
      connectionPool: maxConnections,
      portLevelSettings: [{ port: { number: 443 }, tls: ofPolicy }],
    });
  });

  test('in releases that do not merge them, the policy is alone, since it counts as the oldest', () => {
    expect(policyIn(false, backendPolicy(), rule(pool))).toEqual({ tls: ofPolicy });
  });
});

test('of two DestinationRules of one host, the policy of the oldest counts alone', () => {
  const younger = rule('trafficPolicy: {tls: {mode: DISABLE}}', ', creationTimestamp: "2030-01-01T00:00:00Z"');
  const older = rule('trafficPolicy: {loadBalancer: {simple: RANDOM}}').replace('name: cart,', 'name: older,');
  expect(policyIn(true, younger, older)).toEqual({ loadBalancer: { simple: 'RANDOM' } });
});
