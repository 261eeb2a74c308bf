import { own } from '../../../util/object.ts';

/** How rules write what cannot stand in a name of CEL: k8s.io/apiserver pkg/cel Escape. */
const escapes: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** The words of CEL, which are written between underscores: `__namespace__`. */
const words = [
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let'],
  ...['loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
];

/** The name of a property as a schema has it, of that in a rule. */
export function unescapeName(name: string): string {
  if (!name.includes('__')) return name;
  return name.replace(
    /__([^_]+)__/g,
    (written, inner: string) => own(escapes, inner) ?? (words.includes(inner) ? inner : written),
  );
}
