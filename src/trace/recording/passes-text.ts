import type { TextTest } from '../../request-space/formula.ts';
import { assertNever } from '../../util/assert.ts';
import { type ExpressionCompiler, matchesWhole } from '../../util/re2.ts';
import { lowerAscii } from '../../util/text.ts';

/** Whether a text passes a test; one that is absent passes none. */
export function passesText(test: TextTest, value: string | undefined, compile: ExpressionCompiler): boolean {
  if (value === undefined) return false;
  switch (test.kind) {
    case 'present':
      return true;
    case 'exact':
    case 'prefix':
    case 'suffix':
    case 'contains':
    case 'segments':
      return passesPlain(test, value);
    case 'regex':
      return matchesWhole(test.expression, value, compile);
    case 'integer':
      return /^[+-]?\d+$/.test(value) && BigInt(value) >= test.start && BigInt(value) < test.end;
    case 'replaced': {
      const { prefix, by, ignoringCase = false } = test;
      const begins = fold(value, ignoringCase).startsWith(fold(prefix, ignoringCase));
      return passesText(test.test, begins ? `${by}${value.slice(prefix.length)}` : value, compile);
    }
    default:
      return assertNever(test);
  }
}

function fold(text: string, ignoringCase: boolean): string {
  return ignoringCase ? lowerAscii(text) : text;
}

type PlainTest = Extract<TextTest, { readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains' | 'segments' }>;

function passesPlain({ kind, text, ignoringCase = false }: PlainTest, value: string): boolean {
  const [wanted, given] = [fold(text, ignoringCase), fold(value, ignoringCase)];
  switch (kind) {
    case 'exact':
      return given === wanted;
    case 'prefix':
      return given.startsWith(wanted);
    case 'suffix':
      return given.endsWith(wanted);
    case 'contains':
      return given.includes(wanted);
    case 'segments':
      return given === wanted || given.startsWith(`${wanted}/`);
    default:
      return assertNever(kind);
  }
}
