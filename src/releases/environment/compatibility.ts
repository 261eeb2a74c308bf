import type { Release } from '../release.ts';
import { minorOf } from './existence.ts';

/** A variable that a release changed the default of, or introduced, and the value by which istiod does as before. */
interface Change {
  readonly release: string;
  readonly name: string;
  readonly former: string;
}

/** Istio manifests/helm-profiles/compatibility-version-*.yaml: what each profile puts into the environment of istiod. */
const changes: readonly Change[] = [
  { release: '1.27', name: 'ENABLE_NATIVE_SIDECARS', former: 'false' },
  { release: '1.28', name: 'DISABLE_SHADOW_HOST_SUFFIX', former: 'false' },
  { release: '1.28', name: 'PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY', former: 'false' },
  { release: '1.29', name: 'DISABLE_TRACK_REMAINING_CB_METRICS', former: 'false' },
  { release: '1.30', name: 'PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE', former: 'false' },
  { release: '1.31', name: 'PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS', former: 'false' },
  { release: '1.31', name: 'PILOT_ENABLE_STRICT_GATEWAY_MERGING', former: 'false' },
];

/** The oldest release that any profile goes back to. */
const OLDEST = 25;

/** The releases that a release can be told to be like. */
export function compatibilityVersions({ name }: Release): readonly string[] {
  return Array.from({ length: Math.max(0, minorOf(name) - OLDEST) }, (_, index) => `1.${OLDEST + index}`);
}

/** The environment of a profile `compatibilityVersion`; undefined where the release has no such profile. */
export function compatibilityProfile(release: Release, version: string): Readonly<Record<string, string>> | undefined {
  if (!compatibilityVersions(release).includes(version)) return undefined;
  const since = changes.filter(
    (change) => minorOf(change.release) > minorOf(version) && minorOf(change.release) <= minorOf(release.name),
  );
  return Object.fromEntries(since.map(({ name, former }) => [name, former]));
}
