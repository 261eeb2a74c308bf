import { describe, expect, test } from 'vitest';
import { pemBlocks } from '../../../src/util/pem.ts';

const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

describe('blocks of a PEM text', () => {
  test('are found one after the other, whatever stands between them', () => {
    const text = `subject: a\n${block('CERTIFICATE', 'YQ==')}noise\n${block('PRIVATE KEY', 'Yg==')}`;
    expect(pemBlocks(text).map(({ label, body }) => [label, body])).toEqual([
      ['CERTIFICATE', 'YQ=='],
      ['PRIVATE KEY', 'Yg=='],
    ]);
    expect(pemBlocks(text)[0]?.text).toBe('-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----');
  });

  test('may end their lines as Windows does', () => {
    expect(pemBlocks(block('CERTIFICATE', 'YQ==').replaceAll('\n', '\r\n')).map(({ label }) => label)).toEqual(['CERTIFICATE']);
  });

  test.each([
    ['no end', '-----BEGIN CERTIFICATE-----\nYQ==\n'],
    ['another end', '-----BEGIN CERTIFICATE-----\nYQ==\n-----END PRIVATE KEY-----\n'],
    ['text before it on its line', ` ${block('CERTIFICATE', 'YQ==')}`],
    ['one line', '-----BEGIN CERTIFICATE-----'],
    ['nothing', ''],
  ])('need their two lines: %s', (_, text) => {
    expect(pemBlocks(text)).toEqual([]);
  });

  test('a beginning without its end hides no later block', () => {
    expect(pemBlocks(`-----BEGIN A-----\n${block('B', 'YQ==')}`).map(({ label }) => label)).toEqual(['B']);
  });

  test('many beginnings take no longer than their text', () => {
    expect(pemBlocks('-----BEGIN CERTIFICATE-----\n'.repeat(200_000))).toEqual([]);
    expect(pemBlocks('-----BEGIN A-----\n'.repeat(200_000) + block('B', ''))).toHaveLength(1);
    expect(pemBlocks('-----BEGIN A-----\n-----END B-----\n'.repeat(100_000))).toEqual([]);
  });
});
