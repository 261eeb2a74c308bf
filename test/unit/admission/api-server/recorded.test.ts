import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askApiServer } from './ask.ts';

/** An answer of a real API server (1.35) with the definitions of the release that is computed by default. */
interface Recorded {
  readonly name: string;
  /** `standard` where it is not said. */
  readonly channel?: 'experimental';
  readonly accepted: boolean;
  /** `YAML` where the text cannot be read. */
  readonly reason?: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  /** What it says under `--validate=warn`, where that is something else. */
  readonly withWarn?: { readonly accepted: boolean; readonly warnings: readonly string[] };
  readonly yaml: string;
}

const folder = join(import.meta.dirname, '../../../../fixtures/admission');
const recorded = ['custom-resources.jsonl', 'kubernetes.jsonl']
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recorded)
  .filter(({ reason }) => reason !== 'YAML');

describe('what a real API server answered about objects of Istio, of the Gateway API and of its own', () => {
  test.each(recorded.filter(({ accepted }) => !accepted))('to $name: the same fields and words', async (one) => {
    const { yaml, errors, reason } = one;
    const said = (await askApiServer(yaml, { channel: one.channel ?? 'standard' })).flatMap(({ apiServer }) => apiServer ?? []);
    const named = errors.map(({ field }) => (field === '<nil>' || field === '' ? undefined : field));
    expect(new Set(said.map(({ field }) => field))).toEqual(
      new Set(reason === 'BadRequest' && named[0] === '' ? [undefined] : named),
    );
    for (const { message } of errors) {
      // A hint for people may follow.
      expect(said.map((answer) => answer.message.slice(0, message.length))).toContain(message);
    }
  });

  test.each(recorded.filter(({ accepted }) => accepted))('to $name: nothing', async ({ yaml, channel }) => {
    expect(await askApiServer(yaml, { channel: channel ?? 'standard' })).toEqual([]);
  });

  const lenient = recorded.filter(({ withWarn }) => withWarn !== undefined);

  test.each(lenient)('to $name under --validate=warn: the same warnings', async ({ yaml, withWarn }) => {
    const said = await askApiServer(yaml, { unknownFields: 'warn' });
    expect(said.some(({ severity }) => severity === 'error')).toBe(!withWarn?.accepted);
    const warnings = said.filter(({ severity }) => severity === 'warning').map(({ apiServer }) => apiServer?.message ?? '');
    for (const words of withWarn?.warnings ?? []) {
      expect(warnings.map((warning) => warning.slice(0, words.length))).toContain(words);
    }
  });
});
