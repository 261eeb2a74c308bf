import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseYamlValue } from '../../src/util/yaml.ts';

/** A step of a composite action. */
export interface ActionStep {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** action.yml, as far as tests read it. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly ActionStep[] };
}

/** Reads the action of a checkout. */
export function readAction(folder: string): Action {
  return parseYamlValue(readFileSync(join(folder, 'action.yml'), 'utf8')) as Action;
}

/** Where a job runs. */
interface Job {
  readonly cwd: string;
  /** For the runner's own files. */
  readonly temporary: string;
  readonly path?: string | undefined;
}

/** How the action ended. */
export interface ActionResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it added to the summary of the job. */
  readonly summary: string;
}

/** Runs the steps of a checkout's action as a runner does, with these values of its inputs. */
export function actionSteps(folder: string, given: Readonly<Record<string, string>>, job: Job): ActionResult {
  const { inputs, runs } = readAction(folder);
  const summary = join(job.temporary, 'summary.md');
  writeFileSync(summary, '');
  const valueOf = (value: string): string =>
    value.replaceAll(/\$\{\{ inputs\.([-\w]+) \}\}/g, (_, name: string) => given[name] ?? inputs[name]?.default ?? '');
  const results = runs.steps.map(({ run: script = '', env = {} }) =>
    spawnSync('/bin/bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: job.cwd,
      encoding: 'utf8',
      env: {
        PATH: job.path ?? process.env.PATH,
        HOME: process.env.HOME,
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, valueOf(value)])),
        GITHUB_ACTION_PATH: folder,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: job.cwd,
        RUNNER_TEMP: job.temporary,
      },
    }),
  );
  const [{ status, stdout, stderr } = { status: null, stdout: '', stderr: '' }] = results;
  return { status, stdout, stderr, summary: readFileSync(summary, 'utf8') };
}
