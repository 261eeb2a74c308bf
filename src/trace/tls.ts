import { isAny } from '../envoy/any.ts';
import type {
  CertificateValidationContext,
  CommonTlsContext,
  DownstreamTlsContext,
  FilterChain,
  StringMatcher,
} from '../envoy/api.gen.ts';
import { anyOf, type Formula } from '../request-space/formula.ts';
import type { ExpressionCompiler } from '../util/re2.ts';
import { lowerAscii } from '../util/text.ts';
import { IDENTITY } from './recording/parts.ts';
import { stringFormula } from './recording/text-formulas.ts';
import type { Payload, PeerCertificate } from './run.ts';
import { matchesString } from './strings.ts';

/** What a name has that is a URI and no name of a host. */
export const URI_MARK = '://';

/** Whether a name of a certificate is a URI. */
export function isUri(name: string): boolean {
  return name.includes(URI_MARK);
}

/**
 * Why a TLS context refuses the certificate of the other side; undefined when it accepts it. Envoy
 * source/common/tls/cert_validator/default_validator.cc.
 */
export function checkCertificate(
  context: CommonTlsContext,
  certificate: PeerCertificate,
  compile: ExpressionCompiler,
): string | undefined {
  const rules = rulesOf(context);
  if (!isChecked(context) || acceptsAny(rules)) return undefined;
  if (certificate.isUntrusted === true) return 'the certificate is of no authority that is trusted';
  if (!hasRightName(rules, certificate, compile)) {
    return `SAN matcher, certificate SANs are [${[...certificate.uris, ...certificate.dnsNames].sort().join(', ')}]`;
  }
  return hasPins(rules) ? 'the certificate is not known to be one of those that are pinned' : undefined;
}

function hasRightName(
  rules: CertificateValidationContext,
  { uris, dnsNames }: PeerCertificate,
  compile: ExpressionCompiler,
): boolean {
  const matchers = matchersOf(rules);
  const fits = (matcher: StringMatcher): boolean =>
    uris.some((name) => matchesString(matcher, name, compile)) ||
    dnsNames.some((name) =>
      matcher.exact === undefined ? matchesString(matcher, name, compile) : coversName(name, matcher.exact),
    );
  return matchers.length === 0 || dnsNames.includes('*') || matchers.some(fits);
}

/**
 * Why a server refuses a client that shows no certificate; undefined where it does not. Rules for names and pins demand one even if the
 * server says that it is optional.
 */
export function refusesNone({ requireClientCertificate, commonTlsContext = {} }: DownstreamTlsContext): string | undefined {
  if (requireClientCertificate === true) return 'the chain demands a certificate and the client shows none';
  const rules = rulesOf(commonTlsContext);
  if (!isChecked(commonTlsContext) || acceptsAny(rules) || (matchersOf(rules).length === 0 && !hasPins(rules))) return undefined;
  return 'the chain demands a certificate of certain names or fingerprints and the client shows none';
}

/** Whether some certificates are told from others that have the same names. */
export function asksForPins({ commonTlsContext = {} }: DownstreamTlsContext): boolean {
  const rules = rulesOf(commonTlsContext);
  return hasPins(rules) && !acceptsAny(rules);
}

/** That a server takes the name of a certificate that it trusts, and whether it takes this one's; undefined where it takes all. */
export function nameDemand(
  { commonTlsContext = {} }: DownstreamTlsContext,
  certificate: PeerCertificate,
  compile: ExpressionCompiler,
): { readonly formula: Formula; readonly isTrue: boolean } | undefined {
  const rules = rulesOf(commonTlsContext);
  const matchers = matchersOf(rules);
  if (matchers.length === 0 || acceptsAny(rules)) return undefined;
  // What is no URI is the name of a host. Wildcards that cover one get on as that does.
  const named = matchers.map((matcher) => {
    const isHost = matcher.exact !== undefined && !isUri(matcher.exact);
    return stringFormula(IDENTITY, isHost ? { ...matcher, ignoreCase: true } : matcher);
  });
  return { formula: anyOf(named), isTrue: hasRightName(rules, certificate, compile) };
}

function rulesOf({ combinedValidationContext: combined, validationContext }: CommonTlsContext): CertificateValidationContext {
  return combined?.defaultValidationContext ?? validationContext ?? {};
}

/** Whether certificates of the other side are looked at. */
function isChecked(context: CommonTlsContext): boolean {
  const { combinedValidationContext: combined, validationContextSdsSecretConfig: own } = context;
  return own !== undefined || combined?.validationContextSdsSecretConfig !== undefined || hasAuthority(rulesOf(context));
}

/** Whether a certificate is asked for and taken whatever it is. */
function acceptsAny({ trustChainVerification }: CertificateValidationContext): boolean {
  return trustChainVerification === 'ACCEPT_UNTRUSTED';
}

function hasPins({ verifyCertificateHash = [], verifyCertificateSpki = [] }: CertificateValidationContext): boolean {
  return verifyCertificateHash.length + verifyCertificateSpki.length > 0;
}

function matchersOf({ matchSubjectAltNames = [], matchTypedSubjectAltNames = [] }: CertificateValidationContext) {
  return [...matchSubjectAltNames, ...matchTypedSubjectAltNames.map(({ matcher }): StringMatcher => matcher ?? {})];
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

/** Whether a server trusts the authority of the mesh, from which nobody outside has a certificate. */
export function trustsMesh({ commonTlsContext = {} }: DownstreamTlsContext): boolean {
  const { combinedValidationContext: combined, validationContextSdsSecretConfig: own } = commonTlsContext;
  return (combined?.validationContextSdsSecretConfig ?? own)?.name === 'ROOTCA';
}

/** Whether what a filter chain shows clients is the certificate of the proxy's identity. */
export function showsIdentity({ transportSocket }: FilterChain): boolean {
  const config = transportSocket?.typedConfig;
  return (
    isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext') && sameDomain(config)
  );
}

/** All names of a certificate. */
export function namesOf({ uris, dnsNames, subject }: PeerCertificate): readonly string[] {
  return [...uris, ...dnsNames, ...(subject === undefined ? [] : [subject])];
}

/** Whether one of the names of a certificate covers a host. */
export function coversHost({ dnsNames, uris }: PeerCertificate, host: string): boolean {
  return uris.includes(host) || dnsNames.some((name) => coversName(name, host));
}

/** Whether a DNS name of a certificate covers a host: it is that, or a wildcard right above it. */
function coversName(name: string, host: string): boolean {
  const [own, other] = [lowerAscii(name), lowerAscii(host)];
  return name === '*' || own === other || (own.startsWith('*.') && other.slice(other.indexOf('.')) === own.slice(1));
}

/** HTTP as client and server agree on it: HTTP/2 where the server offers it. */
export function negotiated(payload: Payload, offered: readonly string[]): Payload {
  if (payload.kind !== 'http' || offered.some((name) => /(^|-)h2$/.test(name))) return payload;
  const { version, versionOfHttp2 } = payload;
  if (version !== 'HTTP/2' && versionOfHttp2 !== 'HTTP/2') return payload;
  return { ...payload, version: 'HTTP/1.1', ...(versionOfHttp2 !== undefined && { versionOfHttp2: 'HTTP/1.1' }) };
}
