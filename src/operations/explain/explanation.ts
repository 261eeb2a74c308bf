import type { Definition } from '../../diagnostics/problem.ts';
import type { Release } from '../../releases/release.ts';
import { own } from '../../util/object.ts';

/** All there is to say of a code to somebody who runs a release of Istio. */
export interface CodeExplanation {
  readonly definition: Definition;
  /** Why mesh never reports it; undefined for what it does report. */
  readonly retired?: string | undefined;
  /** Where the documentation of Istio begins that explains the code. */
  readonly docsUrl: string;
  /** The releases whose istioctl reports it, where that of the release that is asked for does not. */
  readonly elsewhere?: { readonly release: string; readonly reportedBy: readonly string[] } | undefined;
}

/** What there is to say of a code. */
export function explanationOf(definition: Definition, release: Release, releases: readonly Release[]): CodeExplanation {
  const { code } = definition;
  const reportedBy = releases.filter(({ codes }) => codes.has(code)).map(({ name }) => name);
  const isElsewhere = reportedBy.length > 0 && !release.codes.has(code);
  return {
    definition,
    retired: own(release.retiredCodes, code),
    docsUrl: docsOf(code, release, releases),
    elsewhere: isElsewhere ? { release: release.name, reportedBy } : undefined,
  };
}

/** Where the documentation of the release begins, or of the first one that explains the code. */
export function docsOf(code: string, release: Release, releases: readonly Release[]): string {
  return (release.codes.has(code) ? release : releases.find(({ codes }) => codes.has(code)))?.docsUrl ?? release.docsUrl;
}
