import { describe, expect, test } from 'vitest';
import { openConfiguration } from '../../../../src/operations/diff/configuration.ts';
import { changesBetween, createComparison, pairNamesakes } from '../../../../src/operations/diff/proxy-changes.ts';
import { observeRequests, USUAL_PATIENCE } from '../../../../src/operations/diff/try-requests.ts';
import { routedByVirtualService, shopOf } from '../../../support/diff-shop.ts';
import { inputOfYaml } from '../../../support/resources.ts';

const shop = shopOf(['web', 'api']);
const sideOf = (timeout: string) =>
  openConfiguration(
    timeout,
    inputOfYaml(
      Object.values(routedByVirtualService(shop, '[{uri: {prefix: /api}}]', `\n      timeout: ${timeout}`)).join('\n---\n'),
    ),
  );

describe('the search for requests that end otherwise', () => {
  const [before, after] = [sideOf('1s'), sideOf('2s')];
  const changesOf = changesBetween(before, after, pairNamesakes(before, after).common, createComparison());
  const proofOf = (most: number) =>
    observeRequests(before, after, changesOf, [], undefined, {
      ...USUAL_PATIENCE,
      onceRefuted: { ...USUAL_PATIENCE, classes: most },
    }).proof;

  test('ends soon after one is known, if that is all that is asked, and says where it did not look', () => {
    const [whole, little] = [proofOf(1_000), proofOf(1)];
    expect(whole?.doubts).toEqual([]);
    expect(little?.classes).toBeLessThan(whole?.classes ?? 0);
    expect(little?.doubts[0]).toMatchObject({ because: 'not looked at', after: little?.classes });
  });
});
