import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFinding } from '../scripts/fuzz/findings.ts';
import { planTrials } from '../scripts/fuzz/plan.ts';
import { createRandom } from '../scripts/fuzz/random.ts';
import { type Trial, tryOut } from '../scripts/fuzz/trial.ts';

const corpus = resolve(import.meta.dirname, '../fixtures/fuzz');

describe('what the fuzzer has found stays mended', () => {
  for (const name of readdirSync(corpus)) {
    test(name, async () => {
      const { input, trial } = readFinding(join(corpus, name));
      const all = await planTrials(input, createRandom(0), { all: true });
      const trials: readonly Trial[] = trial === undefined ? all : [trial, ...all];
      for (const each of trials) expect(await tryOut(each, input)).toBeUndefined();
    });
  }
});
