import { assertNever } from '../../../util/assert.ts';
import { type CelNode, ungrouped } from '../../../util/cel/node.ts';
import { isComprehension, parseCel } from '../../../util/cel/parse.ts';
import { own } from '../../../util/object.ts';
import { comprehend, comprehensions } from './comprehensions.ts';
import { type Evaluate, strict, type Variables } from './evaluate.ts';
import { functions, matcherOf, methods } from './functions.ts';
import { operators } from './operators.ts';
import { CelList, CelMap, type CelResult, type CelValue, Failure, noOverload } from './values.ts';

/**
 * An expression as cel-go evaluates it in an API server. What no rule of the definitions uses is not there: to meet it is a mistake
 * of ours.
 */
export function compileCel(text: string): Evaluate {
  const parsed = parseCel(text);
  if ('problem' in parsed) throw new Error(`${parsed.problem}: ${text}`);
  return compile(parsed.node);
}

function compile(node: CelNode): Evaluate {
  switch (node.kind) {
    case 'group':
      return compile(node.inner);
    case 'literal':
      return () => node.value;
    case 'name':
      return (variables) => valueOf(variables, node.name);
    case 'select':
      return strict([compile(node.operand)], ([operand]) => fieldOf(operand, node.name));
    case 'index':
      return strict([compile(node.operand), compile(node.index)], ([operand, index]) => elementOf(operand, index));
    case 'call':
      return compileCall(node);
    case 'unary':
      if (node.sign !== '!') return unknown(node.sign);
      return strict([compile(node.operand)], ([operand]) => (typeof operand === 'boolean' ? !operand : noOverload));
    case 'binary':
      return compileBinary(node);
    case 'conditional': {
      const [condition, yes, no] = [compile(node.condition), compile(node.yes), compile(node.no)];
      return (variables) => {
        const holds = condition(variables);
        if (typeof holds !== 'boolean') return holds instanceof Failure ? holds : noOverload;
        return holds ? yes(variables) : no(variables);
      };
    }
    case 'list':
      return strict(node.elements.map(compile), (elements) => new CelList(elements));
    case 'map':
      return node.entries.length === 0 ? () => emptyMap : unknown('{}');
    case 'message':
      return unknown(node.name);
    default:
      return assertNever(node);
  }
}

function unknown(what: string): never {
  throw new Error(`no rule of the definitions uses ${what}`);
}

const emptyMap = new CelMap({}, { type: 'object' });

function valueOf(variables: Variables | undefined, name: string): CelResult {
  if (variables === undefined) return new Failure(`no such attribute(s): ${name}`);
  return variables.name === name ? variables.value : valueOf(variables.outer, name);
}

function fieldOf(operand: CelValue | undefined, name: string): CelResult {
  return operand instanceof CelMap ? (operand.find(name) ?? new Failure(`no such key: ${name}`)) : noOverload;
}

function elementOf(operand: CelValue | undefined, index: CelValue | undefined): CelResult {
  if (typeof index === 'string') return fieldOf(operand, index);
  if (!(operand instanceof CelList) || typeof index !== 'number') return noOverload;
  return operand.elements[index] ?? new Failure(`index out of bounds: ${index}`);
}

function compileBinary({ sign, left, right }: Extract<CelNode, { kind: 'binary' }>): Evaluate {
  const operands = [compile(left), compile(right)];
  if (sign === '&&' || sign === '||') return connect(operands, sign === '||');
  const operator = own(operators, sign) ?? unknown(sign);
  return strict(operands, ([first = null, second = null]) => operator(first, second));
}

/** `&&` and `||`: one decisive side decides, whatever fails on the other; with none of them the first failure counts. */
function connect(operands: readonly Evaluate[], decisive: boolean): Evaluate {
  return (variables) => {
    let failure: Failure | undefined;
    for (const operand of operands) {
      const value = operand(variables);
      if (value === decisive) return decisive;
      if (typeof value !== 'boolean') failure ??= value instanceof Failure ? value : noOverload;
    }
    return failure ?? !decisive;
  };
}

function compileCall({ name, receiver, parameters }: Extract<CelNode, { kind: 'call' }>): Evaluate {
  const [first, second] = parameters.map(ungrouped);
  if (receiver === undefined) {
    if (name === 'has' && first?.kind === 'select') return compileHas(compile(first.operand), first.name);
    return strict(parameters.map(compile), own(functions, name) ?? unknown(name));
  }
  const on = compile(receiver);
  const conclude = own(comprehensions, name);
  if (conclude !== undefined && isComprehension(name, parameters.length) && first?.kind === 'name' && second !== undefined)
    return comprehend(on, first.name, compile(second), conclude);
  // Most patterns are written out: they are compiled when a text comes to be matched first.
  if (name === 'matches' && first?.kind === 'literal' && typeof first.value === 'string') return compileMatches(on, first.value);
  return strict([on, ...parameters.map(compile)], own(methods, name) ?? unknown(name));
}

function compileHas(operand: Evaluate, name: string): Evaluate {
  return strict([operand], ([value]) => (value instanceof CelMap ? value.find(name) !== undefined : noOverload));
}

function compileMatches(on: Evaluate, pattern: string): Evaluate {
  let matches: ((text: string) => CelResult) | undefined;
  return strict([on], ([text]) => {
    if (typeof text !== 'string') return noOverload;
    matches ??= matcherOf(pattern);
    return matches(text);
  });
}
