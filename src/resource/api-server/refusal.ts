import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { goQuote } from '../../util/go-format.ts';
import type { Format } from './formats.ts';

/** Something for which the API server refuses an object, or which it warns about. */
export interface Refusal {
  readonly severity: 'error' | 'warning';
  /** The field as the API server names it, which is not always where the cause is written. */
  readonly field: string;
  /** Where the cause is written, from the root of the object. */
  readonly path: Path;
  /** Whether it is the key that is wrong, and not what stands there. */
  readonly on: 'key' | 'value';
  /** What the API server says after the name of the field. */
  readonly message: string;
  /** Set where Istio reads the value all the same, from wherever else it has the object. */
  readonly isReadByIstio?: true;
}

/** What a rule finds, in the order in which the API server gives it. */
export type Refusals = Iterable<Refusal>;

const NOTHING: readonly Refusal[] = [];

/** Where a refusal differs from what its path says. */
export type Deviation = Partial<Pick<Refusal, 'field' | 'on' | 'severity' | 'isReadByIstio'>>;

/** k8s.io/apimachinery pkg/util/validation/field/errors.go: a value that a field cannot have. */
export function invalid(path: Path, value: unknown, rule: string, deviation: Deviation = {}): Refusal {
  return refusal(path, `Invalid value: ${formatValue(value)}: ${rule}`, deviation);
}

/** A text that does not have its format; nothing for an absent one. */
export function misformed(path: Path, text: string | undefined, format: Format, deviation: Deviation = {}): readonly Refusal[] {
  if (text === undefined || text === '') return NOTHING;
  const rules = format(text);
  return rules.length === 0 ? NOTHING : rules.map((rule) => invalid(path, text, rule, deviation));
}

/** All that several checks find, in their order. */
export function together(...found: readonly (readonly Refusal[])[]): readonly Refusal[] {
  const all = found.filter(({ length }) => length > 0);
  return all.length === 0 ? NOTHING : all.flat();
}

/** A value that is there twice; `hint` says it for people where the value does not. */
export function duplicate(path: Path, value: unknown, hint?: string): Refusal {
  return refusal(path, `Duplicate value: ${formatValue(value)}${hint === undefined ? '' : ` (${hint})`}`);
}

/** A field that must be there, or not be zero. */
export function requiredValue(path: Path): Refusal {
  return refusal(path, 'Required value');
}

/** A field that must not be there. */
export function forbidden(path: Path, reason: string): Refusal {
  return refusal(path, `Forbidden: ${reason}`);
}

/** Something that the API server takes with a word of warning. */
export function warned(path: Path, message: string, deviation: Deviation = {}): Refusal {
  return refusal(path, message, { ...deviation, severity: 'warning' });
}

function refusal(path: Path, message: string, deviation: Deviation = {}): Refusal {
  return { severity: 'error', field: formatField(path), path, on: 'value', message, ...deviation };
}

/** The members of a list that an earlier one equals, by a key; those without a key equal none. */
export function repeated<T>(members: readonly T[], keyOf: (member: T) => string | undefined): readonly (readonly [number, T])[] {
  if (members.length < 2) return [];
  const seen = new Set<string>();
  return members.flatMap((member, index) => {
    const key = keyOf(member);
    const isRepeated = key !== undefined && seen.has(key);
    if (key !== undefined) seen.add(key);
    return isRepeated ? [[index, member] as const] : [];
  });
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
}
