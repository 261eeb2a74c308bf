import type { ServerTLSSettings } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { isValidCipherSuite } from '../model/security/cipher-suites.ts';
import { error, type Findings, warning } from './finding.ts';

/** Fields that say where certificates come from, with Istio's words for them. */
const certificateFields = [
  ['serverCertificate', 'server certificate'],
  ['privateKey', 'private key'],
  ['caCertificates', 'CA bundle'],
  ['tlsCertificates', 'tlsCertificates'],
  ['credentialName', 'credentialName'],
  ['credentialNames', 'credentialNames'],
] as const;

function isSet(value: string | readonly unknown[] | undefined): boolean {
  return value !== undefined && value.length > 0;
}

/** The TLS settings of a server of a Gateway, or of an ingress listener of a Sidecar; istio validateTLSOptions. */
export function* checkServerTls(path: Path, tls: ServerTLSSettings): Findings {
  const mode = tls.mode ?? 'PASSTHROUGH';
  yield* checkCiphers(path, tls);
  if (mode === 'ISTIO_MUTUAL') {
    for (const [field, words] of certificateFields)
      if (isSet(tls[field])) yield error([...path, field], `ISTIO_MUTUAL TLS cannot have associated ${words}`);
    return;
  }
  const firstSource = certificateFields.map(([field]) => field).find((field) => isSet(tls[field]));
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    const field = isSet(tls.caCrl) ? 'caCrl' : firstSource;
    if (field !== undefined) yield warning([...path, field], `${mode} mode does not use certificates, they will be ignored`);
  }
  const sources = [
    isSet(tls.serverCertificate) && isSet(tls.privateKey),
    isSet(tls.credentialName),
    isSet(tls.credentialNames),
    isSet(tls.tlsCertificates),
  ];
  if (sources.filter(Boolean).length > 1) {
    const among = 'credential_name, credential_names, server_certificate/private_key, tls_certificates';
    yield error(path, `only one of ${among} should be specified`);
  }
  const terminates = mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  if (terminates && (isSet(tls.credentialName) || isSet(tls.credentialNames))) return;
  if (terminates) yield* checkCertificates(path, tls, mode);
  if (isSet(tls.caCrl)) {
    if (isSet(tls.credentialName))
      yield error([...path, 'caCrl'], 'CRL is not supported with credentialName. CRL has to be specified in the credential');
    if (mode === 'SIMPLE') yield error([...path, 'caCrl'], 'CRL is not supported with SIMPLE TLS');
  }
}

function* checkCertificates(path: Path, tls: ServerTLSSettings, mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL'): Findings {
  const subject = mode === 'SIMPLE' ? 'SIMPLE TLS' : 'MUTUAL TLS';
  if (mode !== 'SIMPLE' && !isSet(tls.caCertificates))
    yield error([...path, 'caCertificates'], `${subject} requires a client CA bundle`);
  const certificates = tls.tlsCertificates ?? [];
  if (certificates.length > 2) yield warning([...path, 'tlsCertificates'], `${subject} can support up to 2 server certificates`);
  const places = certificates.length > 0 ? certificates.map((_, index) => [...path, 'tlsCertificates', index]) : [path];
  for (const [index, at] of places.entries()) {
    const { serverCertificate, privateKey } = certificates[index] ?? tls;
    if (!isSet(serverCertificate)) yield error([...at, 'serverCertificate'], `${subject} requires a server certificate`);
    if (!isSet(privateKey)) yield error([...at, 'privateKey'], `${subject} requires a private key`);
  }
}

function* checkCiphers(path: Path, { minProtocolVersion, cipherSuites = [] }: ServerTLSSettings): Findings {
  if ((minProtocolVersion === 'TLSV1_0' || minProtocolVersion === 'TLSV1_1') && cipherSuites.length === 0)
    yield warning(
      [...path, 'minProtocolVersion'],
      'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
    );
  const at = [...path, 'cipherSuites'];
  const invalid = cipherSuites.filter((suite) => !isValidCipherSuite(suite));
  if (invalid.length > 0) yield warning(at, `ignoring invalid cipher suites: ${formatSet(invalid)}`);
  const repeated = cipherSuites.filter((suite, index) => isValidCipherSuite(suite) && cipherSuites.indexOf(suite) !== index);
  if (repeated.length > 0) yield warning(at, `ignoring duplicate cipher suites: ${formatSet(repeated)}`);
}

/** Each once, sorted, as Go prints a list. */
export function formatSet(values: readonly string[]): string {
  return `[${[...new Set(values)].sort().join(' ')}]`;
}
