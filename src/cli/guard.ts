import { Buffer } from 'node:buffer';
import { asPrintable, type Printable } from '../output/escape/printable.ts';
import { standInKey } from '../output/placeholder-certificate.ts';
import { maskPrivateKeys, SIGNS_OF_A_KEY } from '../util/private-keys.ts';
import type { Io } from './io.ts';

/** As Envoy writes it into its dumps: `[redacted]`. */
const REDACTED_BASE64 = 'W3JlZGFjdGVkXQ==';
const REDACTED = '***';

/**
 * The same world without private keys in anything that is written. Values of Secrets are sealed where they are read
 * (source/secrets.ts); a key that somebody put into an EnvoyFilter or a ConfigMap goes the way of all configuration, up to here.
 */
export function guardOutput(io: Io): Io {
  return {
    ...io,
    out: (content) => io.out(masked(content)),
    err: (text) => io.err(masked(text)),
    writeFile: (path, content) => io.writeFile(path, masked(content)),
    openFolder(path) {
      const folder = io.openFolder(path);
      return { ...folder, write: (name, content) => folder.write(name, masked(content)) };
    },
  };
}

function masked<T extends Printable | Uint8Array>(content: T): T;
function masked(content: Printable | Uint8Array): Printable | Uint8Array {
  if (typeof content === 'string') return maskText(content);
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!SIGNS_OF_A_KEY.some((sign) => bytes.includes(sign))) return content;
  return Buffer.from(maskText(asPrintable(bytes.toString('utf8'))));
}

function maskText(text: Printable): Printable {
  if (!SIGNS_OF_A_KEY.some((sign) => text.includes(sign))) return text;
  const known = bare(standInKey());
  return asPrintable(
    maskPrivateKeys(text, {
      // Everybody knows this one, and Envoy needs it.
      pem: (body) => (bare(body) === known ? body : REDACTED),
      base64: () => REDACTED_BASE64,
    }),
  );
}

/** The base64 of a key, without lines. */
function bare(pem: string): string {
  return pem.replaceAll(/-----[^-]*-----|\\n|\s/g, '');
}
