import { expect, test } from 'vitest';
import { readCel } from '../../../src/util/cel/calls.ts';
import { celSyntaxProblem, parseCel } from '../../../src/util/cel/parse.ts';

test.each([
  'response.code >= 400',
  '!has(request.headers["a"].b) || a.b == "x" ? 1 : -2u',
  'a in [1, 2, 3,] && size({"k": 1.5e3}) > 0',
  'list.exists(x, x.startsWith(r"\\d")) && l.map(i, i > 1, i * 2) == []',
  'google.type.Expr{value: 1}',
  "b'bytes' + '''several\nlines''' // comment",
  '.a.b[0].c(1)(2)'.replace('(2)', ''),
  '-(1 + 2) * 3 % 4 / -5',
])('%j is an expression', (text) => {
  expect(celSyntaxProblem(text)).toBeUndefined();
});

test.each([
  ['', "1:1: Syntax error: unexpected '<EOF>'"],
  ['a ==', "1:5: Syntax error: unexpected '<EOF>'"],
  ['a b', "1:3: Syntax error: unexpected 'b'"],
  ['a\n & b', "2:2: Syntax error: token recognition error at: '&'"],
  ['"open', `1:1: Syntax error: token recognition error at: '"'`],
  ['-!a', "1:2: Syntax error: unexpected '!'"],
  ['for', '1:1: Syntax error: reserved identifier: for'],
  ['a.in', "1:3: Syntax error: unexpected 'in'"],
  ['a.?b', "1:3: Syntax error: unexpected '?'"],
  ['9223372036854775808', '1:1: Syntax error: invalid int literal'],
])('%j is none', (text, problem) => {
  expect(celSyntaxProblem(text)).toBe(`ERROR: <input>:${problem}`);
});

test.each(['has(a)', 'has(a[0])', 'l.all(a.b, true)', 'l.filter(1, true)'])('%j is no use of its macro', (text) => {
  expect(celSyntaxProblem(text)).toBeDefined();
});

test('macros are such with their number of arguments only', () => {
  expect(celSyntaxProblem('l.all(1)')).toBeUndefined();
  expect(celSyntaxProblem('has(a, b)')).toBeUndefined();
});

test('an expression that is too deep is refused', () => {
  expect(celSyntaxProblem(`${'('.repeat(300)}1${')'.repeat(300)}`)).toMatch(/recursion limit/);
});

test('an expression may be as long as it likes', () => {
  expect(readCel(`${'!'.repeat(100_000)}a${' + f(a)'.repeat(50_000)}${'.a'.repeat(50_000)}`)).toMatchObject({
    calls: { length: 50_000 },
  });
});

test('the calls of an expression come after those that they are given', () => {
  const reading = readCel('math.max(size(a), b.all(x, x.contains("c")))');
  expect('calls' in reading && reading.calls).toEqual([
    { name: 'size', receiver: undefined, hasReceiver: false, count: 1, isComprehension: false },
    { name: 'contains', receiver: 'x', hasReceiver: true, count: 1, isComprehension: false },
    { name: 'all', receiver: 'b', hasReceiver: true, count: 2, isComprehension: true },
    { name: 'max', receiver: 'math', hasReceiver: true, count: 2, isComprehension: false },
  ]);
});

test.each<[text: string, value: string | number | boolean | null]>([
  [String.raw`'a\n\x41\u00e9\U0001F600\101\"'`, 'a\nA\u00e9\u{1f600}A"'],
  [String.raw`r"\d"`, String.raw`\d`],
  ['"""a\n"b"""', 'a\n"b'],
  ['-0x10', -16],
  ['7u', 7],
  ['1.5e3', 1500],
  ['null', null],
  ['true', true],
])('%s is a literal', (text, value) => {
  expect(parseCel(text)).toEqual({ node: { kind: 'literal', value } });
});
