import { Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../../diagnostics/user-error.ts';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type ProxyConfigFormat, proxyConfigFormats } from '../../output/proxy-config/formats.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS, collect } from '../options.ts';

/** What `mesh proxy-config` prints of a proxy. */
export type ProxyConfigSubject =
  | 'listeners'
  | 'routes'
  | 'clusters'
  | 'endpoints'
  | 'eds'
  | 'ecds'
  | 'bootstrap'
  | 'secret'
  | 'all';

export interface ProxyConfigOptions extends InputOptions {
  readonly output: ProxyConfigFormat;
  readonly address?: string;
  readonly port?: number;
  readonly type?: string;
  readonly name?: string;
  readonly fqdn?: string;
  readonly direction?: string;
  readonly subset?: string;
  readonly status?: string;
  readonly verbose?: boolean;
  readonly waypoint?: boolean;
  readonly withHeaders?: boolean;
  readonly static?: boolean;
  readonly origin?: boolean;
}

type Flag = (command: Command) => Command;

const port: Flag = (command) => command.option('--port <number>', 'only this port', readPort);
const address: Flag = (command) => command.option('--address <address>', 'only this address');
const verbose = (): Option =>
  new Option('--verbose [boolean]', 'print more columns').default(true).argParser((text) => text !== 'false');

const origin: Flag = (command) =>
  command.option('--origin', 'a column with the file, line and resource that made each row (of a pod in manifests)');
const fixed: Flag = (command) =>
  command.option('--static', 'with the parts of the bootstrap, as a running proxy lists them (of a pod in manifests)');

const listenerFlags: readonly Flag[] = [
  address,
  port,
  (command) => command.option('--type <type>', 'only listeners of this type: HTTP, TCP, HTTP+TCP'),
];
const routeFlags: readonly Flag[] = [(command) => command.option('--name <name>', 'only the route configuration of this name')];
const clusterFlags: readonly Flag[] = [
  (command) => command.option('--fqdn <text>', 'only clusters whose service name contains this'),
  (command) => command.option('--direction <direction>', 'only clusters of this direction: inbound, outbound'),
  (command) => command.option('--subset <text>', 'only clusters whose subset contains this'),
];
const status: Flag = (command) => command.option('--status <status>', 'only endpoints of this health: HEALTHY, UNHEALTHY, ...');
/** The flag of istioctl for endpoints of a cluster of Envoy, and the one for clusters of the mesh, have one name. */
const CLUSTERS_OR_ENDPOINTS = new Option(
  '--cluster <name[=path]>',
  "only endpoints of this cluster of the proxy; with a path, one of the mesh's clusters and its manifests; can be repeated",
).argParser(collect);

interface Subcommand {
  readonly name: ProxyConfigSubject;
  readonly aliases: readonly string[];
  readonly about: string;
  readonly output: 'short' | 'json';
  readonly flags: readonly Flag[];
}

const subcommands: readonly Subcommand[] = [
  {
    name: 'listeners',
    aliases: ['listener', 'l'],
    about: 'the listeners of a proxy',
    output: 'short',
    flags: [
      ...listenerFlags,
      fixed,
      origin,
      (command) => command.option('--waypoint', 'a row for each condition of a filter chain, as for waypoints'),
    ],
  },
  {
    name: 'routes',
    aliases: ['route', 'r'],
    about: 'its route configurations',
    output: 'short',
    flags: [...routeFlags, fixed, origin],
  },
  {
    name: 'clusters',
    aliases: ['cluster', 'c'],
    about: 'its clusters',
    output: 'short',
    flags: [...clusterFlags, port, fixed, origin],
  },
  {
    name: 'endpoints',
    aliases: ['endpoint', 'ep'],
    about: 'its endpoints (of a file: of Envoy /clusters?format=json)',
    output: 'short',
    flags: [address, port, status, fixed, origin],
  },
  {
    name: 'eds',
    aliases: [],
    about: 'its endpoints as EDS gave them (of a file: of a /config_dump?include_eds)',
    output: 'short',
    flags: [address, port, status, fixed, origin],
  },
  { name: 'ecds', aliases: ['ec'], about: 'its extension configurations', output: 'short', flags: [origin] },
  { name: 'bootstrap', aliases: ['b'], about: 'its bootstrap', output: 'json', flags: [] },
  { name: 'secret', aliases: ['secrets', 's'], about: 'its secrets', output: 'short', flags: [] },
  {
    name: 'all',
    aliases: ['a'],
    about: 'everything',
    output: 'short',
    flags: [
      ...listenerFlags,
      ...routeFlags,
      ...clusterFlags,
      fixed,
      origin,
      (command) => command.option('--with-headers', 'print a heading before each part'),
    ],
  },
];

/** `mesh proxy-config` and its subcommands. */
export function proxyConfigCommand({ io, finish }: CommandContext): Command {
  const parent = new Command('proxy-config')
    .alias('pc')
    .description('print what istioctl proxy-config would print, of a proxy in manifests or of a dump of a running one');
  for (const { name, aliases, about, output, flags } of subcommands) {
    const command = new Command(name)
      .aliases([...aliases])
      .description(about)
      .argument(
        '[pod]',
        'pod, pod.namespace, [cluster/]namespace/pod, deployment/name; without it, --file names a dump of a running Envoy',
      );
    const cluster = flags.includes(status) ? CLUSTERS_OR_ENDPOINTS : CLUSTERS;
    addInputOptions(command, undefined, verbose(), cluster).addOption(
      new Option('-o, --output <format>', 'how to print').choices(formatNames(proxyConfigFormats)).default(output),
    );
    for (const add of flags) add(command);
    command.action(async (pod: string | undefined, options: ProxyConfigOptions) => {
      const { proxyConfig } = await import('../actions/proxy-config.ts');
      finish(await proxyConfig(name, pod, options, io));
    });
    parent.addCommand(command);
  }
  for (const name of ['log', 'rootca-compare']) {
    parent.addCommand(
      new Command(name)
        .description('not available: it needs a running proxy')
        .argument('[pod...]')
        .allowUnknownOption()
        .action(() => {
          throw usageError(
            `proxy-config ${name} asks a running proxy, and mesh works offline: use istioctl proxy-config ${name}`,
          );
        }),
    );
  }
  return parent;
}

function readPort(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a port number.`);
  return Number(text);
}
