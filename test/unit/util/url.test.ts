import { describe, expect, test } from 'vitest';
import { parseRequestUri, parseUrl } from '../../../src/util/url.ts';

describe('parseUrl', () => {
  test('parts the scheme from the rest', () => {
    expect(parseUrl('OCI://registry.example/x:1')).toEqual({ scheme: 'oci', rest: '//registry.example/x:1' });
    expect(parseUrl('registry.example/x:1')).toEqual({ scheme: '', rest: 'registry.example/x:1' });
    expect(parseUrl('/path')).toEqual({ scheme: '', rest: '/path' });
    expect(parseUrl('')).toEqual({ scheme: '', rest: '' });
  });

  test.each(['a\tb', 'http://a%zz/', 'http://host:port/', '1host:80/x', 'http://[::1', ':x'])('%j is refused', (text) => {
    expect(parseUrl(text)).toBeUndefined();
  });

  test.each(['http://host:80/', 'http://[::1]:80/', 'localhost:5000/x', '/a?b=%zz', 'mailto:a%zz', 'http://u:p@host/'])(
    '%j is accepted',
    (text) => {
      expect(parseUrl(text)).toBeDefined();
    },
  );
});

test.each(['http://a b/', 'http://a[::1]/', 'http://u^@host/', 'http://%41/', 'http://a/#%zz'])(
  '%j has no host or fragment',
  (text) => {
    expect(parseUrl(text)).toBeUndefined();
  },
);

describe('parseRequestUri', () => {
  test.each(['/path', 'http://host/path', 'oci://host:5000/x', '*'])('%j can stand in a request', (text) => {
    expect(parseRequestUri(text)).toBeDefined();
  });

  test.each(['', 'path', '#fragment', 'http://host#x', 'http://host/%'])('%j cannot', (text) => {
    expect(parseRequestUri(text)).toBeUndefined();
  });
});
