import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findsPattern } from '../../../../src/admission/api-server/patterns.ts';
import { findsExpression } from '../../../../src/util/re2.ts';

const folder = join(import.meta.dirname, '../../../../schemas/api-server');
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));
const patterns = [
  ...new Set(
    texts.flatMap((text) => [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, json = '']) => JSON.parse(json))),
  ),
] as readonly string[];

const samples = [
  ...['', 'a', 'A', '9', '-', '_', '.', '*', '/', ' ', '\t', '\n', 'é', '😀', '%', '%2F', '%zz', 'a\n', '\na'],
  ...[
    'a.b',
    'a..b',
    '.a',
    'a.',
    '-a',
    'a-',
    'a-b.c-d',
    '*.a.b',
    '*a',
    'a.*',
    'a/b',
    'a.b/c',
    '/a',
    'a/',
    'a/b/c',
    'a.b/C_d.e',
    'A/b',
  ],
  ...[
    'HTTP',
    'HTTPS',
    'foo.com/Bar',
    'x y/z',
    'y/z',
    'y/z!',
    'Hostname',
    'aHostname',
    'IPAddress',
    'xIPAddressx',
    'NamedAddress',
    'b/c?',
  ],
  ...[
    '1h',
    '1h30m',
    '500ms',
    '1d',
    '100000s',
    '1h1h1h1h',
    '1h1h1h1h1h',
    '0.5s',
    'text/plain',
    'a b c',
    'a  b',
    ' a',
    'a ',
    'a\tb',
  ],
  ...[
    'https://a.b:80',
    'http://*.a',
    '*',
    'ftp://x',
    'x://y:99999',
    'spiffe://a/b',
    'System',
    'a/b-C',
    'X-Header',
    'x_y',
    "x!#$%&'*+`|~",
  ],
  ...['a'.repeat(64), 'f'.repeat(64), `${'a.'.repeat(200)}b`, `${'a '.repeat(200)}b`, `${'-'.repeat(500)}!`],
];

describe('a pattern of the definitions', () => {
  test.each(patterns)('%s finds what RE2 finds', (pattern) => {
    expect(samples.filter((text) => findsPattern(pattern, text) !== findsExpression(pattern, text))).toEqual([]);
  });

  test('takes no longer for a text that is made to be hard', () => {
    const hard = [`${'a'.repeat(50_000)}\u0000`, `${'a.'.repeat(25_000)}\u0000`, `${'a/'.repeat(25_000)}\u0000`];
    for (const pattern of patterns) for (const text of hard) expect(typeof findsPattern(pattern, text)).toBe('boolean');
  }, 60_000);
});
