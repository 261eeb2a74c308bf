import type { Release } from '../release.ts';
import type { Flag } from './flags.ts';

/** The minor number of a release, by its name. */
export function minorOf(name: string): number {
  return Number(name.split('.')[1]);
}

/** Whether a release has a variable. */
export function existsIn({ since, until }: Pick<Flag, 'since' | 'until'>, { name }: Pick<Release, 'name'>): boolean {
  const minor = minorOf(name);
  return (since === undefined || minor >= minorOf(since)) && (until === undefined || minor <= minorOf(until));
}
