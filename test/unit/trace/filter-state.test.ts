import { expect, test } from 'vitest';
import { noteValues } from '../../../src/trace/filter-state.ts';
import { LONG_TEXT } from '../../../src/trace/recording/parts.ts';

/** What is noted by formats, with what is told of it. */
function noted(formats: readonly (readonly [name: string, format: string])[]) {
  const shares = new Map<string, string>();
  const told: string[] = [];
  noteValues(
    formats.map(([objectKey, inlineString]) => ({
      objectKey,
      formatString: { textFormatSource: { inlineString } },
      sharedWithUpstream: 'ONCE' as const,
    })),
    shares,
    (command) => shares.get(/\((.*)\)/.exec(command)?.[1] ?? ''),
    {
      name: 'notes',
      recorder: {
        chosen: { address: undefined, serverName: undefined, token: undefined, isForOneAuthority: true, issuers: [] },
        holds: () => undefined,
        first: () => undefined,
        tokens: () => undefined,
        takesPath: () => undefined,
        assume: (assumption) => void told.push(assumption.kind === 'untraceable' ? assumption.what : assumption.kind),
      },
      step: (fact) => void told.push(fact.kind === 'note' ? fact.event : fact.kind),
    },
  );
  return { lengths: [...shares.values()].map(({ length }) => length), told };
}

test('formats that name each other make texts up to 64 KiB, and it is told where one is cut', () => {
  const formats = Array.from({ length: 60 }, (_, at): [string, string] => [
    `n${at}`,
    at === 0 ? 'xx' : `%FILTER_STATE(n${at - 1})%%FILTER_STATE(n${at - 1})%`,
  ]);
  const { lengths, told } = noted(formats);
  expect(lengths.slice(0, 4)).toEqual([2, 4, 8, 16]);
  expect(Math.max(...lengths)).toBe(65_536);
  expect(told.slice(0, 2)).toEqual([LONG_TEXT, 'text cut']);
});

test('nothing is told of formats that make short texts', () => {
  expect(
    noted([
      ['a', 'x'],
      ['b', '%FILTER_STATE(a)% and %FILTER_STATE(c)%'],
    ]),
  ).toEqual({ lengths: [1, 7], told: [] });
});
