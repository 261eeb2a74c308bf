import { describe, expect, test } from 'vitest';
import { quotableText } from '../../../src/source/quotable.ts';

const quotable = (text: string): string => quotableText({ file: 'a.yaml', text });

describe('what may be quoted of a text', () => {
  test('is all of it where there are no secrets', () => {
    const text = 'apiVersion: v1\r\nkind: Service # the secret one\r\nmetadata: {name: a}\n---\n# nothing\n';
    expect(quotable(text)).toBe(text);
    expect(quotable('')).toBe('');
  });

  test('of a Secret, the values and comments are stars in their place', () => {
    expect(
      quotable(`apiVersion: v1
kind: Secret # ours
metadata:
  name: a
type: Opaque
stringData:
  password: "a b" # old: c
  text: |
    one
    two
  folded: one
    two
data: {key: YQ==, other: 'Yg=='}
---
kind: Service
`),
    ).toBe(`apiVersion: v1
kind: Secret * ****
metadata:
  name: a
type: Opaque
stringData:
  password: ** ** * **** *
  text: *
    ***
    ***
  folded: ***
    ***
data: {key: ****, other: ******}
---
kind: Service
`);
  });

  test('of a Secret that cannot be read, only the keys', () => {
    expect(quotable('kind: Secret\nstringData:\n  password: [a\n  b\n- c: d\n')).toBe(
      'kind: ******\nstringData:\n  password: **\n  *\n- c: *\n',
    );
    expect(quotable('{"kind":"Secret","data":{"a":"b",,}}')).toMatch(/^\*+$/);
  });

  test('of a list, what is no Secret', () => {
    expect(quotable('{"kind":"List","items":[{"kind":"Service","x":"y"},{"kind":"Secret","data":{"a":"b"}}]}')).toBe(
      '{"kind":"List","items":[{"kind":"Service","x":"y"},{"kind":"Secret","data":{"a":***}}]}',
    );
    expect(quotable('kind: SecretList\nitems:\n- data: {a: b}\n')).toBe('kind: SecretList\nitems:\n- data: {a: *}\n');
  });

  test('of private keys, the first and the last line', () => {
    expect(
      quotable('kind: ConfigMap\ndata:\n  k: |\n    -----BEGIN PRIVATE KEY-----\n    MIIa\n    -----END PRIVATE KEY-----\n'),
    ).toBe('kind: ConfigMap\ndata:\n  k: |\n    -----BEGIN PRIVATE KEY-----\n    ****\n    -----END PRIVATE KEY-----\n');
  });

  test('of a text that nobody named, nothing', () => {
    expect(quotableText({ file: 'a.yaml', text: 'token', isForeign: true })).toBe('');
  });
});
