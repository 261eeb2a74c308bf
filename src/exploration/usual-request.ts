import type { TraceRequest } from '../trace/outcome.ts';

/** A path that proxies refuse or make another of. */
const ODD_PATH = /\/\.{1,2}(?:[/?]|$)|\/\/|\\|%(?:00|2[dDeEfF]|5[cC])/;

/** Whether a request is as clients send them as a rule: for an answer, not for another protocol, a tunnel or leave to ask. */
export function isUsualRequest({ scheme, target, method, headers }: TraceRequest): boolean {
  if (scheme === 'tcp' || scheme === 'tls') return true;
  const names = headers.map(([name]) => name);
  return (
    target.startsWith('/') &&
    !ODD_PATH.test(target) &&
    method !== 'CONNECT' &&
    !names.includes('upgrade') &&
    !names.includes('access-control-request-method')
  );
}
