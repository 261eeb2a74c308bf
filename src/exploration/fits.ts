import { keyOfDimension } from '../request-space/dimensions.ts';
import type { Formula } from '../request-space/formula.ts';
import type { PartValue } from '../request-space/variables.ts';
import { passesText } from '../trace/recording/passes-text.ts';
import { inRange } from '../trace/strings.ts';
import { assertNever } from '../util/assert.ts';
import type { ExpressionCompiler } from '../util/re2.ts';

/** Whether a formula holds of a request whose parts have these values; it has no others. */
export function fits(formula: Formula, values: readonly PartValue[], compile: ExpressionCompiler): boolean {
  switch (formula.kind) {
    case 'all':
      return formula.of.every((part) => fits(part, values, compile));
    case 'any':
      return formula.of.some((part) => fits(part, values, compile));
    case 'not':
      return !fits(formula.of, values, compile);
    case 'text':
    case 'token':
    case 'port':
    case 'range':
    case 'assumed': {
      const key = keyOfDimension(formula.dimension);
      const value = values.find(({ dimension }) => keyOfDimension(dimension) === key);
      return value !== undefined && passes(formula, value, compile);
    }
    default:
      return assertNever(formula);
  }
}

function passes(test: Exclude<Formula, { kind: 'all' | 'any' | 'not' }>, value: PartValue, compile: ExpressionCompiler): boolean {
  switch (value.kind) {
    case 'text':
      return test.kind === 'text' && passesText(test.test, value.text, compile);
    case 'claim':
      return test.kind === 'text' && value.texts.some((text) => passesText(test.test, text, compile));
    case 'token':
      return test.kind === 'token' && value.is === test.is;
    case 'port':
      return test.kind === 'port' && value.port >= test.start && value.port < test.end;
    case 'address':
      return test.kind === 'range' && inRange({ addressPrefix: test.address, prefixLen: test.length }, value.address);
    case 'assumed':
      return test.kind === 'assumed' && value.holds;
    default:
      return assertNever(value);
  }
}
