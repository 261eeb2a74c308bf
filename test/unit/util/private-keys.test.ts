import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskPrivateKeys } from '../../../src/util/private-keys.ts';

const mask = (text: string): string => maskPrivateKeys(text, { pem: () => '***', base64: () => 'bm8=' });
const pem = (label: string): string => `-----BEGIN ${label}-----\nMIIEvQIBADANBgkqh\n+/ab==\n-----END ${label}-----\n`;

describe('private keys in a text', () => {
  test.each([
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK',
  ])('%s is masked', (label) => {
    const masked = `-----BEGIN ${label}-----***-----END ${label}-----\n`;
    expect(mask(`a: ${pem(label)}b: ${pem(label)}c`)).toBe(`a: ${masked}b: ${masked}c`);
  });

  test('it does not matter how a format writes line breaks and folds lines', () => {
    expect(mask(JSON.stringify(pem('PRIVATE KEY')))).toBe('"-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\\n"');
    expect(mask(JSON.stringify(JSON.stringify(pem('PRIVATE KEY'))))).not.toContain('MII');
    expect(mask('"-----BEGIN RSA PRIVATE\n    KEY-----\\nMIIabc\\n-----END RSA PRIVATE\n    KEY-----"')).not.toContain('MII');
    expect(mask('-----BEGIN PRIVATE KEY-----%0AMIIabc%0A-----END PRIVATE KEY-----')).not.toContain('MII');
    expect(mask('-----BEGIN PRIVATE KEY-----&#10;MIIabc&#10;-----END PRIVATE KEY-----')).not.toContain('MII');
  });

  test('headers belong to the key', () => {
    const body = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\nMIIabc\n';
    expect(mask(`-----BEGIN RSA PRIVATE KEY-----\n${body}-----END RSA PRIVATE KEY-----`)).toBe(
      '-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----',
    );
  });

  test('a key that was cut off is masked as far as it goes', () => {
    expect(mask('"-----BEGIN PRIVATE KEY-----\\nMIIEvQIB... (1704 characters)')).toBe(
      '"-----BEGIN PRIVATE KEY-----***... (1704 characters)',
    );
    expect(mask('the text "-----BEGIN PRIVATE KEY----- MIIEvQIB..."')).toBe('the text "-----BEGIN PRIVATE KEY-----***..."');
    const lines = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIB'.repeat(8)}\n${'MIIEvQIB'.repeat(8)}`;
    expect(mask(`k: |\n  ${lines.replaceAll('\n', '\n  ')}\nother: 1\n`)).toBe(
      'k: |\n  -----BEGIN PRIVATE KEY-----***\nother: 1\n',
    );
    expect(mask('k: -----BEGIN PRIVATE KEY-----\nother: 1\n')).toBe('k: -----BEGIN PRIVATE KEY-----\nother: 1\n');
  });

  test('base64 of a key is masked wherever the key begins in it', () => {
    for (const before of ['', 'x', 'xx', 'Bag Attributes\n  localKeyID: 01\n']) {
      expect(mask(`{"inlineBytes":"${btoa(before + pem('PRIVATE KEY'))}"}`)).toBe('{"inlineBytes":"bm8="}');
    }
  });

  test('certificates, public keys and talk of keys stay', () => {
    for (const text of [
      pem('CERTIFICATE'),
      pem('PUBLIC KEY'),
      'a PRIVATE KEY is missing',
      btoa(pem('CERTIFICATE')),
      'spec.tls.privateKey',
    ]) {
      expect(mask(text)).toBe(text);
    }
  });

  test('JSON stays JSON, whatever is in it', () => {
    const piece = fc.constantFrom(
      '-----BEGIN',
      ' PRIVATE KEY',
      '-----',
      '-----END',
      '"',
      '\\',
      '\n',
      'MIIabc',
      'RSA',
      ' ',
      pem('PRIVATE KEY'),
      btoa(pem('PRIVATE KEY')),
    );
    const text = fc.array(piece).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(text), (values) => {
        expect(JSON.parse(mask(JSON.stringify(values)))).toHaveLength(values.length);
      }),
    );
  });
});
