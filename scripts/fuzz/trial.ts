import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FuzzInput, filesOf, flagsOf } from './input.ts';
import { judge } from './judge.ts';
import { ordinary, renamed, withoutNames } from './names.ts';
import { everythingShuffled, filesShuffled, inOrder, withoutOrderOfFiles, withoutPlaces } from './order.ts';
import { createRandom } from './random.ts';
import { type Files, type Outcome, runMesh } from './run.ts';

/** One thing that is tried with an input. It is plain data, so that it can be kept and tried again. */
export type Trial =
  /** A command, with files of its own beside the manifests. Its flags for the input are added. */
  | { readonly type: 'command'; readonly argv: readonly string[]; readonly files?: Files }
  /** A command whose files come in other orders, where nothing may change. */
  | { readonly type: 'order'; readonly argv: readonly string[]; readonly seed: number }
  /** A command whose manifests have a name that every object of JavaScript has instead of `word`: it is a name as any other. */
  | { readonly type: 'names'; readonly argv: readonly string[]; readonly word: string; readonly name: string }
  /** The table that `test --scaffold` writes, which must hold. */
  | { readonly type: 'scaffold' }
  /** The statements that `prove --suggest` prints, which must hold. */
  | { readonly type: 'suggested' }
  /** The dump of a proxy against the manifests that it is from, which must be equal. */
  | { readonly type: 'drift'; readonly pod: string }
  /** The manifests against themselves, which must be equal, with more flags of `diff`. */
  | { readonly type: 'same'; readonly argv?: readonly string[] }
  /** What Envoy says of the configuration of a proxy; it must not refuse what no finding tells of. */
  | { readonly type: 'envoy'; readonly pod: string; readonly envoy: string };

/** What is wrong. Faults of one kind, command and detail have one cause, as far as can be told. */
export interface Fault {
  readonly kind:
    | 'crash'
    | 'status'
    | 'format'
    | 'characters'
    | 'words'
    | 'order'
    | 'names'
    | 'difference'
    | 'slow'
    | 'memory'
    | 'envoy';
  readonly trial: Trial;
  readonly detail: string;
  /** All that is known, for people. */
  readonly text: string;
}

/** Tries it; undefined where all is well. `begins` is told of each command of the trial: how long one may take holds for each by itself. */
export async function tryOut(trial: Trial, input: FuzzInput, begins: () => void = () => {}): Promise<Fault | undefined> {
  const files = filesOf(input);
  const own = trial.type === 'command' ? Object.values(trial.files ?? {}) : [];
  const all = [...Object.values(files), ...own].join('\n');
  const run = async (argv: readonly string[], given: Files = files): Promise<{ outcome: Outcome; fault: Fault | undefined }> => {
    begins();
    const outcome = await runMesh(argv, given);
    const found = judge(argv, outcome, all);
    return { outcome, fault: found && { ...found, trial } };
  };
  switch (trial.type) {
    case 'command':
      return (await run(argvOf(trial.argv, input), { ...files, ...trial.files })).fault;
    case 'order':
      return tryOrders(trial, input, begins);
    case 'names':
      return tryNames(trial, input, begins);
    case 'scaffold': {
      const { outcome, fault } = await run(['test', '--scaffold', ...flagsOf(input)]);
      if (fault !== undefined || outcome.status !== 0) return fault;
      const table = { ...files, 'table.mesh-test.yaml': outcome.output };
      const tested = await run(['test', 'table.mesh-test.yaml', '--coverage', ...flagsOf(input)], table);
      if (tested.fault !== undefined || tested.outcome.status === 0) return tested.fault;
      return { kind: 'difference', trial, detail: 'scaffold', text: tested.outcome.output + tested.outcome.errors };
    }
    case 'suggested': {
      const { outcome, fault } = await run(['prove', '--suggest', ...flagsOf(input)]);
      if (fault !== undefined || outcome.status !== 0) return fault;
      const statements = { ...files, 'all.mesh-policy.yaml': outcome.output };
      const proven = await run(['prove', 'all.mesh-policy.yaml', ...flagsOf(input)], statements);
      if (proven.fault !== undefined || proven.outcome.status === 0) return proven.fault;
      return { kind: 'difference', trial, detail: 'suggested', text: proven.outcome.output + proven.outcome.errors };
    }
    case 'drift': {
      const { outcome, fault } = await run(['translate', '-o', 'config-dump', '--proxy', trial.pod, ...flagsOf(input)]);
      if (fault !== undefined || outcome.status !== 0) return fault;
      const compared = await run(['drift', 'dump.json', '--pod', trial.pod, ...flagsOf(input)], {
        ...files,
        'dump.json': outcome.output,
      });
      if (compared.fault !== undefined || compared.outcome.status === 0) return compared.fault;
      return { kind: 'difference', trial, detail: 'drift', text: compared.outcome.output + compared.outcome.errors };
    }
    case 'same': {
      const { outcome, fault } = await run(['diff', 'manifests', 'manifests', ...(trial.argv ?? []), ...flagsOf(input).slice(2)]);
      if (fault !== undefined || outcome.status !== 1) return fault;
      return { kind: 'difference', trial, detail: 'diff', text: outcome.output + outcome.errors };
    }
    case 'envoy':
      return tryEnvoy(trial, input);
  }
}

/** The arguments of a command with those that name its input. */
export function argvOf(argv: readonly string[], input: FuzzInput): readonly string[] {
  const flags = flagsOf(input);
  // Clusters name their manifests themselves.
  if (argv[0] === 'diff' || argv.includes('--cluster')) return [...argv, ...flags.slice(2)];
  switch (argv[0]) {
    case 'explain':
      return argv;
    case 'waypoint':
      return argv[1] === 'generate' ? argv : [...argv, ...flags];
    case '__complete':
      // The last word is the one to complete.
      return [...argv, ...flags, ''];
    default:
      return [...argv, ...flags];
  }
}

async function tryOrders(
  trial: Extract<Trial, { type: 'order' }>,
  { values, surroundings = [] }: FuzzInput,
  begins: () => void,
): Promise<Fault | undefined> {
  if (values === undefined) return undefined;
  const random = createRandom(trial.seed);
  const run = ({ files, flags }: ReturnType<typeof inOrder>): Promise<Outcome> => {
    begins();
    return runMesh([...trial.argv, ...flags, ...surroundings], files);
  };
  const given = await run(inOrder(values));
  const differs = (what: string, expected: Outcome, got: Outcome): Fault | undefined => {
    if (JSON.stringify(expected) === JSON.stringify(got)) return undefined;
    return { kind: 'order', trial, detail: `${trial.argv[0]} ${what}`, text: firstDifference(expected, got) };
  };
  const [name = ''] = trial.argv;
  const named = await run(filesShuffled(values, random));
  const fault = differs('files', withoutOrderOfFiles(name, given), withoutOrderOfFiles(name, named));
  // Of two objects of one name the first counts, and templates are told of once for each file, so that their places matter.
  if (fault !== undefined || /MESH0008|MESH0072/.test(given.output + given.errors)) return fault;
  return differs('places', withoutPlaces(given), withoutPlaces(await run(everythingShuffled(values, random))));
}

async function tryNames(
  trial: Extract<Trial, { type: 'names' }>,
  input: FuzzInput,
  begins: () => void,
): Promise<Fault | undefined> {
  const { argv, word, name } = trial;
  const run = async (instead: string): Promise<Outcome> => {
    const given = renamed(input, word, instead);
    begins();
    return withoutNames(await runMesh(argvOf(argv, given), filesOf(given)), name);
  };
  const [expected, got] = [await run(ordinary(name)), await run(name)];
  if (JSON.stringify(expected) === JSON.stringify(got)) return undefined;
  return { kind: 'names', trial, detail: `${argv[0]} ${name}`, text: firstDifference(expected, got) };
}

function firstDifference(expected: Outcome, got: Outcome): string {
  const lines = ({ status, output, errors }: Outcome): string[] => [
    `status ${status}`,
    ...output.split('\n'),
    ...errors.split('\n'),
  ];
  const [one, other] = [lines(expected), lines(got)];
  const only = (from: readonly string[], than: readonly string[]): string[] => {
    const known = new Set(than);
    return from.filter((line) => !known.has(line)).slice(0, 5);
  };
  const moved = one.findIndex((line, index) => line !== other[index]);
  return [
    ...only(one, other).map((line) => `- ${line}`),
    ...only(other, one).map((line) => `+ ${line}`),
    `first difference in line ${moved + 1}: ${one[moved]} | ${other[moved]}`,
  ].join('\n');
}

async function tryEnvoy(trial: Extract<Trial, { type: 'envoy' }>, input: FuzzInput): Promise<Fault | undefined> {
  const files = filesOf(input);
  const { status, output } = await runMesh(argvOf(['translate', '-o', 'envoy', '--proxy', trial.pod], input), files);
  if (status !== 0) return undefined;
  const refusal = refusalOf(output, trial.envoy);
  if (refusal === undefined) return undefined;
  const analyzed = await runMesh(argvOf(['analyze', '-o', 'json', '--verify', 'always'], input), files);
  const findings = JSON.parse(analyzed.output || '[]') as readonly { readonly level: string; readonly message: string }[];
  if (findings.some(({ level, message }) => level === 'Error' || /refuse/.test(message))) return undefined;
  return { kind: 'envoy', trial, detail: shapeOfRefusal(refusal), text: refusal };
}

/** What tells causes apart: not names, numbers and places. */
function shapeOfRefusal(refusal: string): string {
  const [, reason = refusal] = /error initializing configuration '[^']*': (.*)/s.exec(refusal) ?? [];
  return reason
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/"[^"]*"|'[^']*'|[\w.-]*\d[\w.-]*/g, '_')
    .slice(0, 160);
}

/** What Envoy says against a bootstrap; undefined when it loads it. */
function refusalOf(bootstrap: string, envoy: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-fuzz-'));
  try {
    const file = join(folder, 'envoy.json');
    writeFileSync(file, bootstrap);
    // Through a pipe: access logs open /dev/stdout, which Node makes a socket that cannot be opened.
    const script = 'set -o pipefail; "$0" --mode validate -c "$1" --log-level error 2>&1 | cat';
    const { status, stdout } = spawnSync('bash', ['-c', script, envoy, file], { encoding: 'utf8', timeout: 60_000 });
    return status === 0 ? undefined : stdout.replaceAll(folder, '').slice(0, 3000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
