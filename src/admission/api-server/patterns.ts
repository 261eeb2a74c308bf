import { own } from '../../util/object.ts';
import { findsExpression } from '../../util/re2.ts';

/**
 * Patterns of the definitions that mean the same to RE2, which the API server has, and to this engine, and that take no longer either:
 * loading the other one would double the time of a short run.
 */
const known: readonly RegExp[] = [
  /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/,
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/,
  /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/,
  /^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$/,
  /^([0-9]{1,5}(h|m|s|ms)){1,4}$/,
  /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/,
  /^[-_A-Za-z0-9]+$/,
  // Those of rules.
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/,
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/,
  /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  /^[A-Za-z_][A-Za-z_0-9]*$/,
];

/** Patterns that are known, and others that one of these is the same as. */
const engines: Readonly<Record<string, RegExp>> = Object.fromEntries([
  ...known.flatMap((expression) => [
    [expression.source, expression],
    // A slash need not be escaped outside of a program.
    [expression.source.replaceAll('\\/', '/'), expression],
  ]),
  ['^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$', /^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$/iu],
  // Here, the one would take exponential time, and the other quadratic time.
  ['^[!-~]+([\\t ]?[!-~]+)*$', /^[!-~]+([\t ][!-~]+)*$/],
  [
    '^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9]+$',
    /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]\/[A-Za-z0-9]+$/,
  ],
]);

/** The expression of this engine that a pattern is the same as; undefined for others. */
export function engineOf(pattern: string): RegExp | undefined {
  return own(engines, pattern);
}

/** Whether a pattern of a definition is found in a text. */
export function findsPattern(pattern: string, text: string): boolean {
  return engineOf(pattern)?.test(text) ?? findsExpression(pattern, text) ?? false;
}
