import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate with its key, in PEM. */
export interface Certificate {
  readonly chain: string;
  readonly key: string;
}

/** Who signs the certificates of all clusters. */
export interface Authority {
  readonly root: string;
  /** A certificate of such names: `URI:spiffe://...`, `DNS:...`. */
  certificateOf(names: readonly string[]): Certificate;
}

/** An authority of its own, made with openssl in a folder. */
export function createAuthority(folder: string): Authority {
  const openssl = (...argv: readonly string[]): void => void execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '3', '-subj', '/O=mesh-live');
  return {
    root: read('ca.pem'),
    certificateOf(names) {
      const extensions = `subjectAltName=critical,${names.join(',')}\nextendedKeyUsage=serverAuth,clientAuth\n`;
      writeFileSync(join(folder, 'extensions'), extensions);
      openssl('req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/');
      const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions'];
      openssl('x509', '-req', '-in', 'request.pem', ...sign, '-out', 'cert.pem');
      return { chain: read('cert.pem'), key: read('key.pem') };
    },
  };
}
