import { assertNever } from '../assert.ts';
import { type CelNode, lastNameOf } from './node.ts';
import { isComprehension, parseCel } from './parse.ts';

/** A call of a function or macro in an expression. */
export interface CelCall {
  readonly name: string;
  /** The last name of what it is called on, where that is a name or names joined by dots: `math` of `math.max(1, 2)`. */
  readonly receiver: string | undefined;
  readonly hasReceiver: boolean;
  readonly count: number;
  /** Whether it is a macro that goes through a list or map. */
  readonly isComprehension: boolean;
}

/** The calls of an expression, or what is wrong with its syntax. */
export function readCel(text: string): { readonly calls: readonly CelCall[] } | { readonly problem: string } {
  const parsed = parseCel(text);
  return 'problem' in parsed ? parsed : { calls: callsOf(parsed.node) };
}

/** Those of what a call is given come before it. Without recursion: `a + a + a...` is as deep as it is long. */
function callsOf(root: CelNode): readonly CelCall[] {
  const calls: CelCall[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === 'call') calls.push(callOf(node));
    for (const part of partsOf(node)) pending.push(part);
  }
  return calls.reverse();
}

function callOf({ name, receiver, parameters }: Extract<CelNode, { kind: 'call' }>): CelCall {
  return {
    name,
    receiver: receiver && lastNameOf(receiver),
    hasReceiver: receiver !== undefined,
    count: parameters.length,
    isComprehension: receiver !== undefined && isComprehension(name, parameters.length),
  };
}

function partsOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
    case 'unary':
      return [node.operand];
    case 'index':
      return [node.operand, node.index];
    case 'call':
      return node.receiver === undefined ? node.parameters : [node.receiver, ...node.parameters];
    case 'binary':
      return [node.left, node.right];
    case 'conditional':
      return [node.condition, node.yes, node.no];
    case 'list':
      return node.elements;
    case 'map':
      return node.entries.flat();
    case 'message':
      return node.fields.map(([, value]) => value);
    case 'group':
      return [node.inner];
    default:
      return assertNever(node);
  }
}
