import { describe, expect, test } from 'vitest';
import { createDocumentValidator } from '../../../src/findings/documents.ts';
import { loadRelease } from '../../../src/releases/index.ts';
import type { Release } from '../../../src/releases/release.ts';
import { parseText } from '../../../src/source/parse.ts';

const released = async (name: string): Promise<Release> => {
  const release = await loadRelease(name);
  if (release === undefined) throw new Error(name);
  return release;
};

/** `severity message` of what a release says of a resource. */
const verdicts = async (name: string, kind: string, spec: string): Promise<string[]> => {
  const group = /Authentication|Policy/.test(kind) ? 'security' : 'networking';
  const text = `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: a}\nspec: ${spec}\n`;
  const validate = createDocumentValidator({ release: await released(name), namespace: 'default' });
  return parseText('m.yaml', text, () => {}).flatMap((document) =>
    validate(document).diagnostics.map(({ severity, message }) => `${severity} ${message}`),
  );
};

describe('what the webhook of a release refuses', () => {
  test('hosts of a Sidecar that leave services out, before 1.31', async () => {
    const spec = '{egress: [{hosts: ["*/*", "~shop/*"]}]}';
    expect(await verdicts('1.30', 'Sidecar', spec)).toEqual([
      expect.stringContaining('error spec.egress[0].hosts[1]: invalid namespace value "~shop" in sidecar'),
      expect.stringContaining('no other hosts can be added'),
    ]);
    expect(await verdicts('1.31', 'Sidecar', spec)).toEqual([]);
    expect(await verdicts('1.31', 'Sidecar', '{egress: [{hosts: ["~a_b/*"]}]}')).toHaveLength(1);
  });

  test('a warmup whose aggression is below one, before 1.31; zero always', async () => {
    const spec = (aggression: number): string =>
      `{host: a, trafficPolicy: {loadBalancer: {warmup: {duration: 1s, aggression: ${aggression}}}}}`;
    expect(await verdicts('1.30', 'DestinationRule', spec(0.5))).toHaveLength(1);
    expect(await verdicts('1.31', 'DestinationRule', spec(0.5))).toEqual([]);
    expect(await verdicts('1.31', 'DestinationRule', spec(0))).toEqual([expect.stringContaining('greater than 0')]);
  });

  test('DYNAMIC_DNS for other protocols than HTTP and TLS, before 1.30', async () => {
    const spec = '{hosts: ["*.example.com"], resolution: DYNAMIC_DNS, ports: [{number: 80, name: grpc, protocol: GRPC}]}';
    expect(await verdicts('1.29', 'ServiceEntry', spec)).toEqual([expect.stringContaining('only HTTP and TLS protocol')]);
    expect(await verdicts('1.30', 'ServiceEntry', spec)).toEqual([]);
  });

  test('conditions on the trust domain of a source, before 1.30', async () => {
    const spec = '{rules: [{when: [{key: source.trustDomain, values: [a]}]}]}';
    expect(await verdicts('1.29', 'AuthorizationPolicy', spec)).toEqual([
      expect.stringContaining('unknown attribute: source.trustDomain'),
      expect.stringContaining('unknown attribute: source.trustDomain'),
    ]);
    expect(await verdicts('1.30', 'AuthorizationPolicy', spec)).toEqual([]);
  });

  test('zones that cannot be: with localities, with topology labels, with places in regions', async () => {
    const rule = (zones: string, more = ''): string =>
      `{host: a, trafficPolicy: {outlierDetection: {}, loadBalancer: {zoneAwareLbSetting: ${zones}${more}}}}`;
    expect(await verdicts('1.31', 'DestinationRule', rule('{}', ', localityLbSetting: {}'))).toHaveLength(1);
    expect(await verdicts('1.31', 'DestinationRule', rule('{failover: [{from: a, to: a}]}'))).toHaveLength(1);
    expect(await verdicts('1.31', 'DestinationRule', rule('{failover: [{from: a/b, to: c}]}'))).toHaveLength(1);
    expect(await verdicts('1.31', 'DestinationRule', rule('{failoverPriority: [topology.kubernetes.io/zone]}'))).toHaveLength(1);
    expect(await verdicts('1.31', 'DestinationRule', rule('{failover: [{from: a, to: b}]}'))).toEqual([]);
  });
});
