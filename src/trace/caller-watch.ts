import type { MessageHeaders } from './headers.ts';
import type { TracePod } from './pod.ts';

/**
 * Turns what tells who calls into what would tell of another caller; everything else stays as it is. It is asked only for what an answer
 * depends on.
 */
export interface InStead {
  ip(ip: string): string;
  /** Names of a certificate. */
  names(names: readonly string[]): readonly string[];
  pod(pod: TracePod): TracePod;
}

/**
 * Told of all answers in a trace that depend on who calls, so that a trace can stand for those of other callers. A proxy that looks at
 * the address, the identity or the secrets of a caller notes its answer, with how to find the answer for another caller.
 */
export interface CallerWatch {
  /** `about` is what the question is about beside the caller, where that is known: asked again about the same it is noted once. */
  note<T>(answer: T, again: (inStead: InStead) => T, about?: readonly unknown[]): void;
  /** The same headers, watched: proxies write into some of them who calls. */
  headers(headers: MessageHeaders): MessageHeaders;
}
