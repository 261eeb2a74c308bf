import { clientAuthorityMissing, credentialElsewhere } from '../../diagnostics/problems/certificates.ts';
import { AUTHORITY_SUFFIX, secretValues } from '../../model/gateway-api/certificates.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { ASSUMED_FILE } from './support/assumed.ts';
import { splitName } from './support/hosts.ts';

/** Secrets of Gateways that istiod gives to nobody, or that lack a part; istio xds/sds.go filterAuthorizedResources, GetCaCert. */
export const gatewayCredentials: Analyzer = {
  name: 'mesh.gateway.Credentials',
  about: 'Secrets of Gateways in another namespace than their proxies, and such of mode MUTUAL without the authority of clients',
  reads: ['Gateway', 'Pod', 'Secret'],
  codes: [credentialElsewhere.code, clientAuthorityMissing.code],
  needsAll: ['Secret'],
  run: (reader, report) => {
    for (const resource of reader.list('Gateway')) {
      const { selector, servers = [] } = resource.spec;
      const [pod] = reader.pods.select(selector).filter(({ document }) => document.file !== ASSUMED_FILE);
      servers.forEach(({ tls }, index) => {
        const credential = tls?.credentialName ?? '';
        if (tls === undefined || credential === '' || credential.includes('://')) return;
        const path = ['spec', 'servers', index, 'tls', 'credentialName'];
        const { namespace, name } = splitName(credential, pod?.namespace ?? '');
        if (pod !== undefined && namespace !== pod.namespace) {
          report(credentialElsewhere(at(resource, path), credential, namespace, pod.namespace));
          return;
        }
        if (tls.mode !== 'MUTUAL' || tls.caCertCredentialName !== undefined) return;
        const secret = reader.find('Secret', namespace, name);
        if (secret === undefined || hasAuthority(secret)) return;
        if (reader.find('Secret', namespace, `${name}${AUTHORITY_SUFFIX}`) !== undefined) return;
        report(clientAuthorityMissing(at(resource, path), name, namespace));
      });
    }
  },
};

function hasAuthority({ spec }: ResourceOf<'Secret'>): boolean {
  const values = secretValues(spec);
  return (values['ca.crt'] ?? '') !== '' || (values.cacert ?? '') !== '';
}
