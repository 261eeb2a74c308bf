import { usageError } from '../../diagnostics/user-error.ts';
import { assignmentsOf, isConfigDump, readClusterStatuses, readConfigDump } from '../../envoy/config-dump.ts';
import { isDumpText, parseDump, parseDumpYaml, readDumpText } from '../../operations/dumps.ts';
import { compiledProxy } from '../../operations/translate/compiled-proxy.ts';
import { configDump } from '../../output/config-dump.ts';
import { formatGoJson } from '../../output/go-json.ts';
import { originWords } from '../../output/origin-words.ts';
import { type ClusterStatus, statusesOfAssignments } from '../../output/proxy-config/cluster-statuses.ts';
import { proxyConfigFormats } from '../../output/proxy-config/formats.ts';
import type { PrintOptions, ProxyConfigPrinter, WholeDump } from '../../output/proxy-config/printer.ts';
import { quotableText } from '../../source/quotable.ts';
import { sealSecrets } from '../../source/secrets.ts';
import { findAmong } from '../../workbench/clusters.ts';
import type { ProxyConfigOptions, ProxyConfigSubject } from '../commands/proxy-config.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMeshes } from '../open.ts';

/**
 * Prints a part of what a proxy has: the proxy of a pod in the manifests, or, without a pod, the one whose dump `--file` names.
 * Gives the exit status.
 */
export async function proxyConfig(
  subject: ProxyConfigSubject,
  pod: string | undefined,
  options: ProxyConfigOptions,
  io: Io,
): Promise<number> {
  const printer = (await proxyConfigFormats[options.output]())();
  if (pod === undefined) {
    if (options.origin) throw usageError('--origin needs the name of a pod: a dump does not tell which resources made it');
    printSource(subject, printer, readDumpFile(options, io, subject), options, io);
    return EXIT.fine;
  }
  const source = await compilePod(pod, subject, options, io);
  printSource(subject, printer, source, options, io);
  return EXIT.fine;
}

/** Where the configuration comes from. */
interface Source extends WholeDump {
  /** Whether it is what a pod of the manifests would get, not what a running proxy has. */
  readonly isOfManifests: boolean;
  /** What `/clusters` of the proxy's Envoy tells. */
  statuses(): readonly ClusterStatus[];
}

function printSource(
  subject: ProxyConfigSubject,
  printer: ProxyConfigPrinter,
  source: Source,
  options: ProxyConfigOptions,
  io: Io,
): void {
  const printing = printOptions(options, source, io);
  try {
    if (subject === 'endpoints') io.out(printer.endpoints(source.statuses(), printing));
    else if (subject === 'all') for (const text of printer.all(source, printing)) io.out(text);
    else io.out(printer.part(source.dump(), subject, printing));
  } catch (error) {
    if (error instanceof Error && (error.name === 'MissingSection' || error.name === 'NothingFound')) {
      throw new CommandError(error.message);
    }
    throw error;
  }
}

function printOptions(options: ProxyConfigOptions, { isOfManifests }: Source, io: Io): PrintOptions {
  const {
    address = '',
    port = 0,
    type = '',
    name = '',
    fqdn = '',
    direction = '',
    subset = '',
    cluster: named = [],
    status = '',
  } = options;
  // The same flag names clusters of the mesh, with their manifests, where a pod is asked for.
  const cluster = named.findLast((value) => !isOfManifests || !value.includes('=')) ?? '';
  return {
    listeners: { address, port, type },
    routes: { name },
    clusters: { fqdn, port, subset, direction },
    endpoints: { address, port, cluster, status },
    verbose: options.verbose ?? true,
    waypoint: options.waypoint ?? false,
    withHeaders: options.withHeaders ?? false,
    mayBeEmpty: isOfManifests,
    ...(options.origin && { origins: originWords }),
    now: io.now(),
  };
}

function readDumpFile({ file: files }: ProxyConfigOptions, io: Io, subject: ProxyConfigSubject): Source {
  const [file, ...others] = files ?? [];
  if (file === undefined) {
    throw usageError(`${subject} needs the name of a pod, or --file with a dump of a running Envoy`);
  }
  if (others.length > 0) throw usageError('without the name of a pod, --file names one dump: give it once');
  const text = readDumpText(file, io);
  const json = (): unknown => parseDump(text, file, '; to read manifests, name a pod as well');
  return {
    isOfManifests: false,
    text: () => (isDumpText(text) ? text : quotableText({ file, text })),
    // istioctl prints a dump as it is, whatever it holds, and reads it as YAML to print YAML.
    value: () => sealSecrets(parseDumpYaml(text, file)),
    dump: () => readConfigDump(json()),
    statuses() {
      const value = json();
      return readClusterStatuses(isConfigDump(value) ? {} : value);
    },
  };
}

async function compilePod(pod: string, subject: ProxyConfigSubject, options: ProxyConfigOptions, io: Io): Promise<Source> {
  const { cluster: named, ...others } = options;
  const cluster = named?.filter((value) => value.includes('=') || (subject !== 'endpoints' && subject !== 'eds'));
  const input = { ...others, ...(cluster?.length && { cluster }), verbose: false };
  const { bench, proxy } = findAmong(await openMeshes(input, [], io), pod);
  const { snapshot, bootstrap } = compiledProxy(bench.session, proxy);
  const value = configDump(snapshot, bootstrap(), { withStatic: options.static ?? false });
  const whole = (): object => configDump(snapshot, bootstrap(), { withStatic: true });
  // The tables do not care for the order of fields, which costs some time to establish.
  const dump = readConfigDump(value, { asIs: options.output === 'short' });
  return {
    isOfManifests: true,
    text: () => formatGoJson(whole()),
    value: whole,
    dump: () => dump,
    statuses: () => statusesOfAssignments(assignmentsOf(dump)),
  };
}
