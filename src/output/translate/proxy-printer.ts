import type { ZtunnelMessages } from '../../envoy/ztunnel.ts';
import type { CompiledProxy } from '../../operations/translate/compiled-proxy.ts';
import { plain } from '../escape/plain.ts';
import { type Printable, type PrintableBytes, printed } from '../escape/printable.ts';

/** How compiled proxies are printed in one format. */
export interface ProxyPrinter {
  /** Whether the format holds one proxy only. */
  readonly isSingle: boolean;
  readonly extension: 'json' | 'yaml';
  /** A whole file about one proxy. */
  file(proxy: CompiledProxy): PrintedProxy;
  /** What stands around the proxies when all are printed to one stream, and one of them. */
  readonly stream: {
    readonly before: Printable;
    readonly after: Printable;
    readonly empty: Printable;
    /** What goes before one of them, and the proxy itself. */
    opening(proxy: CompiledProxy, isFirst: boolean): Printable;
    member(proxy: CompiledProxy): Printable | PrintableBytes;
  };
  /** What every ztunnel gets, where a format has a place for it: as a file, and after all proxies, `after` included. */
  readonly ztunnel?: {
    file(config: ZtunnelMessages): Printable | PrintableBytes;
    after(config: ZtunnelMessages, withoutProxies: boolean): Printable | PrintableBytes;
  };
}

/** A file about a proxy. */
export interface PrintedProxy {
  readonly content: Printable | readonly PrintableBytes[];
  /** What a reader should know. */
  readonly warnings: readonly string[];
}

/** How proxies are laid out and what may be told of them. */
export interface PrinterOptions {
  /** Whether each proxy gets a file of its own. */
  readonly toFiles: boolean;
  /** Certificates and private keys of the manifests, where a format has a place for them. */
  readonly withSecrets: boolean;
}

/** Nothing at all. */
export const nothing: Printable = printed(plain``);

/** A printer of a format that holds one proxy only. */
export function singleProxyPrinter(file: (proxy: CompiledProxy) => PrintedProxy & { readonly content: Printable }): ProxyPrinter {
  return {
    isSingle: true,
    extension: 'json',
    file,
    stream: { before: nothing, after: nothing, empty: nothing, opening: () => nothing, member: (proxy) => file(proxy).content },
  };
}
