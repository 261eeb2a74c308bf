import { assertNever } from '../../util/assert.ts';
import { append } from '../../util/collections.ts';
import { expressionProgram } from '../../util/re2.ts';
import type { TextTest } from '../formula.ts';
import type { TextAutomaton } from './automaton.ts';
import { type Beginning, beginningsAutomaton } from './beginnings.ts';
import { replacedAutomaton } from './derived.ts';
import { expressionAutomaton } from './expression.ts';
import { integerAutomaton } from './integer.ts';
import { type Part, partsAutomaton } from './parts.ts';
import { productAutomaton } from './product.ts';

/** What tells a test from others. */
export function keyOfTextTest(test: TextTest): string {
  switch (test.kind) {
    case 'present':
      return 'present';
    case 'regex':
      return `regex ${test.expression}`;
    case 'integer':
      return `integer ${test.start} ${test.end}`;
    case 'replaced':
      return `replaced ${JSON.stringify([test.prefix, test.by, test.ignoringCase === true])} ${keyOfTextTest(test.test)}`;
    case 'exact':
    case 'prefix':
    case 'segments':
    case 'suffix':
    case 'contains':
      return `${test.kind}${test.ignoringCase === true ? ' ignoring case' : ''} ${test.text}`;
    default:
      return assertNever(test);
  }
}

/** An automaton that says which of some tests a text passes, by their places in the list. */
export function automatonOfTests(tests: readonly TextTest[], spend: (work: number) => void): TextAutomaton {
  return productAutomaton(
    automataOf(
      tests.map((test, id) => [id, test]),
      spend,
    ),
    spend,
  );
}

type Numbered = readonly [id: number, test: TextTest];

function automataOf(tests: readonly Numbered[], spend: (work: number) => void): readonly TextAutomaton[] {
  const beginnings = { exactly: [] as Beginning[], ignoringCase: [] as Beginning[] };
  const parts = { exactly: [] as Part[], ignoringCase: [] as Part[] };
  const others: TextAutomaton[] = [];
  const replaced = new Map<string, (readonly [id: number, test: TextTest & { readonly kind: 'replaced' }])[]>();
  for (const [id, test] of tests) {
    switch (test.kind) {
      case 'present':
        beginnings.exactly.push({ test: id, text: '', isWhole: false });
        break;
      case 'exact':
      case 'prefix':
        beginnings[caseOf(test)].push({ test: id, text: test.text, isWhole: test.kind === 'exact' });
        break;
      case 'segments':
        beginnings[caseOf(test)].push({ test: id, text: test.text, isWhole: true });
        beginnings[caseOf(test)].push({ test: id, text: `${test.text}/`, isWhole: false });
        break;
      case 'suffix':
      case 'contains':
        parts[caseOf(test)].push({ test: id, text: test.text, isAtEnd: test.kind === 'suffix' });
        break;
      case 'regex': {
        const program = expressionProgram(test.expression);
        if (program !== undefined) others.push(expressionAutomaton(program, id, spend));
        break;
      }
      case 'integer':
        others.push(integerAutomaton(test.start, test.end, id));
        break;
      case 'replaced':
        append(replaced, JSON.stringify([test.prefix, test.by, test.ignoringCase === true]), [id, test]);
        break;
      default:
        assertNever(test);
    }
  }
  for (const group of replaced.values()) {
    const first = group[0]?.[1];
    if (first === undefined) continue;
    const inner = productAutomaton(
      automataOf(
        group.map(([id, { test }]) => [id, test]),
        spend,
      ),
      spend,
    );
    others.push(replacedAutomaton(first.prefix, first.by, first.ignoringCase === true, inner));
  }
  return [
    ...(beginnings.exactly.length > 0 ? [beginningsAutomaton(beginnings.exactly, false)] : []),
    ...(beginnings.ignoringCase.length > 0 ? [beginningsAutomaton(beginnings.ignoringCase, true)] : []),
    ...(parts.exactly.length > 0 ? [partsAutomaton(parts.exactly, false)] : []),
    ...(parts.ignoringCase.length > 0 ? [partsAutomaton(parts.ignoringCase, true)] : []),
    ...others,
  ];
}

function caseOf({ ignoringCase }: { readonly ignoringCase?: boolean }): 'exactly' | 'ignoringCase' {
  return ignoringCase === true ? 'ignoringCase' : 'exactly';
}
