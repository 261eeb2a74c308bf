import type { ClientTLSSettings } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { error, type Findings, quote } from './finding.ts';

const CONFIG_MAP = 'configmap://';

/** The TLS settings of a client; istio agent/validation.go ValidateTLS. `namespace` is the one of the resource. */
export function* checkClientTls(path: Path, tls: ClientTLSSettings | undefined, namespace: string): Findings {
  if (tls === undefined) return;
  const { mode = 'DISABLE', credentialName = '', clientCertificate = '', privateKey = '', caCertificates = '' } = tls;
  const { caCrl = '', subjectAltNames = [] } = tls;
  if (credentialName.startsWith(CONFIG_MAP)) {
    const problem = configMapProblem(credentialName, namespace);
    if (problem !== undefined) yield error([...path, 'credentialName'], `invalid configmap:// credentialName: ${problem}`);
  }
  if (tls.insecureSkipVerify === true) {
    const verifies = caCertificates !== '' || subjectAltNames.length > 0;
    const at = [...path, 'insecureSkipVerify'];
    if (mode === 'SIMPLE' && (verifies || credentialName !== ''))
      yield error(at, 'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true');
    if (mode === 'MUTUAL' && verifies)
      yield error(at, 'cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true');
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credentialName !== '') {
    if ([clientCertificate, caCertificates, privateKey, caCrl].some((text) => text !== ''))
      yield error(
        [...path, 'credentialName'],
        'cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
      );
    return;
  }
  if (mode === 'MUTUAL') {
    if (clientCertificate === '') yield error([...path, 'clientCertificate'], 'client certificate required for mutual tls');
    if (privateKey === '') yield error([...path, 'privateKey'], 'private key required for mutual tls');
  }
}

/** A ConfigMap is named with its namespace, which must be that of the resource. */
function configMapProblem(reference: string, own: string): string | undefined {
  const parts = reference.slice(CONFIG_MAP.length).split('/');
  const [namespace = '', name = ''] = parts;
  const refuse = (expected: string): string => `invalid resource name ${quote(reference)}. Expected ${expected}`;
  if (parts.length === 1) return refuse('namespace and name');
  if (namespace === '') return refuse('namespace');
  if (name === '') return refuse('name');
  return namespace !== own || own === '' ? `namespace must match the configuration namespace ${quote(own)}` : undefined;
}
