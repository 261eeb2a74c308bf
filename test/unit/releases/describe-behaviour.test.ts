import { describe, expect, test } from 'vitest';
import { describeBehaviour } from '../../../src/releases/describe-behaviour.ts';
import { loadReleases } from '../../../src/releases/index.ts';
import { newsBetween, releaseAfter } from '../../../src/releases/news.ts';
import type { Behaviours, Release } from '../../../src/releases/release.ts';

const releases = await loadReleases();
const named = (name: string): Release => releases.find((release) => release.name === name) ?? expect.unreachable(name);

describe('behaviours in words', () => {
  test('every behaviour is described, also those of environment variables', () => {
    const [first, last] = [named('1.29'), named('1.31')];
    for (const name of Object.keys(first.behaviours) as (keyof Behaviours)[]) {
      const { about } = describeBehaviour(name, first, last);
      expect(about, name).not.toBe(name);
      expect(about, name).not.toMatch(/\.$/);
    }
  });

  test('a behaviour that several releases changed has the number of the change between the two', () => {
    const changeOf = (from: string, to: string) => describeBehaviour('statusWithoutBackends', named(from), named(to)).change;
    expect([changeOf('1.29', '1.30'), changeOf('1.30', '1.31'), changeOf('1.30', '1.29')]).toEqual([59445, 60787, 59445]);
    expect(describeBehaviour('subsetsInheritTls', named('1.30'), named('1.31')).change).toBe(60792);
  });

  test('a variable keeps the former behaviour where the later release has it', () => {
    const former = (name: keyof Behaviours, from: string, to: string) => describeBehaviour(name, named(from), named(to)).former;
    expect(former('autoSendUnhealthyEndpoints', '1.30', '1.31')).toEqual({
      variable: 'PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS',
      value: 'false',
    });
    expect(former('spawnUpstreamSpanForGateway', '1.30', '1.31')).toBeUndefined();
    expect(former('subsetsInheritTls', '1.30', '1.31')).toBeUndefined();
    expect(former('jwtEnableRemoteJwks', '1.30', '1.31')).toEqual({ variable: 'PILOT_JWT_ENABLE_REMOTE_JWKS', value: 'false' });
  });
});

describe('news of releases', () => {
  test('are those after the one up to the other, whichever is later', () => {
    const between = (from: string, to: string) => newsBetween(from, to).map(({ release }) => release);
    expect(between('1.29', '1.31')).toEqual(['1.30', '1.31']);
    expect(between('1.31', '1.30')).toEqual(['1.31']);
    expect(between('1.30', '1.30')).toEqual([]);
  });

  test('end with the newest release', () => {
    expect(releaseAfter('1.30')).toBe('1.31');
    expect(releaseAfter(releases.at(-1)?.name ?? '')).toBeUndefined();
  });
});
