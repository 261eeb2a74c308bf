import type { InputOptions } from './options.ts';

/** The flags that name an input again, word by word, for commands that somebody is told to run. */
export function flagsOf(options: InputOptions): readonly string[] {
  const { ambient } = options;
  const named = Object.entries(flags).flatMap(([name, flag]) => {
    const value = options[name as keyof typeof flags];
    return listOf(value).flatMap((one) => [flag, one]);
  });
  return [...named, ...(ambient === undefined ? [] : [ambient ? '--ambient' : '--no-ambient'])];
}

/** Those with a value. */
const flags = {
  file: '-f',
  cluster: '--cluster',
  kustomize: '-k',
  helm: '--helm',
  values: '--values',
  registry: '--registry',
  meshConfig: '--mesh-config',
  meshNetworks: '--mesh-networks',
  clusterDomain: '--cluster-domain',
  istioVersion: '--istio-version',
  proxyVersion: '--proxy-version',
  namespace: '-n',
  istiodEnv: '--istiod-env',
  compatibilityVersion: '--compatibility-version',
} as const satisfies Partial<Record<keyof InputOptions, string>>;

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
