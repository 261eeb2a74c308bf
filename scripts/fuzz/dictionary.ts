import type { Random } from './random.ts';

/** Texts that have broken programs before, by what they pretend to be. */
const texts: readonly string[] = [
  // names
  '',
  ' ',
  'a',
  '*',
  '.',
  '..',
  '~',
  '/',
  '../../etc/passwd',
  './*',
  '*/*',
  '~/*',
  '*.',
  '*.*',
  '*.com',
  '*foo',
  'foo.*',
  '.com',
  'a..b',
  '-a-',
  'a_b.c',
  'UPPER.Case',
  'xn--nxasmq6b',
  'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p',
  'mesh',
  'default',
  'istio-system',
  'istio-system/gateway',
  'cluster.local',
  'spiffe://cluster.local/ns/a/sa/b',
  'outbound|80||a.b.svc.cluster.local',
  'inbound|80||',
  'kubernetes-gateway://a/b',
  'unix:///var/run/x.sock',
  'unix://@x',
  // names of members that objects have without being asked
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  // characters
  '\u0000',
  'a\u0000b',
  '\u001b[31mred\u001b[0m',
  'a\r\nb',
  '\t',
  '\u0085\u2028',
  '\u202e abc',
  '\ufeff',
  'é',
  '日本語',
  '😀',
  '\ud800',
  "'",
  '"',
  '`',
  '|',
  '<script>alert(1)</script>',
  '$(id)',
  '```\n# x',
  // scalars in disguise
  'null',
  'true',
  'yes',
  'off',
  '1',
  '-1',
  '010',
  '0x10',
  '1e3',
  '1_000',
  '.nan',
  '2001-01-01',
  '2026-01-01T00:00:00Z',
  '9999-99-99T99:99:99Z',
  // durations and quantities
  '0s',
  '-1s',
  '1ns',
  '0.0000000001s',
  '1h1m1.5s',
  '9223372036854775807s',
  '99999999999h',
  's',
  '1d',
  '100%',
  '-5%',
  '10Mi',
  // expressions
  '(',
  '[',
  '(a+)+$',
  '(a|a)*b',
  '(x+x+)+y',
  '.*',
  '(?i)abc',
  '(?=x)',
  '(?<n>x)',
  '(?P<n>x)',
  '\\1',
  '\\C',
  '\\p{Greek}',
  '[[:alpha:]]',
  'a{1000}',
  'a{1001}',
  '(a{1000}){1000}',
  '((((((((((x))))))))))',
  '^$',
  '[^\\x00-\\x{10FFFF}]',
  // paths and templates
  '/{a}',
  '/{*}',
  '/{**}',
  '/{**}/{*}',
  '/{',
  '/a/{*}/b/{**}.jpg',
  '/%2e%2e/',
  '/a//b',
  '/a?b#c',
  'a/b/c',
  // formats
  '%',
  '%%',
  '%REQ(',
  '%REQ(X?Y):3%',
  '%START_TIME(%s)%',
  '%UNKNOWN%',
  '{{ .Values.x }}',
  // addresses
  '0.0.0.0',
  '0.0.0.0/0',
  '::',
  '::/0',
  '::1',
  '::ffff:10.0.0.1',
  '10.0.0.0/8',
  '10.0.0.0/33',
  '10.0.0.1/08',
  '300.1.1.1',
  '1.2.3.4.5',
  '240.240.0.1',
  // things with a syntax of their own
  'Bearer x',
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'AAAA',
  'http://a:99999/',
  'https://[::1]:443/x',
  'a:b:c',
  'header: value',
  'request.headers[',
  'request.auth.claims[a][b]',
  'experimental.envoy.filters.network.x[y]',
  '{}',
  '[]',
  '{"a":',
  '- - - a',
  'a: &b [*b]',
  'metrics(host)',
  'size(request.headers["a"]) > 0',
  'has(',
];

const numbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2,
  7,
  42,
  99,
  0.5,
  -0.1,
  1.5,
  100,
  101,
  255,
  256,
  999,
  1000,
  15006,
  15001,
  65535,
  65536,
  1e9,
  2147483647,
  2147483648,
  -2147483648,
  4294967295,
  4294967296,
  9007199254740992,
  1e21,
  1e308,
  -1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];

/** A value that hardly any field expects. */
export function nastyValue(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
    case 1:
      return random.pick(numbers);
    case 2:
      return random.pick([true, false, null]);
    case 3:
      return random.pick([[], {}, [null], [[]], [{}], { '': '' }, { a: null }, [''], [0, 'a', null, [], {}]]);
    case 4:
      return nested(random);
    case 5:
      return random.pick(texts).repeat(random.pick([2, 3, 100]));
    case 6:
      return random.pick(['a', '.', '*', 'a.', '/', '(', 'é']).repeat(random.pick([63, 64, 253, 254, 5000]));
    case 7:
      // JSON knows no difference between a key and the prototype; a literal does.
      return JSON.parse(
        `{"${random.pick(['__proto__', 'constructor', 'toString'])}": ${random.pick(['{"x": 1}', '"x"', '1', 'null'])}}`,
      );
    default:
      return nastyText(random);
  }
}

/** A text that hardly any field expects. */
export function nastyText(random: Random): string {
  return random.pick(texts);
}

/** A name that no field has. */
export function nastyKey(random: Random): string {
  return random.pick([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    ' ',
    '0',
    '*',
    'é',
    'a.b/c',
    '@type',
    '\u001b[31m',
    '$ref',
  ]);
}

/** A list or an object in a list or an object, and so on. */
function nested(random: Random): unknown {
  const depth = random.pick([5, 30, 200, 2000]);
  let value: unknown = random.pick<unknown>(['x', 1, {}, []]);
  for (let level = 0; level < depth; level++) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}
