import { expect, test } from 'vitest';
import { diffOf, edit, type Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

const shop = shopOf(['web', 'client']);
const opened = (hostPort: number, more = ''): Files =>
  edit(shop, 'shop.yaml', '[{containerPort: 8080}]', `[{containerPort: 8080, hostPort: ${hostPort}${more}}]`);

interface NamedDoubt {
  readonly from: { readonly kind: string };
  readonly to: string;
  readonly what?: readonly string[];
}

/** The exit status of `--equal`, and what is not proven. */
async function equal(before: Files, after: Files) {
  const { exitCode, requests, report } = await diffOf(before, after, ['--equal']);
  expect(requests).toEqual([]);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly NamedDoubt[] } };
  return { exitCode, doubts: (proof?.doubts ?? []).map(({ from, to, what = [] }) => `${from.kind} -> ${to}: ${what.join()}`) };
}

const unproven = { exitCode: 1, doubts: ['anybody -> shop/web: what nodes lead to shop/web (hostPort)'] };
const proven = { exitCode: 0, doubts: [] };

test('ports that pods open at their nodes are not proven to make no difference where they come, go or change', async () => {
  expect(await equal(shop, opened(80))).toEqual(unproven);
  expect(await equal(opened(80), shop)).toEqual(unproven);
  expect(await equal(opened(80), opened(81))).toEqual(unproven);
});

test('ports of nodes that stay are proven, and so are those that no connection takes', async () => {
  expect(await equal(opened(80), opened(80, ', name: http'))).toEqual(proven);
  expect(await equal(shop, opened(0))).toEqual(proven);
});
