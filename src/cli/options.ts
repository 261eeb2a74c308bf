import { type Command, Option } from 'commander';
import { apiServerModes, gatewayApiChannels } from '../input/options.ts';
import { defaultRelease, releaseNames } from '../releases/index.ts';

/** Gathers the values of a flag that can be repeated. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** The flag for kustomizations, and what it is for. */
export const KUSTOMIZE = ['-k, --kustomize <folder>', 'kustomization, built by kustomize or kubectl; can be repeated'] as const;

/** The flag of commands that can go on. */
export const WATCH = ['--watch', 'again whenever a file has changed, until Ctrl-C'] as const;

/** The flag for a release, where nothing else can tell it. */
export const ISTIO_VERSION: readonly [flag: string, about: string] = [
  '--istio-version <version>',
  `release of Istio: ${releaseNames.join(', ')} (default ${defaultRelease.name})`,
];

/** The flag for several clusters, of commands that know them; others take it to say that they do not. */
export const CLUSTERS: Option = new Option(
  '--cluster <name=path>',
  'several clusters: a name and its manifests; can be repeated',
).argParser(collect);

/** Adds the flags of all commands that read manifests. For istioctl's sake, `analyze` and `proxy-config` have flags of their own for some. */
export function addInputOptions(
  command: Command,
  kustomize: Option = new Option(...KUSTOMIZE).argParser(collect),
  verbose: Option = new Option(
    '-v, --verbose',
    'name what was passed over (trace: and why; analyze: and the analyzers that ran)',
  ),
  cluster: Option = new Option('--cluster <name=path>').argParser(collect).hideHelp(),
): Command {
  return command
    .addOption(verbose)
    .addOption(cluster)
    .option('-f, --file <path>', 'file, folder, pattern, or - for standard input; can be repeated', collect)
    .addOption(kustomize)
    .option('--helm <folder>', 'Helm chart, rendered by helm')
    .option('--values <file>', 'values for the chart of --helm; can be repeated', collect)
    .option('--ignore-unknown', 'pass over documents that are no manifests without a word')
    .option('--keep-going', 'go on without documents that have errors')
    .option('--registry <file>', 'mock service registry: services, workloads and endpoints in one file')
    .option('--mesh-config <file>', 'body of MeshConfig (else the ConfigMap "istio" among the manifests)', collect)
    .option('--mesh-networks <file>', 'body of MeshNetworks (else the ConfigMap "istio" among the manifests)', collect)
    .option('--cluster-domain <domain>', 'DNS domain of the cluster (default "cluster.local")')
    .option(
      '--istio-version <version>',
      `release of Istio: ${releaseNames.join(', ')} (else as the manifests tell, else ${defaultRelease.name})`,
      collect,
    )
    .option('--proxy-version <version>', "version of the proxies (else that of their images, else istiod's)", collect)
    .option('-n, --namespace <name>', 'namespace of resources and pods that name none (default "default")')
    .option(
      '--istiod-env <name=value>',
      "environment variable of istiod (else the manifests' istiod's); can be repeated",
      collect,
    )
    .option('--ambient', 'ambient mode (else as istiod or the manifests tell; --no-ambient turns it off)')
    .option('--no-ambient', 'no ambient mode')
    .option('--compatibility-version <release>', 'the environment of the profile compatibility-version-<release>');
}

/** Adds the flags of commands that ask what the API server says. */
export function addApiServerOptions(command: Command): Command {
  return command
    .addOption(new Option('--api-server <mode>', 'what to make of its schemas (default "strict")').choices(apiServerModes))
    .addOption(new Option('--gateway-api-channel <channel>', 'definitions of the Gateway API').choices(gatewayApiChannels));
}

/** Adds the flag that says where requests from outside enter. */
export function addGatewayOption(command: Command): Command {
  return command.option(
    '--gateway <name>',
    'where requests from outside enter (else the gateways that have a route for the host)',
  );
}

/** Adds the flags that say which other control plane the manifests are for. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--to-istio-version <version>', 'the release of Istio afterwards (of one cluster: NAME=VERSION)', collect)
    .option('--to-proxy-version <version>', "version of the proxies afterwards (else as before, or istiod's)", collect)
    .option('--to-compatibility-version <release>', 'the profile compatibility-version-<release> afterwards')
    .option('--to-istiod-env <name=value>', 'environment variable of istiod afterwards; can be repeated', collect);
}
