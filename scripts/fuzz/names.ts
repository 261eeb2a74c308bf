import type { FuzzInput } from './input.ts';
import { isRecord } from './paths.ts';
import type { Random } from './random.ts';
import type { Files, Outcome } from './run.ts';

/** Names that every object of JavaScript answers for; Kubernetes takes the first for any object. */
const NAMES: readonly string[] = ['constructor', 'constructor', 'constructor', 'toString', '__proto__', 'hasOwnProperty'];

/** A word of the manifests, and what to put in its place; undefined where there is no word. */
export function chooseNames(input: FuzzInput, random: Random): { readonly word: string; readonly name: string } | undefined {
  const words = new Set<string>();
  for (const document of input.values?.documents ?? []) addWords(document, words);
  return words.size === 0 ? undefined : { word: random.pick([...words]), name: random.pick(NAMES) };
}

/** A name of the same length and place in the alphabet that means nothing to JavaScript. */
export function ordinary(name: string): string {
  return name.replace(/.(?=_*$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
}

/** The input with another word. */
export function renamed(input: FuzzInput, word: string, name: string): FuzzInput {
  const replaced = (files: Files): Files =>
    Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replaceAll(word, name)]));
  const { values: _, meshConfig, ...rest } = input;
  return {
    ...rest,
    manifests: replaced(input.manifests),
    before: replaced(input.before),
    ...(meshConfig !== undefined && { meshConfig: meshConfig.replaceAll(word, name) }),
  };
}

/**
 * What a command says whatever the name is. Addresses and names that are made up of it differ, and with them the order of lines; a name is nearer
 * to some word of ours than another one is.
 */
export function withoutNames({ status, output, errors }: Outcome, name: string): Outcome {
  const neutral = (text: string): string =>
    text
      .replaceAll(name, 'NAME')
      .replaceAll(ordinary(name), 'NAME')
      .replaceAll(/ \(did you mean [^)]*\)/g, '')
      .replaceAll(/(?:240\.240|10\.96|10\.244)\.\d+\.\d+|2001:2::[\da-f:]+/g, 'ADDRESS')
      // The same in base64, as ztunnel is told them.
      .replaceAll(/"(?:8P[A-D]|Cm[A-D]|Cv[Q-T])[\w+/]{3}=="/g, 'ADDRESS')
      // What the API server adds to `generateName`, which the whole object decides here.
      .replaceAll(/(NAME|-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1MADE-UP')
      .split('\n')
      .map((line) => line.replace(/,$/, ''))
      .sort()
      .join('\n');
  return { status, output: neutral(output), errors: neutral(errors) };
}

/** Values and keys of users, as far as can be told: no versions, kinds and words of a language. */
function addWords(value: unknown, words: Set<string>, key = ''): void {
  if (Array.isArray(value)) for (const item of value) addWords(item, words, key);
  else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (/labels|selector|headers|jwtHeaders|annotations|set|add/i.test(key)) addWord(name, words);
      addWords(member, words, name);
    }
  } else if (typeof value === 'string' && key !== 'apiVersion' && key !== 'kind') addWord(value, words);
}

function addWord(text: string, words: Set<string>): void {
  if (/^[a-z][a-z\d-]{3,30}$/i.test(text)) words.add(text);
}
