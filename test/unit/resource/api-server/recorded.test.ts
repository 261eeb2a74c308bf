import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refusalsOfText } from './refusals.ts';

interface Recorded {
  readonly name: string;
  readonly accepted: boolean;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly yaml: string;
}

const file = join(import.meta.dirname, '../../../../fixtures/admission/names-ports-addresses.jsonl');
const recorded = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recorded);

describe('what a real API server answered', () => {
  test.each(recorded.filter(({ accepted }) => !accepted))('to $name: the same fields and words', ({ yaml, errors }) => {
    const said = refusalsOfText(yaml).diagnostics.flatMap(({ apiServer }) => apiServer ?? []);
    expect(said.map(({ field }) => field).sort()).toEqual(errors.map(({ field }) => field).sort());
    for (const { field, message } of errors) {
      // A hint for people may follow.
      expect(said.filter((one) => one.field === field).map((one) => one.message.slice(0, message.length))).toContain(message);
    }
  });

  test.each(recorded.filter(({ accepted }) => accepted))('to $name: nothing', ({ yaml }) => {
    const { diagnostics } = refusalsOfText(yaml);
    expect(diagnostics.filter(({ apiServer, severity }) => apiServer !== undefined && severity === 'error')).toEqual([]);
  });
});
