import { createRequire } from 'node:module';

const lazily = createRequire(import.meta.url);

/** Node's cryptography, loaded when it is first needed: hardly any run has a certificate or a token, and it takes as long as a small mesh. */
export function cryptography(): typeof import('node:crypto') {
  return lazily('node:crypto') as typeof import('node:crypto');
}
