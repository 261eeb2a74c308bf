import { nastyText } from './dictionary.ts';
import type { Random } from './random.ts';

/** Marks of YAML and JSON that change what stands around them. */
const marks: readonly string[] = [
  ...[
    '---\n',
    '...\n',
    '%YAML 1.2\n---\n',
    '--- |\n',
    '- ',
    '? ',
    ': ',
    ', ',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>-\n',
    '|2\n',
    '#',
    ' # ',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a\n',
    '!!str ',
    '!!binary ',
    '!!set ',
    '! ',
    '"',
    "'",
    '\\',
    '\\x00',
    '\\ud800',
    '\t',
    ' ',
    '  ',
    '\n',
    '\r',
    '\r\n',
  ],
  ...[
    '\u0000',
    '\u0007',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u00a0',
    '~',
    'null',
    '=',
    '@',
    '`',
    '0o7',
    '.inf',
    '1:30',
    '2001-01-01',
  ],
];

/** Changes a text as editors, templates and bad connections do; what comes out need not be YAML any more. */
export function mutateText(text: string, random: Random): string {
  let mutated = text;
  for (let left = 1 + random.below(4); left > 0; left--) mutated = random.pick(mutations)(mutated, random);
  return mutated;
}

type TextMutation = (text: string, random: Random) => string;

const place = (text: string, random: Random): number => random.below(text.length + 1);

function onLines(change: (lines: readonly string[], index: number, random: Random) => readonly string[]): TextMutation {
  return (text, random) => {
    const lines = text.split('\n');
    return change(lines, random.below(lines.length), random).join('\n');
  };
}

const mutations: readonly TextMutation[] = [
  (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + random.pick(marks) + text.slice(at);
  },
  (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + nastyText(random) + text.slice(at);
  },
  (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + text.slice(at + 1 + random.below(3));
  },
  (text, random) => text.slice(0, place(text, random)),
  onLines((lines, index) => lines.toSpliced(index, 1)),
  onLines((lines, index) => lines.toSpliced(index, 0, lines[index] ?? '')),
  onLines((lines, index, random) => lines.with(index, random.pick([' ', '  ', '\t']) + (lines[index] ?? ''))),
  onLines((lines, index) => lines.with(index, (lines[index] ?? '').replace(/^ {1,2}/, ''))),
  onLines((lines, index, random) => lines.toSpliced(index, 0, random.pick(lines))),
  onLines((lines, index, random) => lines.with(index, (lines[index] ?? '') + random.pick(marks))),
  onLines((lines, index, random) => lines.with(index, (lines[index] ?? '').replace(/: .*/, `: ${random.pick(marks)}`))),
];
