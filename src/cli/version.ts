import { createRequire } from 'node:module';
import { defaultRelease } from '../releases/index.ts';

/** The version of mesh, from its package. */
export function meshVersion(): string {
  const { version } = createRequire(import.meta.url)('mesh-xds/package.json') as { version: string };
  return version;
}

/** `mesh VERSION (Istio VERSION)`: the release that counts where none is asked for. */
export function versionText(): string {
  return `mesh ${meshVersion()} (Istio ${defaultRelease.version})`;
}
