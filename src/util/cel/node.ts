/** A part of an expression in the Common Expression Language, with its macros as calls. */
export type CelNode =
  /** Bytes are texts here; whole numbers lose what numbers of JavaScript cannot hold. */
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly operand: CelNode; readonly name: string }
  | { readonly kind: 'index'; readonly operand: CelNode; readonly index: CelNode }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly receiver: CelNode | undefined;
      readonly parameters: readonly CelNode[];
    }
  | { readonly kind: 'unary'; readonly sign: string; readonly operand: CelNode }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: CelNode; readonly right: CelNode }
  | { readonly kind: 'conditional'; readonly condition: CelNode; readonly yes: CelNode; readonly no: CelNode }
  | { readonly kind: 'list'; readonly elements: readonly CelNode[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: CelNode, value: CelNode])[] }
  | { readonly kind: 'message'; readonly name: string; readonly fields: readonly (readonly [name: string, value: CelNode])[] }
  /** What stands in parentheses. */
  | { readonly kind: 'group'; readonly inner: CelNode };

/** A part without the parentheses around it. */
export function ungrouped(node: CelNode): Exclude<CelNode, { kind: 'group' }> {
  let inner = node;
  while (inner.kind === 'group') inner = inner.inner;
  return inner;
}

/** The last of names joined by dots (`c` of `a.b.c`); undefined for all else, and for names in parentheses. */
export function lastNameOf(node: CelNode): string | undefined {
  let first = node;
  while (first.kind === 'select') first = first.operand;
  if (first.kind !== 'name') return undefined;
  return node.kind === 'select' ? node.name : first.name;
}
