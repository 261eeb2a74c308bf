import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Order, Word } from './protocol.ts';
import type { Fault, Trial } from './trial.ts';

/** How long one trial may take, in seconds, and how much memory, in MB. */
const LIMITS = { seconds: 10, memory: 1024 } as const;

/** What came out of an order. */
export interface Report {
  readonly faults: readonly Fault[];
  readonly trials: number;
  readonly slowest: SlowTrial;
}

/** A trial and how many seconds it took. */
export interface SlowTrial {
  readonly seconds: number;
  /** Undefined before the first. */
  readonly trial?: Trial;
}

/** A worker that is started again when it hangs or dies. */
export interface Supervisor {
  follow(order: Order): Promise<Report>;
  stop(): void;
}

/** Starts a worker of a file, for the checkout at `root`. */
export function createSupervisor(workerFile: string, root: string): Supervisor {
  let worker: ChildProcess | undefined;

  const start = (): ChildProcess =>
    fork(workerFile, [root], {
      execArgv: [`--max-old-space-size=${LIMITS.memory}`, '--enable-source-maps'],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });

  return {
    follow(order) {
      if (worker?.connected !== true) worker = start();
      const child = worker;
      return new Promise((resolve, reject) => {
        let trial: Trial | undefined;
        let began = { clock: Date.now(), processor: processorSeconds(child.pid) };
        let slowest: SlowTrial = { seconds: 0 };
        const noteTime = (): void => {
          if (trial !== undefined && spent() > slowest.seconds) slowest = { seconds: spent(), trial };
        };
        let lastWords = '';
        const finish = (report: Omit<Report, 'slowest'>): void => {
          clearInterval(watch);
          child.removeAllListeners();
          child.stderr?.removeAllListeners();
          noteTime();
          resolve({ ...report, slowest });
        };
        const die = (kind: 'slow' | 'memory' | 'crash', text: string): void => {
          worker = undefined;
          child.kill('SIGKILL');
          if (trial === undefined) {
            clearInterval(watch);
            reject(new Error(`the worker cannot begin: ${text}`));
            return;
          }
          const detail = `${kind} ${trial.type === 'command' ? trial.argv[0] : trial.type}`;
          finish({ faults: [{ kind, trial, detail, text }], trials: 1 });
        };
        // Where the machine is busy with other things, the time of the processor is what counts.
        const spent = (): number => {
          const now = processorSeconds(child.pid);
          return now === undefined || began.processor === undefined ? (Date.now() - began.clock) / 1000 : now - began.processor;
        };
        const watch = setInterval(() => {
          const isEnvoy = trial?.type === 'envoy';
          if (spent() > LIMITS.seconds || (!isEnvoy && Date.now() - began.clock > 20_000 * LIMITS.seconds)) {
            die('slow', `more than ${LIMITS.seconds} s`);
          }
        }, 500);
        child.on('message', (word: Word) => {
          if (word.type === 'end') return finish(word);
          noteTime();
          trial = word.trial;
          began = { clock: Date.now(), processor: processorSeconds(child.pid) };
        });
        child.on('exit', (code, signal) => {
          if (signal === 'SIGABRT' || code === 134) die('memory', `more than ${LIMITS.memory} MB`);
          else die('crash', `the process ended: ${signal ?? code}\n${lastWords}`);
        });
        // One that runs out of memory writes pages.
        child.stderr?.on('data', (part: Buffer) => {
          lastWords = (lastWords + part.toString()).slice(-2000);
        });
        child.send(order);
      });
    },
    stop: () => void worker?.kill(),
  };
}

/** Seconds of processor that a process has used; undefined where the system does not tell. */
function processorSeconds(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
