import { type CelResult, type CelValue, Failure } from './values.ts';

/** The names that can be used at a place in an expression. */
export interface Variables {
  readonly name: string;
  readonly value: CelResult;
  readonly outer?: Variables;
}

/** A part of an expression, ready to be evaluated. */
export type Evaluate = (variables: Variables) => CelResult;

/** What needs the values of all its operands: the first failure among them is its own. */
export function strict(operands: readonly Evaluate[], evaluate: (values: readonly CelValue[]) => CelResult): Evaluate {
  return (variables) => {
    const values: CelValue[] = [];
    for (const operand of operands) {
      const value = operand(variables);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    return evaluate(values);
  };
}
