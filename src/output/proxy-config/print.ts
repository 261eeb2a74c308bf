import { assignmentsOf, type ConfigDump, clustersOf, listenersOf, routesOf, sectionMessages } from '../../envoy/config-dump.ts';
import { createEnvoyDescriptors } from '../../envoy/descriptors.ts';
import { assertNever } from '../../util/assert.ts';
import { isObject } from '../../util/object.ts';
import { printedDump, printedJsonText } from '../escape/json.ts';
import { plain } from '../escape/plain.ts';
import { concatenated, type Printable, printed } from '../escape/printable.ts';
import { formatGoJson } from '../go-json.ts';
import { formatProtobufJson } from '../go-protobuf-json.ts';
import { formatGoYaml } from '../go-yaml.ts';
import { formatBootstrap } from './bootstrap.ts';
import { rowsOfStatuses, selectStatuses } from './cluster-statuses.ts';
import { formatClusters, selectsCluster, sortClusters } from './clusters.ts';
import { formatExtensionConfigs, joinExtensionConfigs } from './ecds.ts';
import { formatAssignments, selectAssignments } from './eds.ts';
import { formatEndpoints } from './endpoints.ts';
import { formatListenerChains } from './listener-chains.ts';
import { formatListeners, selectsListener } from './listeners.ts';
import type { DumpPart, PrintOptions, ProxyConfigPrinter } from './printer.ts';
import { formatRoutes, selectsRoute, sortRoutes } from './routes.ts';
import { formatSecrets } from './secrets.ts';

/** A part of a dump that should have something and has nothing. */
export class NothingFound extends Error {
  override readonly name = 'NothingFound';
}

/** istioctl's tables. */
export function tablePrinter(): ProxyConfigPrinter {
  return {
    part: (dump, part, options) => summary(dump, part, options, false),
    endpoints: (statuses, { endpoints, origins }) => formatEndpoints(rowsOfStatuses(statuses), endpoints, origins),
    all: ({ dump }, options) => summaries(dump(), options),
  };
}

/** The JSON of istioctl; a whole dump is printed as it is, whatever it holds. */
export function jsonPrinter(): ProxyConfigPrinter {
  const print = (value: unknown): Printable => printedJsonText(`${formatGoJson(value)}\n`);
  return {
    part(dump, part, options) {
      const value = selected(dump, part, options);
      if ((part !== 'bootstrap' && part !== 'secret') || !isObject(value)) return print(value);
      const message = sectionMessages[part === 'secret' ? 'secrets' : part];
      return printedJsonText(`${formatProtobufJson(value, message, createEnvoyDescriptors())}\n`);
    },
    endpoints: (statuses, { endpoints }) => print(selectStatuses(statuses, endpoints)),
    all: ({ text }) => [printedDump(`${text()}\n`)],
  };
}

/** The YAML of istioctl, with an empty line after it. */
export function yamlPrinter(): ProxyConfigPrinter {
  const print = (value: unknown): Printable => concatenated([formatGoYaml(value), printed(plain`\n`)]);
  return {
    part: (dump, part, options) => print(selected(dump, part, options)),
    endpoints: (statuses, { endpoints }) => print(selectStatuses(statuses, endpoints)),
    all: ({ value }) => [print(value())],
  };
}

/** The tables of `all`, part by part. */
function* summaries(dump: ConfigDump, options: PrintOptions): Generator<Printable> {
  const parts: readonly (readonly [heading: string, part: DumpPart])[] = [
    ['BOOTSTRAP', 'bootstrap'],
    ['CLUSTER', 'clusters'],
    ['LISTENER', 'listeners'],
    ['ROUTE', 'routes'],
    ['SECRET', 'secret'],
    ['ENDPOINTS', 'eds'],
  ];
  for (const [index, [heading, part]] of parts.entries()) {
    if (index > 0) yield printed(plain`\n`);
    if (options.withHeaders) yield printed(plain`------ ${heading} INFO ------\n\n`);
    yield summary(dump, part, options, true);
  }
}

function summary(dump: ConfigDump, part: DumpPart, options: PrintOptions, withNames: boolean): Printable {
  const { verbose, origins } = options;
  switch (part) {
    case 'bootstrap':
      return formatBootstrap(dump.section('bootstrap'));
    case 'clusters':
      return formatClusters(some(clustersOf(dump), 'clusters', options), { filter: options.clusters, withNames, origins });
    case 'listeners': {
      const listeners = listenersIn(dump, options);
      if (options.waypoint) return formatListenerChains(listeners, origins);
      return formatListeners(listeners, { filter: options.listeners, verbose, withNames, origins });
    }
    case 'routes':
      return formatRoutes(some(routesOf(dump), 'routes', options), { filter: options.routes, verbose, withNames, origins });
    case 'secret':
      return formatSecrets(dump.section('secrets'), { now: options.now, withNames });
    case 'eds':
      return formatAssignments(assignmentsOf(dump), { filter: options.endpoints, withNames, origins });
    case 'ecds':
      return formatExtensionConfigs(extensionsIn(dump, options), origins);
    default:
      return assertNever(part);
  }
}

function selected(dump: ConfigDump, part: DumpPart, options: PrintOptions): unknown {
  switch (part) {
    case 'bootstrap':
      return dump.section('bootstrap');
    case 'clusters':
      return sortClusters(some(clustersOf(dump), 'clusters', options)).filter((cluster) =>
        selectsCluster(options.clusters, cluster),
      );
    case 'listeners':
      return listenersIn(dump, options).filter((listener) => selectsListener(options.listeners, listener));
    case 'routes':
      return sortRoutes(some(routesOf(dump), 'routes', options)).filter((route) => selectsRoute(options.routes, route));
    case 'secret':
      return prefixed("sidecar doesn't support secrets: ", () => dump.section('secrets'));
    case 'eds':
      return selectAssignments(assignmentsOf(dump), options.endpoints);
    case 'ecds':
      return joinExtensionConfigs(extensionsIn(dump, options));
    default:
      return assertNever(part);
  }
}

function listenersIn(dump: ConfigDump, options: PrintOptions): ReturnType<typeof listenersOf> {
  return some(
    prefixed('listener dump: ', () => listenersOf(dump)),
    'listeners',
    options,
  );
}

function extensionsIn(dump: ConfigDump, { mayBeEmpty }: PrintOptions): ReturnType<ConfigDump['sections']> {
  return mayBeEmpty && !dump.has('ecds') ? [] : dump.sections('ecds');
}

function some<T>(list: readonly T[], what: string, { mayBeEmpty }: PrintOptions): T[] {
  if (list.length === 0 && !mayBeEmpty) throw new NothingFound(`no ${what} found`);
  return [...list];
}

/** Puts words in front of the message of an error. */
function prefixed<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) error.message = prefix + error.message;
    throw error;
  }
}
