import { parseText } from '../../src/source/parse.ts';
import type { Outcome } from './run.ts';
import type { Fault } from './trial.ts';

type Verdict = Omit<Fault, 'trial'>;

/** What is wrong with the outcome of a command, whatever its arguments and input (all of which is `input`) say; undefined where nothing is. */
export function judge(argv: readonly string[], { status, output, errors }: Outcome, input: string): Verdict | undefined {
  const name = argv.slice(0, 2).join(' ');
  const given = `${argv.join(' ')}\n${input}`;
  const all = output + errors;
  const found = (kind: Verdict['kind'], detail: string, text: string): Verdict => ({ kind, detail: `${name}: ${detail}`, text });
  const frame = /^error: .*(?:\n(?! +at ).*)*\n +at (.*)/m.exec(errors);
  // Below a crash stand the functions of the program, which tell causes apart better than the message.
  if (frame !== null) return { kind: 'crash', detail: shapeOf(frame), text: errors };
  // What clusters have in common can be impossible, whatever the command.
  const expected = [0, 65, 79, ...(argv.includes('--cluster') ? [64] : []), ...(mayEndWith[argv[0] ?? ''] ?? [])];
  if (!expected.includes(status)) return found('status', `${status}`, all);
  const broken = output === '' ? undefined : formatFault(argv, output);
  if (broken !== undefined) return found('format', broken.slice(0, 80), output);
  const character = CONTROL.exec(all)?.[0];
  if (character !== undefined) return found('characters', `character ${character.charCodeAt(0)}`, around(all, character));
  const word = argv.includes('html') ? undefined : WORDS.find((candidate) => candidate.test(all) && !candidate.test(given));
  if (word !== undefined) return found('words', String(word), around(all, word.exec(all)?.[0] ?? ''));
  return undefined;
}

/**
 * What else a command may end with: 1 for a difference or nothing to show, 64 for a name or an address that is not there, or an upgrade that changes
 * nothing, 80 for what is not decided.
 */
const mayEndWith: Readonly<Record<string, readonly number[]>> = {
  diff: [1, 64],
  drift: [1],
  explain: [64],
  prove: [80],
  'proxy-config': [1],
  recommend: [64],
  'upgrade-check': [1, 64],
  describe: [64],
  trace: [64],
  waypoint: [64],
  'ztunnel-config': [64],
};

/** Characters that command terminals or mislead readers; line ends and tabs do neither. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** What a program writes by mistake; the pages of graph are programs, and Istio speaks of undefined behavior. */
const WORDS: readonly RegExp[] = [/\bundefined\b(?!\s+behavior)/, /\[object \w+\]/, /\bNaN\b|\.nan\b/, /mesh has a bug/];

function formatFault(argv: readonly string[], output: string): string | undefined {
  const format = argv.includes('-o') ? argv[argv.indexOf('-o') + 1] : undefined;
  const isStage = argv.includes('--stage') || (argv[0] === 'translate' && format === undefined);
  if (isStage || format === 'json' || format === 'sarif' || format === 'config-dump' || format === 'envoy') {
    try {
      JSON.parse(output);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message.replaceAll(/\d+/g, '_') : String(error);
    }
  }
  if (format !== 'yaml') return undefined;
  const problems: string[] = [];
  parseText('output.yaml', output, ({ message }) => void problems.push(message));
  return problems[0];
}

/** Message and place of a crash, without what differs from input to input. */
function shapeOf(match: RegExpExecArray): string {
  const [first = ''] = match[0].split('\n');
  const message = first.replaceAll(/"[^"]*"|'[^']*'|\d+/g, '_').slice(0, 120);
  return `${message} at ${match[1]?.replace(/ \(.*\//, ' (')}`;
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return JSON.stringify(text.slice(Math.max(0, at - 300), at + 100));
}
