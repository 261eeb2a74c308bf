import type { HeaderValueOption } from '../../envoy/api.gen.ts';
import type { MessageHeaders } from '../headers.ts';
import type { TextSource } from '../recording/source.ts';

/** Values that header formats can name, by command (`DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT`); undefined for what is not known. */
export type FormatValue = (command: string) => string | undefined;

/** A place of the configuration that changes headers. */
export interface HeaderMutations {
  readonly toAdd: readonly HeaderValueOption[] | undefined;
  readonly toRemove: readonly string[] | undefined;
}

/**
 * How long a header gets, in letters: no server takes one that is longer. Formats that name each other make texts that are as long as two to
 * the power of their number.
 */
export const LONGEST_HEADER = 65_536;

/**
 * Changes headers: removals first, then additions in their order. Envoy source/common/router/header_parser.cc. Whether one got longer than
 * is followed: its rest is left out.
 */
export function applyMutations(
  { toAdd, toRemove }: HeaderMutations,
  headers: MessageHeaders,
  format: FormatValue,
  sourceOf: (text: string, value: string) => TextSource | undefined,
): boolean {
  let isCut = false;
  for (const name of toRemove ?? []) headers.remove(name);
  for (const option of toAdd ?? []) {
    const { key = '', value = '' } = option.header ?? {};
    const text = formatText(value, format, '', LONGEST_HEADER);
    if (text.length === LONGEST_HEADER) isCut = true;
    const source = sourceOf(value, text);
    if (text === '' && option.keepEmptyValue !== true) continue;
    const action = option.appendAction ?? (option.append === false ? 'OVERWRITE_IF_EXISTS_OR_ADD' : 'APPEND_IF_EXISTS_OR_ADD');
    if (action === 'APPEND_IF_EXISTS_OR_ADD') {
      if ((headers.told(key) ?? '').length < LONGEST_HEADER) headers.add(key, text, source);
      else isCut = true;
    } else if (action === 'ADD_IF_ABSENT') {
      if (source === undefined) headers.setIfAbsent(key, text);
      else if (!headers.has(key)) headers.add(key, text, source);
    } else if (action === 'OVERWRITE_IF_EXISTS') {
      if (source === undefined) headers.setIfPresent(key, text);
      else if (headers.has(key)) headers.set(key, text, source);
    } else headers.set(key, text, source);
  }
  return isCut;
}

/**
 * `%COMMAND%` becomes its value, or another text where there is none (in headers nothing); `%%` is a percent sign. What is longer than the
 * longest text is cut.
 */
export function formatText(text: string, format: FormatValue, absent = '-', longest: number = Number.POSITIVE_INFINITY): string {
  let out = '';
  let position = 0;
  // The next closing bracket: one can follow many commands that have none, so it is looked for once.
  let close = 0;
  const endOfArguments = (open: number): number => {
    if (text[open] !== '(') return open;
    if (close !== -1 && close < open) close = text.indexOf(')', open);
    return close + 1;
  };
  const name = /[A-Z_]+/y;
  const end = /(?::\d{1,9})?%/y;
  for (let start = text.indexOf('%'); start !== -1 && out.length < longest; start = text.indexOf('%', position)) {
    out += text.slice(position, start);
    name.lastIndex = start + 1;
    end.lastIndex = name.test(text) ? endOfArguments(name.lastIndex) : 0;
    const isCommand = end.lastIndex > start && end.test(text);
    if (isCommand) out += format(text.slice(start + 1, end.lastIndex - 1)) ?? absent;
    else out += '%';
    position = isCommand ? end.lastIndex : start + (text[start + 1] === '%' ? 2 : 1);
  }
  return (out + text.slice(position)).slice(0, longest);
}
