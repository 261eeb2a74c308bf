import { formatOrigin } from '../diagnostics/format-field.ts';
import type { RuleAtPlace, UnreachableRule } from '../exploration/unreachable-rules.ts';
import { assertNever } from '../util/assert.ts';

/** Why no request takes a rule. */
export function unreachableWords({ kind, because, by }: UnreachableRule): string {
  switch (because) {
    case 'excludes itself':
      return 'what it asks for excludes itself, so that no request fits';
    case 'comes from nowhere':
      return kind === 'route'
        ? 'no request for the hosts of its virtual host is as it asks'
        : 'no client of these connections is as it asks';
    case 'no token':
      return 'it asks for a token, and no RequestAuthentication accepts such a one here';
    case 'taken':
      return `${rulesWords(by, 'takes', 'take')} every request that it asks for`;
    case 'refused':
      return `${rulesWords(by, 'refuses', 'refuse')} every request that it asks for`;
    default:
      return assertNever(because);
  }
}

/** So many of them are named. */
const MOST_RULES = 3;

function rulesWords(rules: readonly RuleAtPlace[], one: string, several: string): string {
  const names = [...new Set(rules.map(ruleWords))];
  const others = names.length - MOST_RULES;
  if (others > 0) return `${names.slice(0, MOST_RULES).join(', ')} and ${others} more ${several}`;
  return names.length < 2
    ? `${names.join('')} ${one}`
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} together ${several}`;
}

function ruleWords({ name, origin }: RuleAtPlace): string {
  return origin === undefined ? name : formatOrigin(origin);
}
