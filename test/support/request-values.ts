import { CLIENT_SUBJECT, keyOfDimension } from '../../src/request-space/dimensions.ts';
import type { Dimension, Formula, TextTest } from '../../src/request-space/formula.ts';
import { type PartValue, testsIn } from '../../src/request-space/variables.ts';
import { passesText } from '../../src/trace/recording/passes-text.ts';
import type { Reading } from '../../src/trace/recording/recorder.ts';
import { inRange } from '../../src/trace/strings.ts';
import { compileExpression } from '../../src/util/re2.ts';

/** Whether a formula holds of a request whose parts have these values; parts without a value are absent. */
export function holdsOf(formula: Formula, values: readonly PartValue[]): boolean {
  switch (formula.kind) {
    case 'all':
      return formula.of.every((part) => holdsOf(part, values));
    case 'any':
      return formula.of.some((part) => holdsOf(part, values));
    case 'not':
      return !holdsOf(formula.of, values);
    default: {
      const value = valueOf(formula.dimension, values);
      if (formula.kind === 'text' && value?.kind === 'text') return passesText(formula.test, value.text, compileExpression);
      if (formula.kind === 'text' && value?.kind === 'claim')
        return value.texts.some((text) => passesText(formula.test, text, compileExpression));
      if (formula.kind === 'token') return value?.kind === 'token' && value.is === formula.is;
      if (formula.kind === 'range')
        return value?.kind === 'address' && inRange({ addressPrefix: formula.address, prefixLen: formula.length }, value.address);
      return false;
    }
  }
}

function valueOf(dimension: Dimension, values: readonly PartValue[]): PartValue | undefined {
  const key = keyOfDimension(dimension);
  return values.find((value) => keyOfDimension(value.dimension) === key);
}

/** Whether a request is among those of which this was read. */
export function isRead(reading: Reading, values: readonly PartValue[]): boolean {
  if (reading.kind === 'holds') return holdsOf(reading.formula, values) === reading.isTrue;
  const first = reading.formulas.findIndex((formula) => holdsOf(formula, values));
  return first === -1 ? reading.places.length === 0 : reading.places.includes(first);
}

/** What the parts could be that formulas look at: texts that they name, and some that are nearly those. */
export function candidatesIn(formulas: readonly Formula[]): ReadonlyMap<string, readonly PartValue[]> {
  const found = new Map<string, PartValue[]>();
  for (const test of testsIn(formulas)) {
    const { dimension } = test;
    const key = keyOfDimension(dimension);
    const list = found.get(key) ?? [];
    found.set(key, list);
    if (test.kind === 'text' && test.dimension.kind === 'certificate') {
      const { dimension: certificate } = test;
      // A certificate has a subject, and any number of names beside.
      const sets = [
        [],
        ...nearTexts(test.test)
          .filter((text) => text !== '')
          .map((text) => [CLIENT_SUBJECT, text]),
      ];
      const others = list.flatMap((value) => (value.kind === 'claim' && value.texts.length === 2 ? [value.texts.slice(1)] : []));
      for (const texts of [
        ...sets,
        [CLIENT_SUBJECT],
        ...sets.flatMap((set) => others.slice(0, 2).map((more) => [...set, ...more])),
      ])
        if (texts.length === 0 || texts.includes(CLIENT_SUBJECT))
          list.push({ kind: 'claim', dimension: certificate, texts: [...new Set(texts)] });
    } else if (test.kind === 'text') {
      for (const text of nearTexts(test.test)) {
        if (test.dimension.kind === 'claim') list.push({ kind: 'claim', dimension: test.dimension, texts: [text] });
        else if (isText(test.dimension.kind, text)) list.push({ kind: 'text', dimension: test.dimension, text });
      }
      if (test.dimension.kind === 'claim') list.push({ kind: 'claim', dimension: test.dimension, texts: [] });
      else if (['header', 'query', 'serverName'].includes(test.dimension.kind))
        list.push({ kind: 'text', dimension: test.dimension, text: undefined });
    } else if (test.kind === 'token') {
      for (const is of ['absent', 'valid', 'invalid'] as const) list.push({ kind: 'token', dimension: test.dimension, is });
    } else if (test.kind === 'range') {
      const { address } = test;
      for (const one of [address, address.replace(/\d+$/, '77'), '203.0.113.1'])
        list.push({ kind: 'address', dimension: test.dimension, address: one });
    }
  }
  return found;
}

function nearTexts(test: TextTest): readonly string[] {
  switch (test.kind) {
    case 'present':
      return ['x', ''];
    case 'exact':
    case 'prefix':
    case 'suffix':
    case 'contains':
    case 'segments': {
      const { text } = test;
      return [
        text,
        `${text}x`,
        `x${text}`,
        `${text}/x`,
        `${text}/`,
        text.slice(0, -1),
        text.toUpperCase(),
        `/x${text}`,
        `a.${text}`,
      ];
    }
    case 'regex': {
      const plain = test.expression.replace(/^\(\?\w+\)/, '').replace(/\\(.)/g, '$1');
      const words = plain.match(/[A-Za-z0-9/_-]+/g) ?? [];
      return [...words, ...words.map((word) => `/${word}`), words.join(''), words.join('/'), plain];
    }
    case 'integer':
      return [String(test.start), String(test.end), 'x'];
    case 'replaced': {
      const { prefix, by, test: inner } = test;
      return nearTexts(inner).flatMap((text) => [
        text,
        text.startsWith(by) ? `${prefix}${text.slice(by.length)}` : `${prefix}${text}`,
      ]);
    }
    default:
      return [];
  }
}

/** Whether a part of a request can be this text. */
function isText(kind: string, text: string): boolean {
  switch (kind) {
    case 'path':
      return /^\/[^ ?#]*$/.test(text);
    case 'authority':
      return /^[A-Za-z0-9.\-:]+$/.test(text);
    case 'method':
      return /^[A-Z]+$/.test(text);
    case 'query':
      return /^[A-Za-z0-9._/-]*$/.test(text);
    default:
      return /^[!-~]*$/.test(text) && !/^application\/grpc/.test(text);
  }
}
