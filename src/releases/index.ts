import { istio130 } from './1.30/release.ts';
import type { Release } from './release.ts';

/** The release that counts where nobody asks for another one. */
export const defaultRelease: Release = istio130;

/**
 * How each release is found, by name, oldest first. To add one: a folder beside 1.30 with its data, and a line here. It is imported
 * when it is asked for, so that nobody loads the tables of releases not in use.
 */
const loaders: ReadonlyMap<string, () => Promise<Release>> = new Map([
  ['1.29', async () => (await import('./1.29/release.ts')).istio129],
  [istio130.name, async () => istio130],
  ['1.31', async () => (await import('./1.31/release.ts')).istio131],
]);

/** The names of the releases, oldest first. */
export const releaseNames: readonly string[] = [...loaders.keys()];

/** The release of that name, or of a version of it (`1.31.2`, `v1.31.0-rc.0`); undefined where mesh knows none. */
export async function loadRelease(version: string): Promise<Release | undefined> {
  const [, name] = /^v?(\d{1,4}\.\d{1,4})(?:$|[.-])/.exec(version) ?? [];
  return name === undefined ? undefined : loaders.get(name)?.();
}

/** All releases, oldest first. */
export async function loadReleases(): Promise<readonly Release[]> {
  return Promise.all([...loaders.values()].map((load) => load()));
}
