import { lackWords } from '../diagnostics/connection-words.ts';
import { formatOrigin } from '../diagnostics/format-field.ts';
import { nameWords, subjectWords } from '../diagnostics/name-words.ts';
import type { RuleAtPlace, UnreachableRule } from '../exploration/unreachable-rules.ts';
import { assertNever } from '../util/assert.ts';

/** Why no request takes a rule. */
export function unreachableWords({ kind, because, by, lacks }: UnreachableRule): string {
  const what = kind === 'filter chain' ? 'connection' : 'request';
  const others = [...new Set(by.map(ruleWords))];
  switch (because) {
    case 'excludes itself':
      return `what it asks for excludes itself, so that no ${what} fits`;
    case 'comes from nowhere':
      return nowhereWords(kind, lacks);
    case 'no token':
      return 'it asks for a token, and no RequestAuthentication accepts such a one here';
    case 'taken':
      return `${subjectWords(others, MOST_RULES, 'takes', 'take')} every ${what} that it asks for`;
    case 'led away':
      return `Envoy chooses ${nameWords(others, MOST_RULES)} for every ${what} that it asks for, and does not come back where what is left does not take it`;
    case 'refused':
      return `${subjectWords(others, MOST_RULES, 'refuses', 'refuse')} every request that it asks for`;
    case 'no connection':
      return `no connection takes the filter chain of ${nameWords(others, MOST_RULES)}, where it stands`;
    default:
      return assertNever(because);
  }
}

function nowhereWords(kind: UnreachableRule['kind'], lacks: UnreachableRule['lacks']): string {
  switch (kind) {
    case 'route':
      return 'no request for the hosts of its virtual host is as it asks';
    case 'policy':
      return 'no client of these connections is as it asks';
    case 'filter chain':
      return lackWords(lacks);
    default:
      return assertNever(kind);
  }
}

/** So many of them are named. */
const MOST_RULES = 3;

function ruleWords({ name, origin }: RuleAtPlace): string {
  return origin === undefined ? name : formatOrigin(origin);
}
