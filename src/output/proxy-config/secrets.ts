import { X509Certificate } from 'node:crypto';
import { records } from '../../envoy/config-dump.ts';
import { isObject, own } from '../../util/object.ts';
import { pemBlocks } from '../../util/pem.ts';
import { formatColumns } from '../columns.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';

interface SecretRow {
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly valid: boolean;
  readonly serialNumber: string;
  readonly notAfter: string;
  readonly notBefore: string;
  readonly trustDomain: string;
}

/**
 * The table of `proxy-config secret`; `now` (milliseconds since 1970) decides which certificates are valid.
 * istioctl writer/compare/sds.
 */
export function formatSecrets(
  section: Readonly<Record<string, unknown>>,
  options: { readonly now: number; readonly withNames: boolean },
): Printable {
  const warming = records(section.dynamicWarmingSecrets);
  const active = records(section.dynamicActiveSecrets);
  if (warming.length === 0 && active.length === 0) return printedLines(['No active or warming secrets found.']);
  const rows = [
    ...warming.flatMap((secret) => secretRows(secret, 'WARMING', options.now)),
    ...active.flatMap((secret) => secretRows(secret, 'ACTIVE', options.now)),
  ];
  if (rows.length === 0) return printedLines(['No secret items to show.']);
  const withTrustDomain = rows.every(({ trustDomain }) => trustDomain !== '');
  const head = ['RESOURCE NAME', 'TYPE', 'STATUS', 'VALID CERT', 'SERIAL NUMBER', 'NOT AFTER', 'NOT BEFORE'];
  const cells = rows.map((row) => [
    `${options.withNames ? 'secret/' : ''}${row.name}`,
    row.type,
    row.state,
    String(row.valid),
    row.serialNumber,
    row.notAfter,
    row.notBefore,
    ...(withTrustDomain ? [row.trustDomain] : []),
  ]);
  return formatColumns([withTrustDomain ? [...head, 'TRUST DOMAIN'] : head, ...cells], 5);
}

function secretRows({ name, secret }: Record<string, unknown>, state: string, now: number): SecretRow[] {
  const label = typeof name === 'string' ? name : '';
  const value = isObject(secret) ? secret : {};
  const chain = inlineBytes(field(field(value, 'tlsCertificate'), 'certificateChain'));
  const authority = inlineBytes(field(field(value, 'validationContext'), 'trustedCa'));
  const pem = chain || authority;
  if (pem !== '') return [row(label, state, pem, '', now)];
  const bundles = trustBundles(value);
  if (bundles === undefined) return [row(label, state, '', '', now)];
  const own = typeof value.name === 'string' ? value.name : '';
  return bundles.map((bundle) => row(own, state, inlineBytes(field(bundle, 'trustBundle')), String(bundle.name ?? ''), now));
}

/** The bundles of the domains that a SPIFFE validator trusts, when the secret has one. */
function trustBundles(secret: Record<string, unknown>): Record<string, unknown>[] | undefined {
  const config = field(field(field(secret, 'validationContext'), 'customValidatorConfig'), 'typedConfig');
  if (config['@type'] !== 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig')
    return undefined;
  return records(config.trustDomains);
}

function field(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const member = own(value, name);
  return isObject(member) ? member : {};
}

function inlineBytes(source: Record<string, unknown>): string {
  return typeof source.inlineBytes === 'string' ? Buffer.from(source.inlineBytes, 'base64').toString('utf8') : '';
}

function row(name: string, state: string, pem: string, trustDomain: string, now: number): SecretRow {
  const certificate = parseCertificate(pem);
  if (certificate === undefined) {
    return { name, type: '', state, valid: false, serialNumber: '', notAfter: '', notBefore: '', trustDomain: '' };
  }
  const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const identity = /URI:spiffe:\/\/([^/,]+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? '';
  return {
    name,
    type: certificate.ca ? 'CA' : 'Cert Chain',
    state,
    valid: now > notBefore && now < notAfter,
    serialNumber: certificate.serialNumber.toLowerCase().padStart(32, '0'),
    notAfter: timestamp(notAfter),
    notBefore: timestamp(notBefore),
    trustDomain: trustDomain || identity,
  };
}

/** The first certificate of a PEM text. */
function parseCertificate(pem: string): X509Certificate | undefined {
  const first = pemBlocks(pem).find(({ label }) => label === 'CERTIFICATE');
  if (first === undefined) return undefined;
  try {
    return new X509Certificate(first.text);
  } catch {
    return undefined;
  }
}

function timestamp(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
