import type { CertificateValidationContext, CommonTlsContext, DownstreamTlsContext } from '../envoy/api.gen.ts';
import type { ExpressionCompiler } from '../util/re2.ts';
import type { Payload, PeerCertificate } from './run.ts';
import { matchesString } from './strings.ts';

/** Why a TLS context refuses the certificate of the other side; undefined when it accepts it. */
export function checkCertificate(
  context: CommonTlsContext,
  certificate: PeerCertificate,
  compile: ExpressionCompiler,
): string | undefined {
  const { combinedValidationContext: combined, validationContextSdsSecretConfig } = context;
  const rules = combined?.defaultValidationContext ?? context.validationContext ?? {};
  if (
    validationContextSdsSecretConfig === undefined &&
    combined?.validationContextSdsSecretConfig === undefined &&
    !hasAuthority(rules)
  ) {
    return undefined;
  }
  if ((rules.verifyCertificateHash?.length ?? 0) + (rules.verifyCertificateSpki?.length ?? 0) > 0) {
    return 'the certificate is not one of those that are pinned';
  }
  const names = [...certificate.uris, ...certificate.dnsNames];
  const { matchSubjectAltNames = [], matchTypedSubjectAltNames = [] } = rules;
  const matchers = [...matchSubjectAltNames, ...matchTypedSubjectAltNames.map(({ matcher }) => matcher ?? {})];
  if (matchers.length === 0 || names.includes('*')) return undefined;
  const fits = names.some((name) => matchers.some((matcher) => matchesString(matcher, name, compile)));
  return fits ? undefined : `SAN matcher, certificate SANs are [${[...names].sort().join(', ')}]`;
}

/** Whether a context says whose certificates it trusts. */
function hasAuthority(rules: CertificateValidationContext): boolean {
  return (
    rules.trustedCa !== undefined || rules.systemRootCerts !== undefined || rules.caCertificateProviderInstance !== undefined
  );
}

/** Whether a server shows the certificate of its own identity. */
export function sameDomain({ commonTlsContext = {} }: DownstreamTlsContext): boolean {
  return (commonTlsContext.tlsCertificateSdsSecretConfigs ?? []).some(({ name }) => name === 'default');
}

/** Whether one of the names of a certificate covers a host. */
export function coversHost({ dnsNames, uris }: PeerCertificate, host: string): boolean {
  const lower = host.toLowerCase();
  return (
    uris.includes(host) ||
    dnsNames.some(
      (name) =>
        name === '*' ||
        name.toLowerCase() === lower ||
        (name.startsWith('*.') && lower.slice(lower.indexOf('.')) === name.slice(1).toLowerCase()),
    )
  );
}

/** HTTP as client and server agree on it: HTTP/2 where the server offers it. */
export function negotiated(payload: Payload, offered: readonly string[]): Payload {
  if (payload.kind !== 'http' || offered.some((name) => /(^|-)h2$/.test(name))) return payload;
  const { version, versionOfHttp2 } = payload;
  if (version !== 'HTTP/2' && versionOfHttp2 !== 'HTTP/2') return payload;
  return { ...payload, version: 'HTTP/1.1', ...(versionOfHttp2 !== undefined && { versionOfHttp2: 'HTTP/1.1' }) };
}
