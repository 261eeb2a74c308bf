import { describe, expect, it } from 'vitest';
import type { DestinationRule } from '../../../../src/api/istio.gen.ts';
import { effectivePolicy } from '../../../../src/model/traffic/traffic-policy.ts';

const rule: DestinationRule = {
  host: 'reviews.default.svc.cluster.local',
  trafficPolicy: {
    loadBalancer: { simple: 'RANDOM' },
    connectionPool: { tcp: { maxConnections: 10 } },
    proxyProtocol: { version: 'V2' },
    portLevelSettings: [{ port: { number: 9080 }, tls: { mode: 'SIMPLE' } }],
  },
  subsets: [
    { name: 'v1', labels: { version: 'v1' } },
    { name: 'v2', trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } },
    {
      name: 'v3',
      trafficPolicy: {
        tls: { mode: 'DISABLE' },
        portLevelSettings: [{ port: { number: 8080 }, loadBalancer: { simple: 'PASSTHROUGH' } }],
      },
    },
  ],
};

describe('effectivePolicy', () => {
  it('gives nothing without a rule', () => {
    expect(effectivePolicy(undefined, undefined, 9080)).toBeUndefined();
    expect(effectivePolicy({ host: 'reviews' }, 'v1', 9080)).toBeUndefined();
  });

  it('gives the policy of the rule, without the settings of other ports', () => {
    const { portLevelSettings: _, ...general } = rule.trafficPolicy ?? {};
    expect(effectivePolicy(rule, '', 8080)).toEqual(general);
    expect(effectivePolicy(rule, 'v1', 8080)).toEqual(general);
  });

  it('replaces everything by the settings of the port', () => {
    expect(effectivePolicy(rule, undefined, 9080)).toEqual({ tls: { mode: 'SIMPLE' } });
  });

  it('lays the fields of a subset over those of the rule', () => {
    expect(effectivePolicy(rule, 'v2', 8080)).toMatchObject({
      loadBalancer: { simple: 'ROUND_ROBIN' },
      connectionPool: { tcp: { maxConnections: 10 } },
    });
  });

  it('lays the fields of a subset over the settings of the port in the rule', () => {
    expect(effectivePolicy(rule, 'v2', 9080)).toEqual({ tls: { mode: 'SIMPLE' }, loadBalancer: { simple: 'ROUND_ROBIN' } });
  });

  it('drops what the settings of a port in a subset leave out, but tunnel, proxy protocol and retry budget', () => {
    expect(effectivePolicy(rule, 'v3', 8080)).toEqual({
      loadBalancer: { simple: 'PASSTHROUGH' },
      proxyProtocol: { version: 'V2' },
    });
  });
});
