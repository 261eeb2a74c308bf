import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALWAYS, allOf, anyOf, assumed, type Formula, NEVER, not, textTest } from '../../../src/request-space/formula.ts';
import { USUAL_LIMITS } from '../../../src/request-space/limits.ts';
import type { KnownVariables, PartValue } from '../../../src/request-space/variables.ts';
import { type Vocabulary, withVocabulary } from '../../../src/request-space/vocabulary.ts';
import { holds, someText, someTextTest } from '../../support/request-space.ts';

const path = { kind: 'path' } as const;
const claim = { kind: 'claim', issuer: 'i', path: ['groups'] } as const;
const prefix = (text: string): Formula => textTest(path, { kind: 'prefix', text });
const exact = (text: string): Formula => textTest(path, { kind: 'exact', text });
const regex = (expression: string): Formula => textTest(path, { kind: 'regex', expression });
const header = (name: string, text: string): Formula => textTest({ kind: 'header', name }, { kind: 'exact', text });
const method = (text: string): Formula => textTest({ kind: 'method' }, { kind: 'exact', text });
const port = (start: number, end: number): Formula => ({ kind: 'port', dimension: { kind: 'destinationPort' }, start, end });
const source = (address: string, length: number): Formula => ({
  kind: 'range',
  dimension: { kind: 'sourceAddress' },
  address,
  length,
});
const token = (is: 'invalid' | 'valid'): Formula => ({ kind: 'token', dimension: { kind: 'token', issuer: 'i' }, is });
const group = (text: string): Formula => textTest(claim, { kind: 'exact', text });

/** What is asked in a vocabulary, which takes few states here. */
function ask<T>(formulas: readonly Formula[], question: (vocabulary: Vocabulary) => T): T {
  const answer = withVocabulary(formulas, question);
  if (typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'gaveUp') throw new Error('gave up');
  return answer as T;
}

/** The parts of a witness, shortly. */
function shortly(witness: readonly PartValue[] | undefined): readonly unknown[] | undefined {
  return witness?.map((value) => {
    if (value.kind === 'text') return value.text;
    if (value.kind === 'claim') return value.texts;
    if (value.kind === 'token') return value.is;
    if (value.kind === 'port') return value.port;
    return value.kind === 'address' ? value.address : value.holds;
  });
}

const someAddress = fc.constantFrom(
  '10.0.0.0',
  '10.1.0.0',
  '10.1.2.3',
  '192.168.0.0',
  '::1',
  '2001:db8::',
  '::ffff:10.1.2.3',
  'x',
);
const someTest: fc.Arbitrary<Formula> = fc.oneof(
  someTextTest.map((one) => textTest(path, one)),
  someTextTest.map((one) => textTest({ kind: 'header', name: 'x' }, one)),
  someTextTest.map((one) => textTest(claim, one)),
  fc.constantFrom(
    token('invalid'),
    token('valid'),
    method('GET'),
    method('CONNECT'),
    assumed('a script'),
    group('a'),
    group('b'),
  ),
  fc.tuple(fc.nat(500), fc.nat(70_000)).map(([start, end]) => port(start, end)),
  fc.tuple(someAddress, fc.nat(40)).map(([address, length]) => source(address, length)),
);
const someFormula: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 3, arbitrary: someTest },
    { weight: 1, arbitrary: fc.array(tie('formula'), { maxLength: 3 }).map(allOf) },
    { weight: 1, arbitrary: fc.array(tie('formula'), { maxLength: 3 }).map(anyOf) },
    { weight: 1, arbitrary: tie('formula').map(not) },
  ),
})).formula;

describe('sets of requests', () => {
  test('that a list of many texts tells apart take little more than the list', () => {
    const hosts = Array.from({ length: 2_000 }, (_, at) => exact(`/${at}`));
    const answer = withVocabulary(
      [...hosts, ALWAYS],
      ({ partAt, isSubset, setOf, nothing }) => {
        const [one, others] = [partAt(hosts, 1_500), partAt([...hosts, ALWAYS], hosts.length)];
        return [one === nothing, isSubset(one, setOf(anyOf(hosts))), isSubset(others, setOf(not(anyOf(hosts))))];
      },
      { ...USUAL_LIMITS, size: 120_000 },
    );
    expect(answer).toEqual([false, true, true]);
  });

  test('of claims of many issuers are as large as their number, not as all ways to have tokens of them', () => {
    const issuers = Array.from({ length: 40 }, (_, at) => `issuer ${at}`);
    const claims = issuers.map((issuer) => textTest({ kind: 'claim', issuer, path: ['groups'] }, { kind: 'exact', text: 'a' }));
    const tokens = issuers.map((issuer): Formula => ({ kind: 'token', dimension: { kind: 'token', issuer }, is: 'valid' }));
    const answer = withVocabulary(
      [...claims, ...tokens],
      ({ isSubset, setOf, nothing, intersection }) => {
        const [claimed, valid] = [setOf(anyOf(claims)), setOf(anyOf(tokens))];
        const [first = ALWAYS, ...others] = tokens;
        const [claim = ALWAYS] = claims;
        return [
          isSubset(claimed, valid),
          isSubset(setOf(claim), setOf(first)),
          intersection(setOf(claim), setOf(anyOf(others))) === nothing,
        ];
      },
      { ...USUAL_LIMITS, size: 30_000 },
    );
    expect(answer).toEqual([true, true, false]);
  });

  test('have witnesses of whom their formula holds, by the matchers of traces', () => {
    fc.assert(
      fc.property(fc.array(someFormula, { minLength: 1, maxLength: 4 }), (formulas) => {
        withVocabulary(formulas, (vocabulary) => {
          for (const formula of formulas) {
            for (const one of [formula, not(formula)]) {
              const witness = vocabulary.witness(vocabulary.setOf(one));
              if (witness !== undefined) expect([witness, holds(one, witness)]).toEqual([witness, true]);
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test('hold a request where its formula does', () => {
    const request = fc.record({
      path: someText,
      value: fc.option(someText),
      claims: fc.subarray(['a', 'b', 'x']),
      port: fc.nat(600),
    });
    fc.assert(
      fc.property(fc.array(someFormula, { minLength: 1, maxLength: 4 }), request, (formulas, sent) => {
        const isHeader = { kind: 'header', name: 'x' } as const;
        const values: PartValue[] = [
          { kind: 'text', dimension: path, text: `/${sent.path}` },
          { kind: 'text', dimension: isHeader, text: sent.value ?? undefined },
          { kind: 'token', dimension: { kind: 'token', issuer: 'i' }, is: 'valid' },
          { kind: 'claim', dimension: claim, texts: sent.claims },
          { kind: 'port', dimension: { kind: 'destinationPort' }, port: sent.port },
          { kind: 'address', dimension: { kind: 'sourceAddress' }, address: '10.1.2.3' },
          { kind: 'text', dimension: { kind: 'method' }, text: 'GET' },
        ];
        const value = textTest(isHeader, { kind: 'exact', text: sent.value ?? '' });
        const groups = ['a', 'b', 'x'].map((text) => (sent.claims.includes(text) ? group(text) : not(group(text))));
        const other = textTest(claim, { kind: 'regex', expression: '(?s)(?:[^abx]|..+)?' });
        const itself = allOf([
          exact(`/${sent.path}`),
          sent.value === null ? not(textTest(isHeader, { kind: 'present' })) : value,
          ...[...groups, not(other), token('valid'), port(sent.port, sent.port + 1), source('10.1.2.3', 32), method('GET')],
          not(assumed('a script')),
        ]);
        withVocabulary([...formulas, itself], (vocabulary) => {
          const set = vocabulary.setOf(itself);
          for (const formula of formulas) {
            const isInside = vocabulary.isSubset(set, vocabulary.setOf(formula));
            expect([values, formula, isInside]).toEqual([values, formula, set === vocabulary.nothing || holds(formula, values)]);
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  test('of a list are what each formula is the first to hold of', () => {
    fc.assert(
      fc.property(fc.array(someFormula, { minLength: 1, maxLength: 6 }), (formulas) => {
        withVocabulary(formulas, (vocabulary) => {
          const parts = vocabulary.partition(formulas);
          parts.forEach((part, place) => {
            const witness = vocabulary.witness(part);
            if (witness !== undefined) expect(formulas.findIndex((formula) => holds(formula, witness))).toBe(place);
            for (const other of parts.slice(place + 1)) expect(vocabulary.intersection(part, other)).toBe(vocabulary.nothing);
          });
          expect(parts.reduce(vocabulary.union, vocabulary.nothing)).toBe(vocabulary.setOf(anyOf(formulas)));
          for (const [place, part] of parts.entries()) expect(vocabulary.partAt(formulas, place)).toBe(part);
          expect(vocabulary.partAt(formulas, formulas.length)).toBe(vocabulary.setOf(not(anyOf(formulas))));
        });
      }),
      { numRuns: 60 },
    );
  });

  test('are the same if they hold the same requests, however they are written', () => {
    const pairs: readonly (readonly [Formula, Formula])[] = [
      [prefix('/'), regex('/.*')],
      [textTest(path, { kind: 'segments', text: '/a' }), anyOf([exact('/a'), prefix('/a/')])],
      [textTest(path, { kind: 'exact', text: '/aB', ignoringCase: true }), regex('/[aA][bB]')],
      [not(anyOf([prefix('/a'), header('x', '1')])), allOf([not(prefix('/a')), not(header('x', '1'))])],
      [
        textTest(path, { kind: 'replaced', prefix: '/v1', by: '/api', test: { kind: 'prefix', text: '/api' } }),
        regex('(/v1|/api).*'),
      ],
      [anyOf([port(1, 10), port(10, 20)]), port(1, 20)],
      [anyOf([source('10.0.0.0', 9), source('10.128.0.0', 9)]), source('10.77.0.0', 8)],
      [anyOf([method('A'), not(method('A'))]), ALWAYS],
      [allOf([group('a'), not(token('valid'))]), NEVER],
    ];
    for (const [a, b] of pairs) {
      expect(ask([a, b], (vocabulary) => vocabulary.setOf(a) === vocabulary.setOf(b))).toBe(true);
    }
  });

  test('a claim can have two texts at once, a header cannot', () => {
    const both = allOf([group('a'), group('b')]);
    expect(ask([both], (vocabulary) => shortly(vocabulary.witness(vocabulary.setOf(both))))).toEqual(['valid', ['a', 'b']]);
    const twice = allOf([header('x', 'a'), header('x', 'b')]);
    expect(ask([twice], (vocabulary) => vocabulary.setOf(twice) === vocabulary.nothing)).toBe(true);
  });

  test('know what no request is', () => {
    const impossible = [
      allOf([not(textTest(path, { kind: 'present' })), method('GET')]),
      allOf([
        textTest({ kind: 'identity' }, { kind: 'present' }),
        not(textTest({ kind: 'transport' }, { kind: 'exact', text: 'tls' })),
      ]),
      exact('relative'),
      textTest({ kind: 'method' }, { kind: 'exact', text: 'GET ' }),
      port(70_000, 80_000),
    ];
    for (const formula of impossible) {
      expect(ask([formula], (vocabulary) => vocabulary.setOf(formula) === vocabulary.nothing)).toBe(true);
    }
  });

  test('have witnesses that are read easily', () => {
    const formula = allOf([
      ...[prefix('/api'), not(exact('/api')), not(method('GET')), source('172.16.0.0', 12), port(0, 90)],
      textTest({ kind: 'identity' }, { kind: 'regex', expression: '.*/ns/shop/.*' }),
      textTest({ kind: 'authority' }, { kind: 'suffix', text: '.example.com' }),
    ]);
    expect(ask([formula], (vocabulary) => shortly(vocabulary.witness(vocabulary.setOf(formula))))).toEqual([
      ...[80, '172.16.0.1', 'spiffe://a/ns/shop/sa/a', 'a.example.com', '/apia', 'POST'],
    ]);
  });

  test('of a path with its query and of the path alone are of one request', () => {
    const target = (expression: string): Formula => textTest({ kind: 'target' }, { kind: 'regex', expression });
    const formulas = [allOf([exact('/a'), target('/b.*')]), allOf([exact('/a'), target('/a\\?x=.+')])];
    expect(ask(formulas, (vocabulary) => formulas.map((one) => shortly(vocabulary.witness(vocabulary.setOf(one)))))).toEqual([
      undefined,
      ['/a?x=a'],
    ]);
  });

  test('are not known of tests that the vocabulary was not made with', () => {
    expect(ask([prefix('/a')], ({ knows }) => [knows(not(prefix('/a'))), knows(prefix('/b'))])).toEqual([true, false]);
  });
});

describe('a question that is too large', () => {
  test.each([
    ['states', [regex('.*a.{40}b.*')], { states: 200 }],
    ['work', [regex('.*a.{40}b.*')], { work: 1000 }],
    ['size', [allOf([prefix('/a'), method('GET'), header('x', 'a'), header('y', 'b')])], { size: 5 }],
  ] as const)('is given up, and the answer says that it was the %s', (at, formulas, limits) => {
    const answer = withVocabulary(formulas, (vocabulary) => formulas.map(vocabulary.setOf), { ...USUAL_LIMITS, ...limits });
    expect(answer).toEqual({ kind: 'gaveUp', at, limit: Object.values(limits)[0] });
  });

  test('is one about parameters of a query beside all of it', () => {
    const both = [textTest({ kind: 'target' }, { kind: 'present' }), textTest({ kind: 'query', name: 'a' }, { kind: 'present' })];
    expect(withVocabulary(both, () => 1)).toEqual({ kind: 'gaveUp', at: 'query', limit: 0 });
  });

  test('is remembered with what was known, until more work is allowed', () => {
    const agents = ['a', 'b', 'c'].map((letter) =>
      textTest({ kind: 'header', name: 'user-agent' }, { kind: 'regex', expression: `.*${letter}.*x${letter}.*` }),
    );
    const known: KnownVariables = new Map();
    const ask = (work: number) => withVocabulary(agents, () => 'answered', { ...USUAL_LIMITS, work }, known);
    expect([ask(300), ask(200), ask(300)]).toEqual(Array(3).fill({ kind: 'gaveUp', at: 'work', limit: 300 }));
    expect([...known.values()]).toMatchObject([{ gaveUp: { limit: 300 }, work: 300 }]);
    expect(ask(USUAL_LIMITS.work)).toBe('answered');
    expect(ask(300)).toBe('answered');
  });
});

test('an ordered list of five hundred routes is told apart in no time', { timeout: 30_000 }, () => {
  const routes = Array.from({ length: 500 }, (_, place): Formula => {
    const text = `/service-${place % 97}/api/v${place}-`;
    const plain = place % 2 === 0 ? prefix(text) : exact(text);
    const base =
      place % 10 === 0 ? regex(`/users/[^/]+/items-${place}/\\d+`) : place % 10 === 1 ? regex(`.*\\.x${place % 30}`) : plain;
    return place % 5 === 0 ? allOf([base, header(`x-${place % 4}`, `v${place % 3}`)]) : base;
  });
  const dead = [3, 400].map((place) => routes[place] ?? ALWAYS);
  const empty = ask([...routes, ...dead], (vocabulary) =>
    vocabulary.partition([...routes, ...dead]).flatMap((set, place) => (set === vocabulary.nothing ? [place] : [])),
  );
  expect(empty.filter((place) => place >= 500 || place % 10 !== 1)).toEqual([500, 501]);
});
