import type { XdsSnapshot } from '../envoy/snapshot.ts';

/** The resources of one proxy by type, as users see them. */
export interface XdsResources {
  readonly clusters: readonly object[];
  readonly endpoints: readonly object[];
  readonly listeners: readonly object[];
  readonly routes: readonly object[];
}

type Named = { readonly name?: string; readonly clusterName?: string };

/** The resources of a snapshot; each list by name if asked, else in the order in which istiod sends it. */
export function resourcesOfSnapshot(snapshot: XdsSnapshot, order: 'sent' | 'by name'): XdsResources {
  const list = <T extends object>(resources: readonly T[]): readonly T[] =>
    order === 'sent' ? resources : [...resources].sort((a, b) => compare(nameOf(a), nameOf(b)));
  return {
    clusters: list(snapshot.clusters),
    endpoints: list(snapshot.endpoints),
    listeners: list(snapshot.listeners),
    routes: list(snapshot.routes),
  };
}

function nameOf(resource: Named): string {
  return resource.name ?? resource.clusterName ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Prints xDS resources as JSON with an indent of two, at some depth; what proxies share is turned into text once. */
export interface XdsPrinter {
  /** `{"clusters": [...], "endpoints": [...], "listeners": [...], "routes": [...]}`, without a line break at the end. */
  print(resources: XdsResources, depth: number): string;
}

/** A printer that remembers the texts of the resources it has seen, for as long as they live. */
export function createXdsPrinter(): XdsPrinter {
  const texts = new WeakMap<object, { readonly depth: number; readonly text: string }>();
  const textOf = (resource: object, depth: number): string => {
    const known = texts.get(resource);
    if (known?.depth === depth) return known.text;
    const text = indent(JSON.stringify(resource, null, 2), depth);
    texts.set(resource, { depth, text });
    return text;
  };
  return {
    print(resources, depth) {
      const outer = '  '.repeat(depth);
      const inner = `${outer}  `;
      const member = ([name, list]: readonly [string, readonly object[]]): string => {
        if (list.length === 0) return `${inner}"${name}": []`;
        const items = list.map((resource) => `${inner}  ${textOf(resource, depth + 2)}`);
        return `${inner}"${name}": [\n${items.join(',\n')}\n${inner}]`;
      };
      return `{\n${Object.entries(resources).map(member).join(',\n')}\n${outer}}`;
    },
  };
}

/** Moves all lines but the first to the right. */
function indent(text: string, depth: number): string {
  return text.replaceAll('\n', `\n${'  '.repeat(depth)}`);
}
