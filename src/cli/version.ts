import { createRequire } from 'node:module';

/** The version of Istio whose istiod mesh computes after. */
export const ISTIO_VERSION = '1.30.3';

/** The version of mesh, from its package. */
export function meshVersion(): string {
  const { version } = createRequire(import.meta.url)('mesh-xds/package.json') as { version: string };
  return version;
}

/** `mesh 0.1.0 (Istio 1.30.3)`. */
export function versionText(): string {
  return `mesh ${meshVersion()} (Istio ${ISTIO_VERSION})`;
}
