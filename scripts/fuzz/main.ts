import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { readSeedCases } from './cases.ts';
import { readFinding, writeFinding } from './findings.ts';
import { createInput, type FuzzInput } from './input.ts';
import type { Stock } from './mutate.ts';
import { readSchemas } from './schemas.ts';
import { shrink } from './shrink.ts';
import { createSupervisor, type SlowTrial, type Supervisor } from './supervisor.ts';
import type { Fault, Trial } from './trial.ts';

const USAGE = `npm run fuzz -- [options]
  --seconds N      how long (60)
  --runs N         how many inputs at most
  --seed N         the same seed tries the same inputs (1)
  --run N          begin with this input of the seed (0)
  --jobs N         processes (1)
  --envoy [FILE]   load what is accepted into an Envoy (.envoy/bin/envoy)
  --out FOLDER     where findings are written (.fuzz/findings)
  --replay FOLDER  try what a finding has kept, and nothing else
Exit status: 0 nothing found, 1 something, 64 usage.
`;

/** How long one fault is made smaller, in milliseconds. */
const SHRINKING = 60_000;

/** Runs the fuzzer; gives the exit status. `root` is the checkout, `workerFile` the bundled worker. */
export async function fuzz(argv: readonly string[], root: string, workerFile: string): Promise<number> {
  const options = readOptions(argv, root);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 64;
  }
  return options.replay === undefined ? explore(options, root, workerFile) : replay(options.replay, options, root, workerFile);
}

interface Options {
  readonly seconds: number;
  readonly runs: number;
  readonly seed: number;
  readonly first: number;
  readonly jobs: number;
  readonly envoy: string | undefined;
  readonly out: string;
  readonly replay: string | undefined;
}

function readOptions(argv: readonly string[], root: string): Options | undefined {
  try {
    // `--envoy` alone means the one that `npm run envoy` installs.
    const installed = join(root, '.envoy/bin/envoy');
    const args = argv.flatMap((arg, index) => {
      const isBare = arg === '--envoy' && (argv[index + 1] ?? '--').startsWith('--');
      return isBare ? [arg, installed] : [arg];
    });
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { seconds: text, runs: text, seed: text, run: text, jobs: text, envoy: text, out: text, replay: text },
    });
    const number = (name: 'seconds' | 'runs' | 'seed' | 'run' | 'jobs', fallback: number): number => {
      const value = values[name] === undefined ? fallback : Number(values[name]);
      if (Number.isNaN(value)) throw new Error(`--${name} is no number`);
      return value;
    };
    return {
      seconds: number('seconds', 60),
      runs: number('runs', Number.POSITIVE_INFINITY),
      seed: number('seed', 1),
      first: number('run', 0),
      jobs: number('jobs', 1),
      envoy: values.envoy,
      out: values.out ?? '.fuzz/findings',
      replay: values.replay,
    };
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

async function explore(options: Options, root: string, workerFile: string): Promise<number> {
  const { seconds, runs, seed, first, jobs, envoy, out } = options;
  const stock: Stock = { cases: readSeedCases(join(root, 'fixtures')), schemas: readSchemas(join(root, 'schemas/istio')) };
  process.stdout.write(`seed ${seed}, ${stock.cases.length} cases to begin with\n`);
  const until = Date.now() + 1000 * seconds;
  const found = new Map<string, number>();
  const total = { runs: 0, trials: 0 };
  let slowestOfAll: SlowTrial & { readonly run: number } = { seconds: 0, run: first };
  let next = first;

  const work = async (supervisor: Supervisor): Promise<void> => {
    while (Date.now() < until && next < first + runs) {
      const run = next++;
      const { faults, trials, slowest } = await supervisor.follow({ type: 'run', seed, run, effort: { envoy } });
      total.runs += 1;
      total.trials += trials;
      if (slowest.seconds > slowestOfAll.seconds) slowestOfAll = { ...slowest, run };
      for (const fault of faults) {
        const key = `${fault.kind} ${fault.detail}`;
        found.set(key, (found.get(key) ?? 0) + 1);
        if (found.get(key) !== 1) continue;
        const folder = join(out, `${found.size}-${fault.kind}`);
        process.stdout.write(`run ${run}: ${fault.kind}: ${fault.detail} -> ${folder}\n`);
        const small = await shrinkFault(createInput(seed, run, stock), fault, supervisor);
        writeFinding(folder, small, fault, `seed ${seed}, run ${run}`);
      }
    }
    supervisor.stop();
  };
  await Promise.all(Array.from({ length: jobs }, () => work(createSupervisor(workerFile, root))));

  const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
  for (const [key, count] of found) process.stdout.write(`${key}: ${times(count)}\n`);
  process.stdout.write(
    `${found.size} ${found.size === 1 ? 'fault' : 'faults'} in ${total.trials} trials of ${total.runs} inputs; ` +
      `the slowest took ${slowestOfAll.seconds.toFixed(1)} s (run ${slowestOfAll.run}: ${shortNameOf(slowestOfAll.trial)})\n`,
  );
  return found.size === 0 ? 0 : 1;
}

/** A trial for people: its kind, and the command if it has one. */
function shortNameOf(trial: Trial | undefined): string {
  if (trial === undefined) return 'none';
  return 'argv' in trial ? [trial.type, ...(trial.argv ?? [])].join(' ') : trial.type;
}

async function shrinkFault(input: FuzzInput, fault: Fault, supervisor: Supervisor): Promise<FuzzInput> {
  const until = Date.now() + SHRINKING;
  return shrink(input, async (candidate) => {
    if (Date.now() > until) return false;
    const { faults } = await supervisor.follow({ type: 'try', input: candidate, trial: fault.trial });
    return faults.some(({ kind, detail }) => kind === fault.kind && detail === fault.detail);
  });
}

async function replay(folder: string, { envoy }: Options, root: string, workerFile: string): Promise<number> {
  if (!existsSync(folder)) {
    process.stderr.write(`error: there is no folder ${folder}\n`);
    return 64;
  }
  const { input, trial } = readFinding(folder);
  const supervisor = createSupervisor(workerFile, root);
  const order =
    trial === undefined ? ({ type: 'try all', input, effort: { envoy } } as const) : ({ type: 'try', input, trial } as const);
  const { faults, trials } = await supervisor.follow(order);
  supervisor.stop();
  for (const { kind, detail, text } of faults) process.stdout.write(`${kind}: ${detail}\n${text}\n`);
  process.stdout.write(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${trials} trials\n`);
  return faults.length === 0 ? 0 : 1;
}
