import { lackWords } from '../diagnostics/connection-words.ts';
import { formatOrigin } from '../diagnostics/format-field.ts';
import type { RuleAtPlace, UnreachableRule } from '../exploration/unreachable-rules.ts';
import { assertNever } from '../util/assert.ts';

/** Why no request takes a rule. */
export function unreachableWords({ kind, because, by, lacks }: UnreachableRule): string {
  const what = kind === 'filter chain' ? 'connection' : 'request';
  switch (because) {
    case 'excludes itself':
      return `what it asks for excludes itself, so that no ${what} fits`;
    case 'comes from nowhere':
      return nowhereWords(kind, lacks);
    case 'no token':
      return 'it asks for a token, and no RequestAuthentication accepts such a one here';
    case 'taken':
      return `${rulesWords(by, 'takes', 'take')} every ${what} that it asks for`;
    case 'led away':
      return `Envoy chooses ${namesWords(by)} for every ${what} that it asks for, and does not come back where what is left does not take it`;
    case 'refused':
      return `${rulesWords(by, 'refuses', 'refuse')} every request that it asks for`;
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

function rulesWords(rules: readonly RuleAtPlace[], one: string, several: string): string {
  const count = new Set(rules.map(ruleWords)).size;
  return `${namesWords(rules)} ${count < 2 ? one : count > MOST_RULES ? several : `together ${several}`}`;
}

function namesWords(rules: readonly RuleAtPlace[]): string {
  const names = [...new Set(rules.map(ruleWords))];
  const others = names.length - MOST_RULES;
  if (others > 0) return `${names.slice(0, MOST_RULES).join(', ')} and ${others} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function ruleWords({ name, origin }: RuleAtPlace): string {
  return origin === undefined ? name : formatOrigin(origin);
}
