import { dimensionOf } from '../../trace/headers.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { sourceKey, type TextSource } from '../../trace/recording/source.ts';
import { compareText } from '../../util/text.ts';
import { CHANCE } from './notice.ts';
import { roundedShare } from './noticed.ts';

/** What arrives at servers and comes back, in terms of the request: equal texts stand for the same whatever the request is. */
export function formsOf(outcomes: readonly Outcome[]): string {
  const shares = new Map<string, number>();
  for (const outcome of outcomes) {
    const { deliveries, otherDeliveries = [], headers, headerSources, share } = outcome;
    const formsFor = (wanted: boolean) =>
      [...deliveries, ...otherDeliveries]
        .filter(({ isMirror }) => isMirror === wanted)
        .map(({ sources }) => changed(sources ?? new Map()));
    const [arrived, copied] = [
      formsFor(false),
      formsFor(true)
        .map((form) => form.join())
        .sort(compareText),
    ];
    const answered = headers
      .filter(([name]) => isOfConfiguration(name))
      .map(([name, value]) => {
        const source = headerSources?.get(name);
        return `${name}: ${source === undefined ? JSON.stringify(value) : sourceKey(source)}`;
      })
      .sort(compareText);
    const key = JSON.stringify([arrived, copied, answered]);
    shares.set(key, (shares.get(key) ?? 0) + share);
  }
  const rounded = [...shares].map(([key, share]) => `${roundedShare(share)} ${key}`);
  return rounded.sort(compareText).join('\n');
}

/** The parts of a request that are not as they were sent. */
function changed(sources: ReadonlyMap<string, TextSource>): readonly string[] {
  return [...sources]
    .filter(([name, source]) => isOfConfiguration(name) && sourceKey(source) !== sourceKey(asSent(name)))
    .map(([name, source]) => `${name}: ${sourceKey(source)}`)
    .sort(compareText);
}

function asSent(name: string): TextSource {
  return { kind: 'request', dimension: name === ':path' ? { kind: 'path' } : dimensionOf(name) };
}

/** Whether a header says something of the configuration. */
function isOfConfiguration(name: string): boolean {
  return !CHANCE.test(name) && name !== ':scheme';
}
