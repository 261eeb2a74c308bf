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

/** The bytes of a resource at some depth. */
interface Printed {
  readonly depth: number;
  readonly bytes: PrintableBytes;
}

/**
 * So many bytes may come together before those that were not asked for meanwhile are forgotten: each namespace has routes of its own, of
 * megabytes in a large mesh.
 */
const REMEMBERED = 1 << 25;

/** A printer that remembers the bytes of the resources it has seen of late. */
export function createXdsPrinter(layout: XdsLayout = 'indented', remembered: number = REMEMBERED): XdsPrinter {
  let late = new WeakMap<object, Printed>();
  let earlier = new WeakMap<object, Printed>();
  let size = 0;
  const remember = (resource: object, printed: Printed): PrintableBytes => {
    size += printed.bytes.length;
    if (size > remembered) {
      earlier = late;
      late = new WeakMap();
      size = printed.bytes.length;
    }
    late.set(resource, printed);
    return printed.bytes;
  };
  const bytesOf = (resource: object, depth: number): PrintableBytes => {
    const known = late.get(resource);
    if (known?.depth === depth) return known.bytes;
    const before = earlier.get(resource);
    if (before?.depth === depth) return remember(resource, before);
    const json = layout === 'indented' ? indent(JSON.stringify(resource, null, 2), depth) : JSON.stringify(resource);
    return remember(resource, { depth, bytes: encode(printedJsonText(json)) });
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
