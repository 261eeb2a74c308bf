import {
  CLIENT_CERTIFICATE,
  COMES_AGAIN,
  LONG_HEADER,
  LONG_TEXT,
  MORE_WAYS,
  PROXY_PROTOCOL,
  TOKEN_ELSEWHERE,
} from '../trace/recording/parts.ts';
import type { Assumption } from '../trace/recording/recorder.ts';
import { assertNever } from '../util/assert.ts';

/** What is not known of requests, in words. */
export interface Assumed {
  /** What is taken to make no difference. */
  readonly assumptions: readonly string[];
  /** What decides and cannot be told of the request. */
  readonly untraceable: readonly string[];
}

/** What is taken for granted, in words. */
export function assumedOf(assumptions: readonly Assumption[]): Assumed {
  const [taken, untraceable] = [new Set<string>(), new Set<string>()];
  for (const assumption of assumptions) {
    switch (assumption.kind) {
      case 'not simulated':
        taken.add(`${assumption.what} ${assumption.config}`.trim());
        break;
      case 'taken for granted':
        taken.add(assumption.what);
        break;
      case 'under load':
      case 'unseen':
      case 'filter order':
        // Who gets where is asked, not how often, nor how servers outside like it.
        break;
      case 'untraceable':
        untraceable.add(untraceableWords(assumption.what));
        break;
      default:
        assertNever(assumption);
    }
  }
  return { assumptions: [...taken], untraceable: [...untraceable] };
}

/** What cannot be told of the request, by the key of where it comes from (trace/recording/source.ts sourceKey). */
function untraceableWords(key: string): string {
  if (key === TOKEN_ELSEWHERE) return 'a token in a cookie, or of one issuer in several places';
  if (key === CLIENT_CERTIFICATE)
    return 'whether a client shows one of the certificates that are pinned (verifyCertificateHash, verifyCertificateSpki)';
  if (key === PROXY_PROTOCOL) return 'what stands before a request in the PROXY protocol';
  if (key === MORE_WAYS) return 'which of more ways than are followed a request takes';
  if (key === LONG_HEADER) return 'what stands in a header that proxies make longer than servers take';
  if (key === LONG_TEXT) return 'what proxies note for those after them, where that is very long';
  if (key === COMES_AGAIN) return 'from which of several gateways a connection comes for a second time';
  const [, part] = /"made","(\w+)/.exec(key) ?? [];
  if (part !== undefined) return `the ${part} that a proxy makes of the request`;
  return key === 'token' ? 'the text of the token' : 'a list of headers that proxies add to';
}
