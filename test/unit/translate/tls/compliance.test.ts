import { describe, expect, test } from 'vitest';
import { inEnvironment } from '../../../../src/releases/environment/environment.ts';
import { defaultRelease, loadRelease } from '../../../../src/releases/index.ts';
import type { Release } from '../../../../src/releases/release.ts';
import { compliantTls } from '../../../../src/translate/tls/compliance.ts';

const asked = { cipherSuites: ['AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'], ecdhCurves: ['X25519'] };
const latest = (await loadRelease('1.31')) ?? expect.unreachable();

function parametersOf(release: Release, policy: string) {
  const { release: changed, remarks } = inEnvironment(release, new Map([['COMPLIANCE_POLICY', policy]]));
  return { parameters: compliantTls(asked, changed.behaviours), remarks };
}

describe('the TLS that a compliance policy leaves', () => {
  test('is all of it without a policy', () => {
    expect(parametersOf(defaultRelease, '')).toEqual({ parameters: asked, remarks: [] });
  });

  test('of FIPS 140-2 is version 1.2 with its suites', () => {
    expect(parametersOf(defaultRelease, 'fips-140-2').parameters).toEqual({
      tlsMinimumProtocolVersion: 'TLSv1_2',
      tlsMaximumProtocolVersion: 'TLSv1_2',
      cipherSuites: ['ECDHE-RSA-AES256-GCM-SHA384'],
    });
  });

  test("of FIPS 140-3 is left to Envoy's own policy", () => {
    expect(parametersOf(latest, 'fips-140-3')).toEqual({
      parameters: { ...asked, compliancePolicies: ['FIPS_202205'] },
      remarks: [],
    });
    const { behaviours } = inEnvironment(latest, new Map([['COMPLIANCE_POLICY', 'fips-140-3']])).release;
    expect(compliantTls(undefined, behaviours)).toEqual({ compliancePolicies: ['FIPS_202205'] });
  });

  test('for post-quantum cryptography is version 1.3 with its curve', () => {
    expect(parametersOf(defaultRelease, 'pqc').parameters).toMatchObject({
      tlsMinimumProtocolVersion: 'TLSv1_3',
      ecdhCurves: ['X25519MLKEM768'],
    });
  });

  test('of a policy that the release does not know is all of it, with a word on those that it knows', () => {
    expect(parametersOf(defaultRelease, 'fips-140-3')).toEqual({
      parameters: asked,
      remarks: [
        { name: 'COMPLIANCE_POLICY', kind: 'unreadable', value: 'fips-140-3', expected: 'one of fips-140-2, pqc', standard: '' },
      ],
    });
  });
});
