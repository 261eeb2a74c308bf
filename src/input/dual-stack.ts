import type { MeshConfig } from '../api/istio.gen.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { dualStackAssumed } from '../diagnostics/problems/istiod.ts';
import type { Release } from '../releases/release.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { controlPlaneOf } from './control-plane.ts';
import type { ConfigDocument } from './istiod-config.ts';
import type { IstiodSettings } from './istiod-environment.ts';

const VARIABLE = 'ISTIO_DUAL_STACK';

/** Whether anybody says what istiod's ISTIO_DUAL_STACK is: an istiod among the manifests does, by leaving it out too. */
export function isDualStackKnown({ configured, flags }: IstiodSettings, documents: readonly SourceDocument[]): boolean {
  return [...configured, ...flags].some(({ name }) => name === VARIABLE) || controlPlaneOf(documents) !== undefined;
}

/**
 * The release with both families served, where MeshConfig tells the proxies so and nobody says how istiod runs: Istio's guide sets the
 * variable for both.
 */
export function releaseWithDualStack(
  release: Release,
  { defaultConfig }: MeshConfig,
  source: ConfigDocument<'MeshConfig'> | undefined,
  report: Report,
): Release {
  if (release.behaviours.dualStack || parseGoBoolean(defaultConfig?.proxyMetadata?.[VARIABLE] ?? '') !== true) return release;
  const path = ['defaultConfig', 'proxyMetadata', VARIABLE];
  report(dualStackAssumed(source === undefined ? {} : { location: source.document.locate(path), path }));
  return { ...release, behaviours: { ...release.behaviours, dualStack: true } };
}
