import type { CertificateValidationContext, TlsParameters, UpstreamTlsContext } from '../../../../envoy/api.gen.ts';
import { defineRule, quoteShort, type RefusalRule } from '../rule.ts';

/** Names of cipher suites, and of groups of them, in BoringSSL's ssl/ssl_cipher.cc. */
const cipherNames: ReadonlySet<string> = new Set(
  `ALL DEFAULT kRSA kECDHE kEECDH kPSK kGENERIC aRSA aECDSA aPSK aGENERIC ECDSA ECDHE EECDH RSA PSK 3DES AES128 AES256 AES AESGCM
  CHACHA20 SHA1 SHA SSLv3 TLSv1 TLSv1.2 HIGH FIPS DES-CBC3-SHA AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256 AES128-GCM-SHA256
  AES256-GCM-SHA384 PSK-AES128-CBC-SHA PSK-AES256-CBC-SHA ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES256-SHA ECDHE-ECDSA-AES128-SHA256
  ECDHE-ECDSA-AES256-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305
  ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA ECDHE-RSA-AES128-SHA256 ECDHE-RSA-AES256-SHA384 ECDHE-RSA-AES128-GCM-SHA256
  ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 ECDHE-PSK-AES128-CBC-SHA ECDHE-PSK-AES256-CBC-SHA
  ECDHE-PSK-CHACHA20-POLY1305`.split(/\s+/),
);

const curveNames: ReadonlySet<string> = new Set(
  `X25519 x25519 P-224 P-256 P-384 P-521 secp224r1 prime256v1 secp384r1 secp521r1 X25519Kyber768Draft00 X25519MLKEM768 MLKEM1024`.split(
    ' ',
  ),
);

/** Names that BoringSSL does not know. Rules of suites (`!RC4`, `[A|B]`) and names as IANA has them (`TLS_..._WITH_...`) are left alone. */
export const tlsParameters: RefusalRule = defineRule(
  'envoy.extensions.transport_sockets.tls.v3.TlsParameters',
  'value',
  ({ cipherSuites = [], ecdhCurves = [] }: TlsParameters, complain) => {
    for (const [index, suite] of cipherSuites.entries()) {
      const isName = /^[A-Za-z0-9][\w.-]*$/.test(suite) && !/^TLS_\w+_WITH_/.test(suite);
      if (isName && !cipherNames.has(suite))
        complain(
          ['cipherSuites', index],
          `is ${quoteShort(suite)}, a cipher suite that Envoy does not know`,
          'correct its name or remove it',
        );
    }
    for (const [index, curve] of ecdhCurves.entries()) {
      if (/^[\w-]+$/.test(curve) && !curveNames.has(curve))
        complain(
          ['ecdhCurves', index],
          `is ${quoteShort(curve)}, a curve that Envoy does not know`,
          `write one of ${[...curveNames].join(', ')}`,
        );
    }
  },
);

/** Fingerprints of certificates. As Envoy source/common/tls/cert_validator/default_validator.cc. */
export const certificateChecks: RefusalRule = defineRule(
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext',
  'value',
  ({ verifyCertificateSpki = [], verifyCertificateHash = [] }: CertificateValidationContext, complain) => {
    // What has another length is outside of the limits of the schema.
    for (const [index, spki] of verifyCertificateSpki.entries()) {
      if (spki.length === 44 && !/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(spki))
        complain(['verifyCertificateSpki', index], `is ${quoteShort(spki)}, no SHA-256 in base64`, 'write 32 bytes in base64');
    }
    for (const [index, hash] of verifyCertificateHash.entries()) {
      if (hash.length >= 64 && hash.length <= 95 && !/^[0-9A-Fa-f]{64}$/.test(hash.replaceAll(':', '')))
        complain(
          ['verifyCertificateHash', index],
          `is ${quoteShort(hash)}, no SHA-256 in hexadecimal`,
          'write 64 hexadecimal digits',
        );
    }
  },
);

/** The name that is asked for. As Envoy source/common/tls/client_context_impl.cc; how long it may be its schema says. */
export const serverNames: RefusalRule = defineRule(
  'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
  'value',
  ({ sni = '' }: UpstreamTlsContext, complain) => {
    if (sni.includes('\0'))
      complain(['sni'], `is ${quoteShort(sni)}, a server name with a NUL character`, 'write the name without it');
  },
);
