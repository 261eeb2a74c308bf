import { join } from 'node:path';
import process from 'node:process';
import { readSeedCases } from './cases.ts';
import { createInput, type FuzzInput } from './input.ts';
import type { Stock } from './mutate.ts';
import { type Effort, planTrials } from './plan.ts';
import type { Order, Word } from './protocol.ts';
import { createRandom, type Random } from './random.ts';
import { readSchemas } from './schemas.ts';
import { type Fault, type Trial, tryOut } from './trial.ts';

// The process that tries inputs; it may hang or run out of memory, which its supervisor sees.

const [root = '.'] = process.argv.slice(2);
const say = (word: Word): void => void process.send?.(word);

process.on('message', async (order: Order) => say(await follow(order)));

async function follow(order: Order): Promise<Word> {
  switch (order.type) {
    case 'try':
      return end(await tryEach([order.trial], order.input));
    case 'try all':
      return end(await tryAll(order.input, createRandom(0), { ...order.effort, all: true }));
    case 'run':
      return end(await tryAll(createInput(order.seed, order.run, stock()), createRandom(order.seed, order.run), order.effort));
  }
}

let read: Stock | undefined;

/** Read once; it is large. */
function stock(): Stock {
  read ??= { cases: readSeedCases(join(root, 'fixtures')), schemas: readSchemas(join(root, 'schemas/istio')) };
  return read;
}

async function tryAll(input: FuzzInput, random: Random, effort: Effort): Promise<Tried> {
  say({ type: 'begin', trial: { type: 'command', argv: ['translate', '--stage', 'model'] } });
  return tryEach(await planTrials(input, random, effort), input);
}

interface Tried {
  readonly faults: readonly Fault[];
  readonly trials: number;
}

async function tryEach(trials: readonly Trial[], input: FuzzInput): Promise<Tried> {
  const faults: Fault[] = [];
  for (const trial of trials) {
    const begin = (): void => say({ type: 'begin', trial });
    begin();
    const fault = await tryOut(trial, input, begin);
    if (fault !== undefined) faults.push(fault);
  }
  return { faults, trials: trials.length };
}

function end({ faults, trials }: Tried): Word {
  return { type: 'end', faults, trials };
}
