import { compareText } from '../../../util/text.ts';
import { contains, isEqual } from './equality.ts';
import { CelList, CelMap, type CelResult, type CelValue, Failure, noOverload } from './values.ts';

/** The operators that need the values of both sides; `&&` and `||` do not. */
export const operators: Readonly<Record<string, (left: CelValue, right: CelValue) => CelResult>> = {
  '==': isEqual,
  '!=': (left, right) => {
    const equal = isEqual(left, right);
    return equal instanceof Failure ? equal : !equal;
  },
  '<': (left, right) => compare(left, right, (order) => order < 0),
  '<=': (left, right) => compare(left, right, (order) => order <= 0),
  '>': (left, right) => compare(left, right, (order) => order > 0),
  '>=': (left, right) => compare(left, right, (order) => order >= 0),
  '+': (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return left + right;
    return typeof left === 'string' && typeof right === 'string' ? left + right : noOverload;
  },
  in: (left, right) => {
    if (right instanceof CelList) return contains(right, left);
    return right instanceof CelMap && typeof left === 'string' ? right.find(left) !== undefined : noOverload;
  },
};

function compare(left: CelValue, right: CelValue, holds: (order: number) => boolean): CelResult {
  if (typeof left === 'string' && typeof right === 'string') return holds(compareText(left, right));
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  if (typeof left === 'bigint' && typeof right === 'bigint') return holds(left < right ? -1 : left > right ? 1 : 0);
  return noOverload;
}
