import { describe, expect, test } from 'vitest';
import { createRuleCheck } from '../../../../src/admission/api-server/rules/index.ts';
import type { Rule, Schema } from '../../../../src/admission/api-server/schema.ts';

/** What the rules say of a value: field and words. */
function saidOf(schema: Schema, value: unknown): readonly string[] {
  return createRuleCheck()(schema, value).map(({ field, message }) => `${field ?? '<nil>'}: ${message}`);
}

function ruled(schema: Schema, ...rules: readonly string[]): Schema {
  return { ...schema, 'x-kubernetes-validations': rules.map((rule): Rule => ({ rule, message: 'is wrong' })) };
}

/** An object with one field of the schema given. */
function objectOf(schema: Schema): Schema {
  return { type: 'object', properties: { x: schema } };
}

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const texts: Schema = { type: 'array', items: text };
const labels: Schema = { type: 'object', additionalProperties: text };

/** What a rule says of the value of field `x`: undefined where it holds. */
function verdict(schema: Schema, rule: string, value: unknown): string | undefined {
  const [message] = createRuleCheck()(objectOf(ruled(schema, rule)), { x: value }).map((error) => error.message);
  return message?.replace(/^Invalid value: /, '');
}

describe('what is said', () => {
  test('names the value of a scalar, and neither object nor list', () => {
    expect(saidOf(objectOf(ruled(text, 'self != "a"')), { x: 'a' })).toEqual(['x: Invalid value: "a": is wrong']);
    expect(saidOf(objectOf(ruled(integer, 'self < 2')), { x: 70000 })).toEqual(['x: Invalid value: 70000: is wrong']);
    expect(saidOf(objectOf(ruled(texts, 'size(self) == 0')), { x: ['a'] })).toEqual(['x: Invalid value: is wrong']);
    expect(saidOf(objectOf(ruled(labels, 'size(self) == 0')), { x: { a: 'b' } })).toEqual(['x: Invalid value: is wrong']);
  });

  test('is said of every item and every value of a map, whose keys are in brackets', () => {
    const item = ruled(text, '!self.contains("*")');
    const schema: Schema = {
      type: 'object',
      properties: { list: { type: 'array', items: objectOf(item) }, map: { type: 'object', additionalProperties: item } },
    };
    const value = { list: [{ x: 'a' }, { x: '*' }], map: { app: '*', 'example.com/a': '*', b: 'c' } };
    expect(saidOf(schema, value)).toEqual([
      'list[1].x: Invalid value: "*": is wrong',
      'map[app]: Invalid value: "*": is wrong',
      'map[example.com/a]: Invalid value: "*": is wrong',
    ]);
  });

  test('is where the cause is written', () => {
    const schema = objectOf({ type: 'array', items: ruled(text, 'self == ""') });
    expect(createRuleCheck()(schema, { x: ['', 'a'] })[0]?.path).toEqual(['x', 1]);
  });

  test('is every rule that does not hold, in their order, with the words trimmed', () => {
    const schema: Schema = {
      ...text,
      'x-kubernetes-validations': [{ rule: 'self == "a"', message: ' first\n' }, { rule: 'true' }, { rule: 'self == "c"' }],
    };
    expect(saidOf(objectOf(schema), { x: 'b' })).toEqual([
      'x: Invalid value: "b": first',
      'x: Invalid value: "b": failed rule: self == "c"',
    ]);
  });

  test('is nothing where the field is absent or null', () => {
    const schema = objectOf(ruled(text, 'false'));
    expect(saidOf(schema, {})).toEqual([]);
    expect(saidOf(schema, { x: null })).toEqual([]);
  });

  test('is nothing by rules about a change, since there is no old object', () => {
    expect(saidOf(objectOf(ruled(text, 'self == oldSelf')), { x: 'a' })).toEqual([]);
  });
});

describe('a rule that fails', () => {
  test.each<[words: string, schema: Schema, rule: string, value: unknown]>([
    ['"object": no such key: x evaluating rule: is wrong', objectOf(text), 'self.x == "a"', {}],
    ['"object": no such key: b evaluating rule: is wrong', labels, 'self["b"] == "a"', {}],
    ["\"string\": type conversion error from 'string' to 'int' evaluating rule: is wrong", text, 'int(self) > 0', 'a'],
    ['"array": index out of bounds: 1 evaluating rule: is wrong', texts, 'self[1] == "a"', ['a']],
    ['"string": index out of range: 8 evaluating rule: is wrong', text, 'self.substring(7, 8) == "/"', 'unix://'],
    ['"integer": invalid data, expected int, got float64 evaluating rule: is wrong', integer, 'self > 0', 1e21],
  ])('says %s', (words, schema, rule, value) => {
    expect(verdict(schema, rule, value)).toBe(words);
  });

  test('says of operands that do not fit together that there is no such operator', () => {
    expect(verdict({ 'x-kubernetes-int-or-string': true }, 'self < 2', 'a')).toBe(
      '"": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: is wrong',
    );
  });

  test.each([
    ['false && self.x == "a"', false],
    ['self.x == "a" && false', false],
    ['self.x == "a" || true', true],
    ['[1, 2].exists(i, i == 1 ? self.x == "a" : true)', true],
    ['[1, 2].all(i, i == 1 ? self.x == "a" : false)', false],
    ['true ? true : self.x == "a"', true],
  ])('%s is %j all the same', (rule, holds) => {
    expect(verdict(objectOf(text), rule, {})).toBe(holds ? undefined : 'is wrong');
  });

  test.each([
    ['self.x == "a" && self.y == "a"', 'x'],
    ['self.y == self.x', 'y'],
    ['["x", "y"].all(i, i == "x" ? self.x == "a" : self.y == "a")', 'x'],
    ['["x", "y"].exists_one(i, i == "x" ? self.x == "a" : self.y == "a")', 'y'],
    ['["x", "y"].filter(i, i == "x" ? self.x == "a" : self.y == "a").size() == 0', 'y'],
  ])('%s fails by %s', (rule, key) => {
    expect(verdict({ type: 'object', properties: { x: text, y: text } }, rule, {})).toMatch(`no such key: ${key} `);
  });
});

describe('expressions', () => {
  test.each<[rule: string, schema: Schema, holding: unknown, other: unknown]>([
    ['has(self.x)', objectOf(text), { x: '' }, {}],
    ['has(self.x)', objectOf({ ...text, nullable: true }), { x: '' }, { x: null }],
    ['"x" in self', labels, { x: '' }, { y: '' }],
    ['"*" in self', texts, ['a', '*'], ['a']],
    ['self in ["", "a"]', text, 'a', 'b'],
    ['size(self) == 2', text, 'é😀', 'abc'],
    ['self.size() == 2', texts, ['a', 'b'], []],
    ['self.size() == 1', labels, { a: '' }, {}],
    ['self.all(i, i != "")', texts, [], ['a', '']],
    ['self.all(key, key.size() != 0)', labels, { a: '' }, { '': '' }],
    ['self.exists(i, i == "a")', texts, ['b', 'a'], []],
    ['self.exists_one(i, i == "a")', texts, ['b', 'a'], ['a', 'a']],
    ['self.filter(i, i == "a").size() <= 1', texts, ['a', 'b'], ['a', 'a']],
    ['self.all(a, self.exists_one(b, a == b))', texts, ['a', 'b'], ['a', 'a']],
    ['self.startsWith("unix://") ? !self.endsWith("/") : true', text, 'unix:///a', 'unix:///a/'],
    ['self.contains("//")', text, 'a//b', 'a/b'],
    ['self.matches("^[a-z]+$")', text, 'abc', 'abc1'],
    ['self.matches(r"""^(?i)\\.?[a-z]+$""")', text, '.AB', '..a'],
    ["self.matches('b')", text, 'abc', 'ac'],
    ['self.split("/")[0].size() < 2', text, 'a/bcd', 'ab/c'],
    ['self.substring(2).matches("^b")', text, 'a.b', 'a.c'],
    ['self.substring(1, 2) == "é"', text, 'aéb', 'abé'],
    ['0 < self && self <= 65535', integer, 65535, 0],
    ['int(self) == 7', text, '+007', '8'],
    ["duration(self) >= duration('1ms')", text, '1h0.5s', '999us'],
    ["duration(self) == duration('0s')", text, '0h', '1s'],
    ['isURL(self)', text, '/a', 'a/b'],
    ['isURL(self) && url(self).getScheme() in ["http", "oci"]', text, 'OCI://r/i:t', 'ftp://x'],
    ['isIP(self)', text, '10.0.0.1', '10.0.0.0/8'],
    ['isIP(self)', text, 'fe80::1', 'fe80::1%eth0'],
    ['isIP(self)', text, '::', '::ffff:1.2.3.4'],
    ['(has(self.x) ? self.x : "NONE") == "NONE"', objectOf(text), {}, { x: 'DNS' }],
    ['(has(self.x) ? self.x : []).size() == 0', objectOf(texts), {}, { x: ['a'] }],
    ['(has(self.x) ? self.x : {}).size() == 0', objectOf(labels), {}, { x: { a: 'b' } }],
    ['self.__namespace__ == "a"', { type: 'object', properties: { namespace: text } }, { namespace: 'a' }, { namespace: 'b' }],
    ['self.a__dash__b == "a"', { type: 'object', properties: { 'a-b': text } }, { 'a-b': 'a' }, { 'a-b': 'b' }],
    ['self.a__underscores__b == "a"', { type: 'object', properties: { a__b: text } }, { a__b: 'a' }, { a__b: 'b' }],
    [
      '(has(self.x) ? 1 : 0) + (has(self.y) ? 1 : 0) <= 1',
      { type: 'object', properties: { x: text, y: text } },
      { x: '' },
      { x: '', y: '' },
    ],
  ])('%s', (rule, schema, holding, other) => {
    expect(verdict(schema, rule, holding)).toBeUndefined();
    expect(verdict(schema, rule, other)).toMatch(/is wrong$/);
  });

  test('unknown fields that are kept have no key in a rule', () => {
    const kept: Schema = { type: 'object', properties: { x: text }, 'x-kubernetes-preserve-unknown-fields': true };
    expect(verdict(kept, 'has(self.x) && !has(self.y)', { x: '', y: '' })).toBeUndefined();
  });

  test.each<[type: 'atomic' | 'map' | 'set', holds: boolean]>([
    ['atomic', false],
    ['set', true],
  ])('lists of type %s are compared %j of their order', (type, holds) => {
    const list: Schema = { ...texts, 'x-kubernetes-list-type': type };
    const schema: Schema = { type: 'object', properties: { a: list, b: list } };
    expect(verdict(schema, 'self.a == self.b', { a: ['x', 'y'], b: ['x', 'y'] })).toBeUndefined();
    expect(verdict(schema, 'self.a == self.b', { a: ['x', 'y'], b: ['y', 'x'] }) === undefined).toBe(holds);
    expect(verdict(schema, 'self.a == self.b', { a: ['x', 'y'], b: ['x', 'z'] })).toBe('is wrong');
  });

  test('lists of type map are compared by their keys', () => {
    const items: Schema = { type: 'object', properties: { name: text, port: integer } };
    const list: Schema = { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
    const schema: Schema = { type: 'object', properties: { a: list, b: list } };
    const [first, second] = [{ name: 'x', port: 1 }, { name: 'y' }];
    expect(verdict(schema, 'self.a == self.b', { a: [first, second], b: [second, first] })).toBeUndefined();
    expect(verdict(schema, 'self.a == self.b', { a: [first], b: [{ name: 'x', port: 2 }] })).toBe('is wrong');
  });
});

describe('url() of what is none', () => {
  test.each([
    ['', 'empty url'],
    ['a.example.com/k', 'invalid URI for request'],
    [':a', 'missing protocol scheme'],
    ['https://a b/k', 'invalid character " " in host name'],
    ['https://a:b/', 'invalid port ":b" after host'],
    ['https://[::1', "missing ']' in host"],
    ['https://u s@a/', 'net/url: invalid userinfo'],
    ['https://a/%zz', 'invalid URL escape "%zz"'],
    ['https://a/\u0001', 'net/url: invalid control character in URL'],
  ])('says what Go says of %j', (url, words) => {
    const said = verdict(text, 'url(self).getScheme() == "https"', url);
    expect(said).toBe(
      `"string": URL parse error during conversion from string: parse ${JSON.stringify(url).replace('\\u0001', '\\x01')}: ${words} evaluating rule: is wrong`,
    );
  });
});
