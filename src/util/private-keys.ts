/** Private keys in texts of any format: as PEM, also cut off or with its line breaks escaped, and as base64 of PEM. */

/**
 * The first line of PEM, with what a writer of YAML or JSON makes of its blanks; headers and base64, with the escapes that formats have for
 * line breaks, up to five dashes; the last line.
 */
const KEY =
  /(-----BEGIN(?:[\s\\]{1,99}[A-Z0-9]{1,20}){0,3}?[\s\\]{1,99}PRIVATE[\s\\]{1,99}KEY(?:[\s\\]{1,99}BLOCK)?-----)((?:[A-Za-z0-9+/=:,.%&#;_*\s\\]|-(?!----))*)(-----END[A-Z0-9\s\\]{0,300}-----)?/g;
/** What is left of a key that was cut off: base64 right behind the first line, and on lines of its own. */
const START_OF_BODY =
  /^(?:\\+[nr]|&#\d+;|%0[AaDd]|[A-Za-z0-9+/=])*(?:\s+[A-Za-z0-9+/=]{16,}(?![^\s"'.-])|\s+[A-Za-z0-9+/=]+(?=\.\.\.))*/;

const BASE64 = /[A-Za-z0-9+/]{24,}={0,2}/g;
/** What `PRIVATE KEY` becomes in base64, by the three ways in which it can fall into groups of three bytes. */
const ENCODED: readonly string[] = ['', 'x', 'xx'].map((before) =>
  btoa(`${before}PRIVATE KEY`).slice([0, 2, 3][before.length], -3),
);

/** Whether a text may hold a private key: words to look for before looking closely. */
export const SIGNS_OF_A_KEY: readonly string[] = ['PRIVATE', ...ENCODED];

/** How to replace what was found. */
export interface KeyMasks {
  /** The text for what stands between the first and the last line of PEM. */
  pem(body: string): string;
  /** The text for base64 of PEM. */
  base64(text: string): string;
}

/** The text with its private keys masked. */
export function maskPrivateKeys(text: string, masks: KeyMasks): string {
  if (!SIGNS_OF_A_KEY.some((sign) => text.includes(sign))) return text;
  return text
    .replace(KEY, (_, begin: string, body: string, end: string | undefined) => {
      const hidden = end === undefined ? (START_OF_BODY.exec(body)?.[0] ?? '') : body;
      return `${begin}${hidden === '' ? '' : masks.pem(hidden)}${body.slice(hidden.length)}${end ?? ''}`;
    })
    .replace(BASE64, (run) => (ENCODED.some((sign) => run.includes(sign)) ? masks.base64(run) : run));
}
