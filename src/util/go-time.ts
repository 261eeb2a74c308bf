import { goQuote } from './go-format.ts';

/** The parts of a time of RFC 3339, with the names that Go has for them in a layout. */
const parts: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\d{4}/y, '2006'],
  [/-/y, '-'],
  [/\d\d/y, '01'],
  [/-/y, '-'],
  [/\d\d/y, '02'],
  [/T/y, 'T'],
  [/\d\d/y, '15'],
  [/:/y, ':'],
  [/\d\d/y, '04'],
  [/:/y, ':'],
  [/\d\d(?:[.,]\d+)?/y, '05'],
  [/Z|[-+]\d\d:\d\d/y, 'Z07:00'],
];

/** What is wrong with a time, in the words of Go's time.Parse with RFC 3339; undefined for one. */
export function goTimeProblem(text: string): string | undefined {
  const said = `parsing time ${goQuote(text)}`;
  const read: string[] = [];
  let position = 0;
  for (const [pattern, name] of parts) {
    pattern.lastIndex = position;
    const [part] = pattern.exec(text) ?? [];
    if (part === undefined)
      return `${said} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(text.slice(position))} as "${name}"`;
    read.push(part);
    position += part.length;
  }
  if (position < text.length) return `${said}: extra text: ${goQuote(text.slice(position))}`;
  const [year = 0, , month = 0, , day = 0, , hour = 0, , minute = 0, , second = 0] = read.map(Number.parseFloat);
  if (month < 1 || month > 12) return `${said}: month out of range`;
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return `${said}: day out of range`;
  if (hour > 23) return `${said}: hour out of range`;
  if (minute > 59) return `${said}: minute out of range`;
  return second >= 60 ? `${said}: second out of range` : undefined;
}
