import type { ClaimDimension, Formula, TextDimension } from '../request-space/formula.ts';
import { assertNever } from '../util/assert.ts';
import type { Recorder, Scene } from './recording/recorder.ts';
import { ABSENT, appended, constant, inPlaceOf, made, orElse, type TextSource } from './recording/source.ts';

/** Headers as a test reads them. Who hands them to a test says by a formula what it asks. */
export interface HeaderValues {
  /** All values of a name joined with commas; undefined where there is none. */
  get(name: string): string | undefined;
  has(name: string): boolean;
}

/**
 * HTTP headers of one message; names in lower case, order and repetitions kept. Pseudo headers (`:path`) are among them. Of a request that
 * is recorded, each way to read a header tells the recorder what depends on it.
 */
export interface MessageHeaders {
  /** As `HeaderValues`; whatever is done with the value depends on all of it. */
  get(name: string): string | undefined;
  has(name: string): boolean;
  /** The value where it decides nothing: it is told, or handed on with its source. */
  told(name: string): string | undefined;
  /** The answer of a test, which depends on what the formula says of the request. */
  decide(formulaOf: () => Formula, test: (values: HeaderValues) => boolean): boolean;
  /** What they are for tests whose answers are recorded as a whole. */
  readonly values: HeaderValues;
  readonly recorder: Recorder | undefined;
  /** Where the value of a name comes from. */
  sourceOf(name: string): TextSource;
  /** The source is told where the value is made of parts of the request. */
  set(name: string, value: string, source?: TextSource): void;
  add(name: string, value: string, source?: TextSource): void;
  /** Adds it where there is none of the name; sets it only where there is. */
  setIfAbsent(name: string, value: string): void;
  setIfPresent(name: string, value: string): void;
  /** Notes where something comes from that is no header of its own. */
  note(key: string, source: TextSource): void;
  remove(name: string): void;
  /** All of them, to be told or sent on. */
  entries(): readonly (readonly [string, string])[];
  /** The names whose values are not what was sent, with where they come from. */
  sources(): ReadonlyMap<string, TextSource>;
  copy(): MessageHeaders;
}

/** Headers with these at first; of a request that is recorded with the sources of those that are not what the client sends. */
export function createHeaders(
  initial: Iterable<readonly [string, string]> = [],
  recorder?: Recorder,
  given: Iterable<readonly [string, TextSource]> = [],
): MessageHeaders {
  let list: (readonly [string, string])[] = [...initial].map(([name, value]) => [keyOf(name), value] as const);
  const sources = new Map<string, TextSource>(given);
  const read = (name: string): string | undefined => {
    const key = keyOf(name);
    const values = list.filter(([other]) => other === key).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(',');
  };
  const isThere = (name: string): boolean => list.some(([other]) => other === keyOf(name));
  const note = (name: string, source: TextSource | undefined, value: string | undefined): void => {
    if (source !== undefined || recorder !== undefined) sources.set(keyOf(name), source ?? constant(value));
    else sources.delete(keyOf(name));
  };
  const sourceOf = (name: string): TextSource => {
    const key = keyOf(name);
    const known = sources.get(key);
    if (known !== undefined) return known;
    if (recorder === undefined) return constant(read(key));
    return { kind: 'request', dimension: key === ':path' ? { kind: 'path' } : dimensionOf(key) };
  };
  const put = (name: string, value: string): void => {
    const key = keyOf(name);
    const at = list.findIndex(([other]) => other === key);
    if (at === -1) list.push([key, value]);
    else list = list.flatMap((entry, index) => (index === at ? [[key, value] as const] : entry[0] === key ? [] : [entry]));
  };
  const values: HeaderValues = { get: read, has: isThere };
  const headers: MessageHeaders = {
    get(name) {
      const value = read(name);
      recorder?.holds(
        { kind: 'text', dimension: dimensionOf(keyOf(name)), test: exactly(value) },
        value !== undefined,
        sceneOf(headers),
      );
      return value;
    },
    has(name) {
      const is = isThere(name);
      recorder?.holds({ kind: 'text', dimension: dimensionOf(keyOf(name)), test: { kind: 'present' } }, is, sceneOf(headers));
      return is;
    },
    told: read,
    decide(formulaOf, test) {
      const answer = test(values);
      recorder?.holds(formulaOf(), answer, sceneOf(headers));
      return answer;
    },
    values,
    recorder,
    sourceOf,
    set(name, value, source) {
      note(name, source, value);
      put(name, value);
    },
    add(name, value, source) {
      const before = sourceOf(name);
      list.push([keyOf(name), value]);
      if (source === undefined && recorder === undefined) return;
      sources.set(keyOf(name), appended(before, source ?? constant(value), read(name) ?? ''));
    },
    setIfAbsent(name, value) {
      const before = sourceOf(name);
      if (recorder !== undefined) note(name, orElse(before, value), value);
      if (!isThere(name)) list.push([keyOf(name), value]);
    },
    setIfPresent(name, value) {
      const before = sourceOf(name);
      if (recorder !== undefined) note(name, inPlaceOf(before, value), value);
      if (isThere(name)) put(name, value);
    },
    note(key, source) {
      if (recorder !== undefined) sources.set(key, source);
    },
    remove(name) {
      if (recorder !== undefined || sources.has(keyOf(name))) sources.set(keyOf(name), ABSENT);
      list = list.filter(([other]) => other !== keyOf(name));
    },
    entries: () => list,
    sources: () => sources,
    copy: () => createHeaders(list, recorder, sources),
  };
  return headers;
}

/** Envoy keeps the host under its pseudo header, whatever name asks for it. */
function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'host' ? ':authority' : lower;
}

/** The text is this, or there is none. */
function exactly(value: string | undefined) {
  return value === undefined ? ({ kind: 'present' } as const) : ({ kind: 'exact', text: value } as const);
}

/** The part of a request that a header is. */
export function dimensionOf(key: string): TextDimension {
  switch (key) {
    case ':path':
      return { kind: 'target' };
    case ':authority':
    case 'host':
      return { kind: 'authority' };
    case ':method':
      return { kind: 'method' };
    case ':scheme':
      return { kind: 'scheme' };
    default:
      return { kind: 'header', name: key };
  }
}

/** Where the headers come from, for decisions that look at nothing else. */
export function sceneOf(headers: MessageHeaders): Scene {
  return { text: (dimension) => sourceIn(headers, dimension), address: () => ({ ip: '', forwarded: undefined }), port: () => 0 };
}

/** Where a part of a request comes from that is among its headers. */
function sourceIn(headers: MessageHeaders, dimension: TextDimension | ClaimDimension): TextSource {
  switch (dimension.kind) {
    case 'path':
      return headers.sourceOf(':path');
    case 'target':
      return { kind: 'made', by: 'target', of: [headers.sourceOf(':path')], value: headers.told(':path') ?? '' };
    case 'query': {
      const isPathless = headers.told(':path') === undefined;
      const known = headers.sources().get(queryKey(dimension.name));
      return known ?? (isPathless ? ABSENT : { kind: 'request', dimension });
    }
    case 'authority':
    case 'method':
    case 'scheme':
      return headers.sourceOf(`:${dimension.kind}`);
    case 'header': {
      const [, cookie] = /^cookie (.*)$/s.exec(dimension.name) ?? [];
      if (cookie === undefined) return headers.sourceOf(dimension.name);
      return made(`cookie ${cookie}`, [headers.sourceOf('cookie')], cookiesOf(headers.told('cookie') ?? '').get(cookie));
    }
    case 'serverName':
    case 'alpn':
    case 'transport':
    case 'identity':
    case 'certificate':
    case 'claim':
      return ABSENT;
    default:
      return assertNever(dimension);
  }
}

/** What the source of a parameter of the query is kept under. */
export function queryKey(name: string): string {
  return `?${name}`;
}

/** The cookies of a header, of those with one name the first. */
export function cookiesOf(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && !cookies.has(name))
      cookies.set(
        name,
        pair
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return cookies;
}
