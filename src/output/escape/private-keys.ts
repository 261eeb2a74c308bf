import { Buffer } from 'node:buffer';
import { maskPrivateKeys, SIGNS_OF_A_KEY } from '../../util/private-keys.ts';
import { standInKey } from '../placeholder-certificate.ts';
import { asPrintable, asPrintableBytes, type Printable, type PrintableBytes } from './printable.ts';

const REDACTED = '***';
/** As Envoy writes it into its dumps: `[redacted]`. */
const REDACTED_BASE64 = 'W3JlZGFjdGVkXQ==';

/** The text without the private keys in it, but for the one of stand-ins, which everybody knows and Envoy needs. */
export function withoutPrivateKeys(text: Printable): Printable {
  if (!SIGNS_OF_A_KEY.some((sign) => text.includes(sign))) return text;
  const known = bare(standInKey());
  return asPrintable(
    maskPrivateKeys(text, {
      pem: (body) => (bare(body) === known ? body : REDACTED),
      base64: () => REDACTED_BASE64,
    }),
  );
}

/** The base64 of a key, without lines. */
function bare(pem: string): string {
  return pem.replaceAll(/-----[^-]*-----|\\n|\s/g, '');
}

/** The text as UTF-8, without private keys: what is printed many times is looked through once. */
export function encode(text: Printable): PrintableBytes {
  return asPrintableBytes(Buffer.from(withoutPrivateKeys(text)));
}

/** Bytes one after the other. */
export function concatenatedBytes(parts: readonly PrintableBytes[]): PrintableBytes {
  return asPrintableBytes(Buffer.concat(parts));
}
