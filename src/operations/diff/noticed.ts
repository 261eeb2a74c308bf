import type { Decision } from '../../trace/decision.ts';
import { compareText } from '../../util/text.ts';

/** The values that an aspect of a request takes, with how often each does: 1 in all, the most frequent first. */
export type Shares<T> = readonly { readonly value: T; readonly share: number }[];

/** A pod that serves, or the place of another server, and how many others of its workload would do the same. */
export interface ServingPod {
  readonly pod: string;
  readonly alike: number;
}

/** Name and value of a header. */
export type Header = readonly [name: string, value: string];

/** One thing about a copy of a request as it arrives at a server. */
export type CopyFact = { readonly to: string } & (
  | { readonly what: 'path' | 'host' | 'port' | 'server name' | 'protocol'; readonly is: string }
  | { readonly what: 'header'; readonly is: Header }
  | { readonly what: 'tls'; readonly is: ConnectionTls }
);

/** How a connection is secured: `server-only` where the client shows no certificate. */
export type ConnectionTls = 'plain' | 'mutual' | 'server-only';

/**
 * What a client notices of one request. The second half is known of requests only that reach a server, and the last two of those whose
 * client's own proxy has changed. Empty where there is no client.
 */
export interface Noticed {
  /** HTTP status; 0 for no answer. */
  readonly status?: Shares<number>;
  /** Response flags in the access log of the first proxy. */
  readonly flags?: Shares<string>;
  /** What refuses it. */
  readonly policy?: Shares<Decision | { readonly kind: 'none' }>;
  /** The cluster that the first proxy chose; empty for none. */
  readonly cluster?: Shares<string>;
  /** Which pod gets it; empty where none does. */
  readonly pods?: Shares<readonly ServingPod[]>;
  /** The server outside of all pods that gets it, address or name with its port; empty where none does. */
  readonly outside?: Shares<string>;
  /** Who gets a copy. */
  readonly mirrors?: Shares<readonly ServingPod[]>;
  /** How the copies get there. */
  readonly copies?: Shares<readonly CopyFact[]>;
  readonly responseHeaders?: Shares<readonly Header[]>;
  /** Seconds until the answer. */
  readonly delay?: Shares<number>;
  /** As the server sees them. */
  readonly path?: Shares<string>;
  readonly host?: Shares<string>;
  readonly requestHeaders?: Shares<readonly Header[]>;
  /** The port of the pod that gets it. */
  readonly port?: Shares<number | string>;
  /** Of the last connection between proxies, or to a server outside. */
  readonly tls?: Shares<ConnectionTls>;
  /** The name that a server is asked for by TLS that it ends itself; empty where it ends none. */
  readonly serverName?: Shares<string>;
  /** What is spoken with the server. */
  readonly protocol?: Shares<'HTTP/1.1' | 'HTTP/2'>;
  /** How a request to a server that takes very long ends: `waits` where no timeout ends it. */
  readonly timeout?: Shares<'waits' | { readonly seconds: number; readonly status: number }>;
  /** How often a request is sent to servers that fail. */
  readonly attempts?: Shares<number>;
}

/** A share without what counting makes of it: the smallest fraction that Envoy knows is one of a million. */
export function roundedShare(share: number): number {
  return Math.round(share * 1_000_000) / 1_000_000;
}

/** How often each of the values occurs that others stand for. */
export function sharesBy<T, U>(shares: Shares<T>, valueOf: (value: T) => U): Shares<U> {
  const found = new Map<string, { readonly value: U; share: number }>();
  let total = 0;
  for (const one of shares) {
    const value = valueOf(one.value);
    const key = JSON.stringify(value);
    const known = found.get(key) ?? { value, share: 0 };
    found.set(key, known);
    known.share += one.share;
    total += one.share;
  }
  return [...found]
    .map(([key, { value, share }]) => ({ key, value, share: roundedShare(share / total) }))
    .sort((a, b) => b.share - a.share || compareText(a.key, b.key))
    .map(({ value, share }) => ({ value, share }));
}
