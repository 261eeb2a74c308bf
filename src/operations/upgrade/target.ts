import { usageError } from '../../diagnostics/user-error.ts';
import { primaryInputs } from '../../input/clusters.ts';
import type { Input } from '../../input/load.ts';
import { commonValue, type InputOptions, type TargetOptions } from '../../input/options.ts';
import { releaseAfter } from '../../releases/news.ts';
import { compact } from '../../util/object.ts';
import { compareVersions } from '../../util/version.ts';

/**
 * How the manifests are read for the other control plane: the release after that of `before`, where nobody says anything of it. Of several
 * clusters, `before` are those of all.
 */
export function targetOptions(
  { toIstioVersion, toProxyVersion, toCompatibilityVersion, toIstiodEnv, ...options }: InputOptions & TargetOptions,
  before: readonly Input[],
): InputOptions {
  const isTold = (toProxyVersion ?? toCompatibilityVersion ?? toIstiodEnv) !== undefined;
  const releases = [...new Set(primaryInputs(before).map(({ input: { release } }) => release.name))];
  const [only, ...others] = releases;
  // Where each cluster has a release of its own, each keeps it.
  const former = others.length === 0 ? only : options.istioVersion;
  const names = before.flatMap(({ cluster }) => cluster?.name ?? []);
  const istioVersion = valuesAfter(toIstioVersion, options.istioVersion, names) ?? (isTold ? former : releaseToCome(releases));
  const proxyVersion = valuesAfter(toProxyVersion, options.proxyVersion, names);
  return {
    ...options,
    ...compact({ istioVersion, proxyVersion }),
    ...(toCompatibilityVersion !== undefined && { compatibilityVersion: toCompatibilityVersion }),
    istiodEnv: [...(options.istiodEnv ?? []), ...(toIstiodEnv ?? [])],
  };
}

/** What flags say afterwards: a value for all in place of all, those of clusters beside what is said of the others. */
function valuesAfter(
  after: string | readonly string[] | undefined,
  before: string | readonly string[] | undefined,
  clusters: readonly string[],
): readonly string[] | undefined {
  if (after === undefined) return undefined;
  const kept = commonValue(after, clusters) === undefined ? [before ?? []].flat() : [];
  return [...kept, ...[after].flat()];
}

function releaseToCome(releases: readonly string[]): string {
  const [release = '', ...others] = releases;
  if (others.length > 0) {
    throw usageError(
      `clusters have Istio ${[...releases].sort(compareVersions).join(', ')}: name the release to come with --to-istio-version`,
    );
  }
  const next = releaseAfter(release);
  if (next === undefined) {
    throw usageError(`mesh knows no release after Istio ${release}: name one with --to-istio-version, or another --to flag`);
  }
  return next;
}
