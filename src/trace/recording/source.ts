import {
  ALWAYS,
  anyOf,
  type ClaimDimension,
  type Formula,
  NEVER,
  not,
  type TextDimension,
  type TextTest,
  textTest,
} from '../../request-space/formula.ts';
import { assertNever } from '../../util/assert.ts';
import { addAll } from '../../util/collections.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { passesText } from './passes-text.ts';

/** Where a text comes from that a proxy looks at: what has become of which part of the request. */
export type TextSource =
  /** That part of the request, as it was sent. */
  | { readonly kind: 'request'; readonly dimension: TextDimension | ClaimDimension }
  /** The same for all requests that came this way; undefined for none. */
  | { readonly kind: 'constant'; readonly value: string | undefined }
  /** Another, where that is there. */
  | { readonly kind: 'or else'; readonly of: TextSource; readonly value: string }
  /** This text where another is there, else none. */
  | { readonly kind: 'in place'; readonly of: TextSource; readonly value: string }
  /** Another whose beginning was replaced; whoever makes it knows that the text begins so. */
  | {
      readonly kind: 'replaced';
      readonly of: TextSource;
      readonly prefix: string;
      readonly by: string;
      readonly ignoringCase: boolean;
    }
  /** A list that something was added to. */
  | { readonly kind: 'list'; readonly of: TextSource; readonly last: string; readonly value: string }
  /** Made of others by a rule of the configuration; what it is like cannot be told of them. `value` is what it is here. */
  | { readonly kind: 'made'; readonly by: string; readonly of: readonly TextSource[]; readonly value: string | undefined }
  /** The header or parameter that carries the token, where there is one. */
  | { readonly kind: 'token'; readonly dimension: TextDimension; readonly value: string | undefined };

/**
 * The same text for what is made of the same parts of requests in the same way: a line for each part, what is made before what it is made
 * of. A part that is used many times has one line, so that the text grows with the parts and not with the ways to them.
 */
export function sourceKey(source: TextSource): string {
  const numbers = new Map<TextSource, number>();
  const lines = new Map<string, number>();
  // A list instead of calls: sources are as deep as many changes of headers follow each other.
  const pending = [source];
  for (let part = pending.at(-1); part !== undefined; part = pending.at(-1)) {
    const unknown = numbers.has(part) ? [] : partsOf(part).filter((one) => !numbers.has(one));
    addAll(pending, unknown);
    if (unknown.length > 0) continue;
    pending.pop();
    if (numbers.has(part)) continue;
    const line = lineOf(
      part,
      partsOf(part).map((one) => numbers.get(one)),
    );
    const number = lines.get(line) ?? lines.size;
    lines.set(line, number);
    numbers.set(part, number);
  }
  return [...lines.keys()].reverse().join('\n');
}

/** As `sourceKey`, and with the text that is there now where that is what tests of it go by. */
export function askedKey(source: TextSource): string {
  return JSON.stringify([sourceKey(source), textNow(source)]);
}

function partsOf(source: TextSource): readonly TextSource[] {
  switch (source.kind) {
    case 'or else':
    case 'in place':
    case 'replaced':
    case 'list':
      return [source.of];
    case 'made':
      return source.of;
    case 'request':
    case 'constant':
    case 'token':
      return [];
    default:
      return assertNever(source);
  }
}

function lineOf(source: TextSource, parts: readonly (number | undefined)[]): string {
  switch (source.kind) {
    case 'request':
      return JSON.stringify([source.kind, source.dimension]);
    case 'constant':
    case 'or else':
    case 'in place':
      return JSON.stringify([source.kind, source.value, parts]);
    case 'replaced':
      return JSON.stringify([source.kind, source.prefix, source.by, source.ignoringCase, parts]);
    case 'list':
      return JSON.stringify([source.kind, source.last, parts]);
    case 'made':
      return JSON.stringify([source.kind, source.by, parts]);
    case 'token':
      return JSON.stringify([source.kind, source.dimension]);
    default:
      return assertNever(source);
  }
}

/** The text by which tests are answered whose source cannot be traced back; undefined where all can, or nothing is there. */
function textNow(source: TextSource): string | undefined {
  switch (source.kind) {
    case 'request':
    case 'constant':
      return undefined;
    case 'or else':
    case 'in place':
    case 'replaced':
      return textNow(source.of);
    case 'list':
    case 'made':
    case 'token':
      return source.value;
    default:
      return assertNever(source);
  }
}

/** The source of a text that is none. */
export const ABSENT: TextSource = { kind: 'constant', value: undefined };

/** The same text for all requests. */
export function constant(value: string | undefined): TextSource {
  return { kind: 'constant', value };
}

/** What is made of others; of constants alone it is one. */
export function made(by: string, of: readonly TextSource[], value: string | undefined): TextSource {
  return of.every(({ kind }) => kind === 'constant') ? constant(value) : { kind: 'made', by, of, value };
}

/** Another, or this text where that is none. */
export function orElse(of: TextSource, value: string): TextSource {
  if (of.kind === 'constant') return constant(of.value ?? value);
  // It is there already.
  return of.kind === 'or else' ? of : { kind: 'or else', of, value };
}

/** This text where another is there, else none. */
export function inPlaceOf(of: TextSource, value: string): TextSource {
  if (of.kind === 'constant') return constant(of.value === undefined ? undefined : value);
  if (of.kind === 'or else') return constant(value);
  return { kind: 'in place', of: of.kind === 'in place' ? of.of : of, value };
}

/** A text that another was added to; what is added one after the other is one list. */
export function appended(to: TextSource, added: TextSource, value: string): TextSource {
  return made(APPENDED, [...(to.kind === 'made' && to.by === APPENDED ? to.of : [to]), added], value);
}

const APPENDED = 'appended';

/** A text whose beginning was replaced. Replacing more than the part that differs is the same as replacing that. */
export function replaced(of: TextSource, prefix: string, by: string, ignoringCase: boolean, value: string): TextSource {
  if (of.kind === 'constant') return constant(value);
  let same = 0;
  while (!ignoringCase && same < Math.min(prefix.length, by.length) && prefix.at(-1 - same) === by.at(-1 - same)) same++;
  const [from, to] = [prefix.slice(0, prefix.length - same), by.slice(0, by.length - same)];
  return from === to ? of : { kind: 'replaced', of, prefix: from, by: to, ignoringCase };
}

/** What a test of a text says of the request. */
export function askedOf(source: TextSource, test: TextTest, unknown: UnknownText, compile: ExpressionCompiler): Formula {
  switch (source.kind) {
    case 'request':
      return textTest(source.dimension, test);
    case 'constant':
      return passesText(test, source.value, compile) ? ALWAYS : NEVER;
    case 'or else': {
      if (test.kind === 'present') return ALWAYS;
      const given = askedOf(source.of, test, unknown, compile);
      return passesText(test, source.value, compile) ? anyOf([given, not(isThere(source.of, unknown, compile))]) : given;
    }
    case 'in place':
      return passesText(test, source.value, compile) ? isThere(source.of, unknown, compile) : NEVER;
    case 'replaced': {
      const { prefix, by, ignoringCase } = source;
      return askedOf(source.of, { kind: 'replaced', prefix, by, ignoringCase, test }, unknown, compile);
    }
    case 'made': {
      const [claim] = source.by === CLAIM && test.kind === 'present' ? source.of : [];
      return claim === undefined ? unknown(source, test) : isThere(claim, unknown, compile);
    }
    case 'list':
    case 'token':
      return unknown(source, test);
    default:
      return assertNever(source);
  }
}

/** By what a text is made that says what a claim says; it is there where the claim is. */
export const CLAIM = 'claim';

/** What becomes of a test of a text that cannot be traced back. */
export type UnknownText = (source: Extract<TextSource, { kind: 'list' | 'made' | 'token' }>, test: TextTest) => Formula;

function isThere(source: TextSource, unknown: UnknownText, compile: ExpressionCompiler): Formula {
  return askedOf(source, { kind: 'present' }, unknown, compile);
}
