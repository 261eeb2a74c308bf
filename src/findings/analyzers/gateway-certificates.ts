import type { ServerTLSSettings } from '../../api/istio.gen.ts';
import { gatewayDuplicateCertificate } from '../../diagnostics/problems/istio/gateways.ts';
import { selects } from '../../model/labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** istio analyzers/gateway/certificate.go. */
export const gatewayCertificates: Analyzer = {
  name: 'gateway.CertificateAnalyzer',
  about: 'No two Gateways of one workload use the same certificate',
  reads: ['Gateway'],
  codes: [gatewayDuplicateCertificate.code],
  run(reader, report) {
    const byCertificate = new Map<string, Set<ResourceOf<'Gateway'>>>();
    for (const resource of reader.list('Gateway')) {
      for (const key of certificatesOf(resource)) {
        const users = byCertificate.get(key);
        if (users === undefined) byCertificate.set(key, new Set([resource]));
        else users.add(resource);
      }
    }
    for (const users of byCertificate.values()) {
      for (const resource of users) {
        for (const other of users) {
          if (other === resource || !isSubset(resource, other)) continue;
          report(gatewayDuplicateCertificate(at(resource, ['metadata', 'name']), [fullName(resource), fullName(other)]));
        }
      }
    }
  },
};

/** Whether the workloads of the one Gateway, by its labels, include those of the other. */
function isSubset(resource: ResourceOf<'Gateway'>, other: ResourceOf<'Gateway'>): boolean {
  return selects(resource.spec.selector, other.spec.selector ?? {});
}

function certificatesOf({ spec }: ResourceOf<'Gateway'>): readonly string[] {
  return (spec.servers ?? []).map(({ tls }) => certificateKey(tls)).filter((key) => key !== undefined);
}

/** What two servers with the same certificate have in common. */
function certificateKey(tls: ServerTLSSettings | undefined): string | undefined {
  const { credentialName = '', serverCertificate = '', privateKey = '' } = tls ?? {};
  if (credentialName !== '') return `secret ${credentialName}`;
  return serverCertificate !== '' && privateKey !== '' ? JSON.stringify([serverCertificate, privateKey]) : undefined;
}
