import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { compareText } from '../util/text.ts';
import { printedJsonText } from './escape/json.ts';
import type { PrintableBytes } from './escape/printable.ts';
import { concatenatedBytes, encode } from './escape/private-keys.ts';

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
    order === 'sent' ? resources : [...resources].sort((a, b) => compareText(nameOf(a), nameOf(b)));
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

/** Prints xDS resources as JSON, at some depth of indent; what proxies share is turned into bytes once. */
export interface XdsPrinter {
  /** `{"clusters": [...], "endpoints": [...], "listeners": [...], "routes": [...]}` without a line break at the end, as UTF-8. */
  print(resources: XdsResources, depth: number): PrintableBytes;
  /** The same in the parts that it is made of. */
  parts(resources: XdsResources, depth: number): readonly PrintableBytes[];
}

/** How a resource is laid out: over many lines, or on one, which makes files half as large and their differences readable. */
export type XdsLayout = 'indented' | 'a line each';

/** A printer that remembers the bytes of the resources it has seen, for as long as they live. */
export function createXdsPrinter(layout: XdsLayout = 'indented'): XdsPrinter {
  const known = new WeakMap<object, { readonly depth: number; readonly bytes: PrintableBytes }>();
  const bytesOf = (resource: object, depth: number): PrintableBytes => {
    const earlier = known.get(resource);
    if (earlier?.depth === depth) return earlier.bytes;
    const json = layout === 'indented' ? indent(JSON.stringify(resource, null, 2), depth) : JSON.stringify(resource);
    const bytes = encode(printedJsonText(json));
    known.set(resource, { depth, bytes });
    return bytes;
  };
  const printer: XdsPrinter = {
    print: (resources, depth) => concatenatedBytes(printer.parts(resources, depth)),
    parts(resources, depth) {
      const outer = '  '.repeat(depth);
      const inner = `${outer}  `;
      const between = encode(printedJsonText(`,\n${inner}  `));
      const parts: PrintableBytes[] = [];
      let text = '{\n';
      for (const [name, list] of Object.entries(resources) as [string, readonly object[]][]) {
        text += `${inner}"${name}": [`;
        if (list.length > 0) {
          parts.push(encode(printedJsonText(`${text}\n${inner}  `)));
          list.forEach((resource, index) => {
            if (index > 0) parts.push(between);
            parts.push(bytesOf(resource, depth + 2));
          });
          text = `\n${inner}`;
        }
        text += '],\n';
      }
      parts.push(encode(printedJsonText(`${text.slice(0, -2)}\n${outer}}`)));
      return parts;
    },
  };
  return printer;
}

/** Moves all lines but the first to the right. */
function indent(text: string, depth: number): string {
  return text.replaceAll('\n', `\n${'  '.repeat(depth)}`);
}
