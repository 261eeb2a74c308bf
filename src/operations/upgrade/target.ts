import { usageError } from '../../diagnostics/user-error.ts';
import type { Input } from '../../input/load.ts';
import type { InputOptions, TargetOptions } from '../../input/options.ts';
import { releaseAfter } from '../../releases/news.ts';

/** How the manifests are read for the other control plane: the release after that of `before`, where nobody says anything of it. */
export function targetOptions(
  { toIstioVersion, toProxyVersion, toCompatibilityVersion, toIstiodEnv, ...options }: InputOptions & TargetOptions,
  before: Input,
): InputOptions {
  const isTold = (toProxyVersion ?? toCompatibilityVersion ?? toIstiodEnv) !== undefined;
  return {
    ...options,
    istioVersion: toIstioVersion ?? (isTold ? before.release.name : releaseToCome(before)),
    ...(toProxyVersion !== undefined && { proxyVersion: toProxyVersion }),
    ...(toCompatibilityVersion !== undefined && { compatibilityVersion: toCompatibilityVersion }),
    istiodEnv: [...(options.istiodEnv ?? []), ...(toIstiodEnv ?? [])],
  };
}

function releaseToCome({ release }: Input): string {
  const next = releaseAfter(release.name);
  if (next === undefined) {
    throw usageError(`mesh knows no release after Istio ${release.name}: name one with --to-istio-version, or another --to flag`);
  }
  return next;
}
