import { createRequire } from 'node:module';
import { ISTIO_VERSION } from '../util/istio-version.ts';

/** The version of mesh, from its package. */
export function meshVersion(): string {
  const { version } = createRequire(import.meta.url)('mesh-xds/package.json') as { version: string };
  return version;
}

/** `mesh 0.1.0 (Istio 1.30.3)`. */
export function versionText(): string {
  return `mesh ${meshVersion()} (Istio ${ISTIO_VERSION})`;
}
