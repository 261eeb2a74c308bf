import type { ECDH } from 'node:crypto';
import type { CertificateWithKey } from '../envoy/known-secret.ts';
import { cryptography } from '../util/crypto.ts';

const SEED = 'mesh: a key that everybody can compute';

/** The private key of all stand-ins, as PEM. */
export function standInKey(): string {
  return standInKeys().privateKey;
}

function standInKeys(): { readonly key: ECDH; readonly privateKey: string } {
  const { createECDH, createHash, createPrivateKey } = cryptography();
  const key = createECDH('prime256v1');
  const secret = createHash('sha256').update(SEED).digest();
  key.setPrivateKey(secret);
  const point = key.getPublicKey();
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: secret.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33, 65).toString('base64url'),
  };
  return { key, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/**
 * A stand-in for the certificates that istiod and Kubernetes Secrets would provide: Envoy starts with it, and nobody may
 * trust it. It names a SPIFFE identity, never expires, and is always the same for one identity. Its key can be computed by
 * anyone and its signature is void, which Envoy does not look at.
 */
export function placeholderCertificate(identity: string): CertificateWithKey {
  const { key, privateKey } = standInKeys();
  const point = key.getPublicKey();
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = sequence(set(sequence(oid(ORGANIZATION), tagged(0x0c, Buffer.from('mesh placeholder')))));
  const extensions = sequence(
    sequence(oid(BASIC_CONSTRAINTS), octets(sequence(tagged(0x01, Buffer.from([0xff]))))),
    sequence(oid(SUBJECT_ALT_NAME), octets(sequence(tagged(0x86, Buffer.from(identity))))),
  );
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(tagged(0x17, Buffer.from('200101000000Z')), tagged(0x18, Buffer.from('99991231235959Z'))),
    name,
    sequence(sequence(oid(EC_PUBLIC_KEY), oid(PRIME256V1)), bits(point)),
    tagged(0xa3, extensions),
  );
  const certificate = sequence(body, algorithm, bits(sequence(integer(1), integer(1))));
  return { certificateChain: pem('CERTIFICATE', certificate), privateKey };
}

// DER, as far as one certificate needs it. Object identifiers are written in their encoded form.
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const EC_PUBLIC_KEY = '2a8648ce3d0201';
const PRIME256V1 = '2a8648ce3d030107';
const ORGANIZATION = '55040a';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const header = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function oid(encoded: string): Buffer {
  return tagged(0x06, Buffer.from(encoded, 'hex'));
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
