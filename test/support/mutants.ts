import { parseYamlValue } from '../../src/util/yaml.ts';
import type { Files } from './diff.ts';

/** A single edit that may mean something. */
export interface Mutant {
  readonly name: string;
  readonly files: Files;
}

const KINDS: ReadonlySet<string> = new Set([
  ...['VirtualService', 'HTTPRoute', 'DestinationRule', 'Gateway', 'AuthorizationPolicy', 'RequestAuthentication'],
  ...['PeerAuthentication', 'ServiceEntry', 'Sidecar'],
]);

type Path = readonly (string | number)[];

/** All single edits of the resources in some files: texts and numbers changed, items and members taken away, words exchanged. */
export function mutantsOf(files: Files): readonly Mutant[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const documents = text
      .split(/^---\s*$/m)
      .filter((part) => part.trim() !== '')
      .map((part): unknown => parseYamlValue(part));
    return documents.flatMap((document, index) => {
      const { kind = '', metadata, spec } = (document ?? {}) as { kind?: string; metadata?: { name?: string }; spec?: unknown };
      if (!KINDS.has(kind)) return [];
      return editsOf(spec, ['spec']).map(({ path, what, value }): Mutant => {
        const edited = documents.map((other, at) => (at === index ? withValue(other, path, value) : other));
        return {
          name: `${kind} ${metadata?.name} ${path.join('.')}: ${what}`,
          files: { ...files, [file]: edited.map((one) => JSON.stringify(one)).join('\n---\n') },
        };
      });
    });
  });
}

const GONE: unique symbol = Symbol('gone');

interface Edit {
  readonly path: Path;
  readonly what: string;
  readonly value: unknown;
}

const WORDS: Readonly<Record<string, string>> = {
  ALLOW: 'DENY',
  DENY: 'ALLOW',
  STRICT: 'PERMISSIVE',
  PERMISSIVE: 'STRICT',
  GET: 'POST',
};
const KEYS: Readonly<Record<string, string>> = {
  ...{ prefix: 'exact', exact: 'prefix', paths: 'notPaths', notPaths: 'paths', methods: 'notMethods' },
  ...{ principals: 'notPrincipals', namespaces: 'notNamespaces', values: 'notValues', notValues: 'values' },
};

function editsOf(value: unknown, path: Path): readonly Edit[] {
  if (typeof value === 'string') {
    const word = WORDS[value];
    const other = word ?? (value.startsWith('/') ? `${value}x` : `${value}x`);
    return [{ path, what: `"${value}" -> "${other}"`, value: other }];
  }
  if (typeof value === 'number') return [{ path, what: `${value} -> ${value + 1}`, value: value + 1 }];
  if (typeof value === 'boolean') return [{ path, what: `${value} -> ${!value}`, value: !value }];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => [
      ...(value.length > 1 ? [{ path: [...path, index], what: 'taken away', value: GONE }] : []),
      ...editsOf(item, [...path, index]),
    ]);
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const renamed = KEYS[key];
    const others = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    return [
      ...(path.length > 1 ? [{ path: [...path, key], what: 'taken away', value: GONE }] : []),
      ...(renamed === undefined ? [] : [{ path, what: `${key} -> ${renamed}`, value: { ...others, [renamed]: member } }]),
      ...editsOf(member, [...path, key]),
    ];
  });
}

function withValue(tree: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(tree)) {
    return tree.flatMap((item: unknown, index) => {
      if (index !== key) return [item];
      const changed = withValue(item, rest, value);
      return changed === GONE ? [] : [changed];
    });
  }
  const entries = Object.entries((tree ?? {}) as object).flatMap(([name, member]: [string, unknown]) => {
    if (name !== key) return [[name, member] as const];
    const changed = withValue(member, rest, value);
    return changed === GONE ? [] : [[name, changed] as const];
  });
  return Object.fromEntries(entries);
}
