import type { ClientTLSSettings, DestinationRule } from '../../api/istio.gen.ts';
import {
  noServerCertificateVerificationDestinationLevel,
  noServerCertificateVerificationPortLevel,
} from '../../diagnostics/problems/istio/destination-rules.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** istio analyzers/destinationrule/ca-certificates.go. */
export const destinationRuleCertificates: Analyzer = {
  name: 'destinationrule.CaCertificateAnalyzer',
  about: 'DestinationRules that ask for TLS say how to check the certificate of the server',
  reads: ['DestinationRule'],
  codes: [noServerCertificateVerificationDestinationLevel.code, noServerCertificateVerificationPortLevel.code],
  run(reader, report) {
    for (const resource of reader.list('DestinationRule')) {
      const { spec, namespace } = resource;
      const policy = ['spec', 'trafficPolicy'];
      const names = [fullName(resource), namespace] as const;
      const mode = uncheckedMode(spec.trafficPolicy?.tls, spec);
      if (mode !== undefined) {
        const subject = at(resource, [...policy, 'tls', 'caCertificates']);
        report(noServerCertificateVerificationDestinationLevel(subject, ...names, mode, spec.host ?? ''));
      }
      (spec.trafficPolicy?.portLevelSettings ?? []).forEach(({ tls, port }, index) => {
        const portMode = uncheckedMode(tls, spec);
        if (portMode === undefined) return;
        const subject = at(resource, [...policy, 'portLevelSettings', index, 'tls', 'caCertificates']);
        // The port as Go prints its message.
        const number = port === undefined ? '<nil>' : port.number === undefined ? '' : `number:${port.number}`;
        report(noServerCertificateVerificationPortLevel(subject, ...names, portMode, spec.host ?? '', number));
      });
    }
  },
};

/** The mode of TLS that checks no certificate; credentials of a Secret count only with a workload selector. */
function uncheckedMode(tls: ClientTLSSettings | undefined, { workloadSelector }: DestinationRule): string | undefined {
  if (tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') return undefined;
  const hasSecret = (tls.credentialName ?? '') !== '' && workloadSelector !== undefined;
  return (tls.caCertificates ?? '') === '' && !hasSecret ? tls.mode : undefined;
}
