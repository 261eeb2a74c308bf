import type { Decision } from '../../trace/decision.ts';
import { assertNever } from '../../util/assert.ts';

/** What refused a request, in words. */
export function decisionWords(decision: Decision): string {
  switch (decision.kind) {
    case 'denied':
      return `${decision.policy} denies it (rule ${decision.rule})`;
    case 'denied by filter':
      return `${decision.policy} denies it`;
    case 'nobody allows':
      return 'no policy allows it';
    case 'no mutual TLS':
      return 'mutual TLS is asked for';
    case 'token refused':
      return `token: ${decision.problem}`;
    case 'authorizer denies':
      return 'external authorization';
    default:
      return assertNever(decision);
  }
}
