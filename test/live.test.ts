import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { answersOf, missing } from './support/live/case-envoys.ts';
import { casesIn } from './support/recorded-case.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');

const lacking = missing();
if (lacking !== undefined) console.warn(`No traffic was sent through real Envoys, for want of ${lacking}.`);

/** The cases of every run; LIVE=all sends the requests of all tables. */
const everyRun = ['seed-sidecar', 'seed-reviews', 'seed-grpc-gateway', 'seed-ops'];
const withRequests = casesIn(fixtures).filter((name) => existsSync(join(fixtures, name, 'requests.yaml')));
const ofIstiod = (process.env.LIVE === 'all' ? withRequests : everyRun).map((name) => join(fixtures, name));
/** Cases of our own, which istiod never saw. */
const own = resolve(import.meta.dirname, '../fixtures/live');
const cases = [...ofIstiod, ...readdirSync(own).map((name) => join(own, name))].map((folder) => [basename(folder), folder]);

describe.skipIf(lacking !== undefined)('requests through real Envoys that run our configuration are answered as recorded', () => {
  // A second try: on a busy machine a dozen Envoys can take longer to start than the tool waits.
  test.each(cases)('%s', { timeout: 240_000, retry: 2 }, async (_, folder = '') => {
    const lines = await answersOf(folder);
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([expect.stringMatching(/^(\d+) of \1 as expected$/)]);
  });
});
