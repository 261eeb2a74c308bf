import { usageError } from '../diagnostics/user-error.ts';
import { goQuote } from '../util/go-format.ts';
import { compareText } from '../util/text.ts';
import type { ClusterSources, MeshConfigFile } from './config-file.ts';
import type { InputOptions } from './options.ts';

/** The clusters that flags name, else mesh.config.yaml unless flags name manifests, by name. */
export function namedClusters(
  options: InputOptions,
  isExplicit: boolean,
  config: MeshConfigFile | undefined,
): readonly ClusterSources[] {
  if (options.cluster === undefined) return isExplicit ? [] : (config?.clusters ?? []);
  if (isExplicit) {
    throw usageError('--cluster NAME=PATH names all that is read: manifests, charts and registries beside it are of no cluster');
  }
  const byName = new Map<string, string[]>();
  for (const value of options.cluster) {
    const [, name = '', path = ''] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
    if (name === '' || path === '') {
      throw usageError(`--cluster ${goQuote(value)} is not NAME=PATH: the name of a cluster and its manifests`);
    }
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  return [...byName].map(([name, manifests]) => ({ name, manifests })).sort((a, b) => compareText(a.name, b.name));
}
