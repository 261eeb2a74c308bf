import { describe, expect, test } from 'vitest';
import type { HttpConnectionManager } from '../../../src/envoy/api.gen.ts';
import { normalizePath } from '../../../src/trace/path.ts';

function path(text: string, options: HttpConnectionManager) {
  const normalized = normalizePath(text, options);
  return normalized.kind === 'rejected' ? undefined : normalized.path;
}

describe('path normalisation', () => {
  test('without options a path stays as it is', () => {
    expect(path('//a/../b%2F', {})).toBe('//a/../b%2F');
  });

  test('dot segments go, unreserved characters are decoded, the query stays', () => {
    expect(path('/a/../b/./c', { normalizePath: true })).toBe('/b/c');
    expect(path('/a/%2e%2e/b?x=/../', { normalizePath: true })).toBe('/b?x=/../');
    expect(path('/a/..', { normalizePath: true })).toBe('/');
  });

  test('slashes are merged where asked for', () => {
    expect(path('//a///b', { normalizePath: true, mergeSlashes: true })).toBe('/a/b');
    expect(path('//a///b', { normalizePath: true })).toBe('//a///b');
  });

  test('escaped slashes are decoded first, so that dot segments behind them go too', () => {
    expect(path('/a%2f%2e%2e%5Cb', { normalizePath: true, pathWithEscapedSlashesAction: 'UNESCAPE_AND_FORWARD' })).toBe('/b');
    expect(path('/a%2fb', { pathWithEscapedSlashesAction: 'REJECT_REQUEST' })).toBeUndefined();
    expect(normalizePath('/a%2fb', { pathWithEscapedSlashesAction: 'UNESCAPE_AND_REDIRECT' })).toEqual({
      kind: 'redirect',
      path: '/a/b',
    });
  });
});
