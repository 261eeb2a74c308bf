import { releaseNames } from './index.ts';

/** Where Istio tells what a release changes. */
export interface ReleaseNews {
  readonly release: string;
  readonly upgradeNotes: string;
  readonly changeNotes: string;
}

/** What Istio tells of the releases after the earlier one of two up to the later one; nothing where they are the same. */
export function newsBetween(from: string, to: string): readonly ReleaseNews[] {
  const [first, last] = [releaseNames.indexOf(from), releaseNames.indexOf(to)].sort((a, b) => a - b);
  return releaseNames.slice((first ?? 0) + 1, (last ?? 0) + 1).map((release) => {
    const folder = `https://istio.io/latest/news/releases/${release}.x/announcing-${release}/`;
    return { release, upgradeNotes: `${folder}upgrade-notes/`, changeNotes: `${folder}change-notes/` };
  });
}

/** The release after another one; undefined after the newest. */
export function releaseAfter(name: string): string | undefined {
  return releaseNames[releaseNames.indexOf(name) + 1];
}
