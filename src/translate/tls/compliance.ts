import type { TlsParameters } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact, nonEmpty } from '../../util/object.ts';

/** What the policies allow of TLS 1.2. */
const approvedSuites: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

/** TLS parameters as the compliance policy of istiod leaves them; istio pkg/model/fips.go EnforceCompliance. */
export function compliantTls<P extends TlsParameters | undefined>(
  parameters: P,
  { compliancePolicy }: Behaviours,
): P | TlsParameters {
  switch (compliancePolicy) {
    case 'fips-140-2': {
      const { ecdhCurves: _, cipherSuites, ...rest } = parameters ?? {};
      return compact({
        ...rest,
        tlsMinimumProtocolVersion: 'TLSv1_2' as const,
        tlsMaximumProtocolVersion: 'TLSv1_2' as const,
        cipherSuites: nonEmpty(cipherSuites?.filter((suite) => approvedSuites.includes(suite))),
      });
    }
    case 'fips-140-3':
      return { ...parameters, compliancePolicies: ['FIPS_202205'] };
    case 'pqc':
      return {
        ...parameters,
        tlsMinimumProtocolVersion: 'TLSv1_3',
        cipherSuites: approvedSuites,
        ecdhCurves: ['X25519MLKEM768'],
      };
    default:
      return parameters;
  }
}
