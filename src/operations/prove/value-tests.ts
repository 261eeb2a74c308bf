import type { TextTest } from '../../request-space/formula.ts';
import { templateRegex } from '../../trace/uri-template.ts';

/** What a value of AuthorizationPolicy says of a text: `*`, `prefix*`, `*suffix`, or the text itself. */
export function valueTest(value: string): TextTest {
  if (value === '*') return { kind: 'present' };
  if (value.endsWith('*')) return { kind: 'prefix', text: value.slice(0, -1) };
  return value.startsWith('*') ? { kind: 'suffix', text: value.slice(1) } : { kind: 'exact', text: value };
}

/** The same of a path: `{*}` stands for one of its segments, `{**}` for any number of them. */
export function pathTest(value: string): TextTest {
  if (!/\{\*\*?\}/.test(value)) return valueTest(value);
  return { kind: 'regex', expression: templateRegex(value.replaceAll(/\{(\*\*?)\}/g, '$1')) };
}

/** The same of a principal, which statements write without `spiffe://`, as policies do. */
export function principalTest(value: string): TextTest {
  const test = valueTest(value);
  const isWhole = test.kind === 'exact' || test.kind === 'prefix';
  return isWhole && !test.text.startsWith('spiffe://') ? { ...test, text: `spiffe://${test.text}` } : test;
}
