import type { Diagnostic, Path } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/did-you-mean.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { invalidValue } from '../../diagnostics/problems/objects.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { passesText } from '../../trace/recording/passes-text.ts';
import { nearestMeant } from '../../util/nearest.ts';
import { compileExpression } from '../../util/re2.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { createNames, type StatementNames } from './names.ts';
import type { StatementFile } from './read-statements.ts';
import type { Excuse, Receiver, Sender, Statement, TokenDemand } from './statement.ts';
import { pathTest, principalTest, valueTest } from './value-tests.ts';
import type {
  OneOrMore,
  WrittenExcuse,
  WrittenReceiver,
  WrittenSender,
  WrittenStatement,
  WrittenToken,
} from './written-statement.ts';

/** Finds what the statements of a file name in a mesh; gives what there is not, with its place and what may be meant. */
export function resolveStatements(
  file: StatementFile,
  benches: Benches,
  dataPlane: DataPlane,
): { readonly statements: readonly Statement[]; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const unknown: ReportUnknown = (path, written, expected, spellings) => {
    const near = nearestMeant(written, spellings, 3);
    const subject = { location: file.locate(path), path };
    problems.push(invalidValue(subject, formatField(path), `"${written}"`, `${expected}${didYouMean(near)}`));
  };
  const names = createNames(benches, dataPlane);
  const statements = file.statements.map((written, index): Statement => {
    const path: Path = ['statements', index];
    const { name = formatField(path) } = written;
    const openServices = new Set<string>();
    const context: Context = { names, unknown, tellOpen: (hostname) => void openServices.add(hostname) };
    const resolved = resolveStatement(written, path, context);
    return { name, location: file.locate(path), ...resolved, openServices: [...openServices] };
  });
  return { statements, problems };
}

type ReportUnknown = (path: Path, written: string, expected: string, spellings: ReadonlyMap<string, string>) => void;

interface Context {
  readonly names: StatementNames;
  readonly unknown: ReportUnknown;
  /** Is told of services of receivers whose clients choose the server themselves. */
  readonly tellOpen: (hostname: string) => void;
}

const ANYBODY: Sender = {
  isOutside: false,
  pods: undefined,
  notPods: new Set(),
  isPlainText: false,
  entersInPlainText: false,
};
const ANYTHING: Receiver = {
  servers: undefined,
  notPorts: [],
  paths: undefined,
  notPaths: [],
  methods: undefined,
  notMethods: [],
};
const NO_EXCUSE: Excuse = { token: undefined, isMutualTls: false, hasClientCertificate: false, principals: undefined };

function resolveStatement(
  { never, only, always }: WrittenStatement,
  path: Path,
  context: Context,
): Omit<Statement, 'name' | 'location' | 'openServices'> {
  if (never !== undefined) {
    const at = [...path, 'never'];
    return {
      kind: 'never',
      from: sendersOf(never.from, [...at, 'from'], context),
      isAboutOthers: false,
      to: receiversOf(never.to, [...at, 'to'], context),
      unless: excusesOf(never.unless, [...at, 'unless'], context),
    };
  }
  if (only !== undefined) {
    const at = [...path, 'only'];
    return {
      kind: 'only',
      from: sendersOf(only.from, [...at, 'from'], context),
      isAboutOthers: true,
      to: receiversOf(only.to, [...at, 'to'], context),
      unless: [],
    };
  }
  const at = [...path, 'always'];
  if (always?.tls === true) return tlsOfGateways(always.gateways, [...at, 'gateways'], context);
  const token = always?.token === undefined ? undefined : tokenOf(always.token, context.names);
  return {
    kind: 'always',
    from: sendersOf(always?.from, [...at, 'from'], context),
    isAboutOthers: false,
    to: receiversOf(always?.to ?? {}, [...at, 'to'], context),
    unless: [{ ...NO_EXCUSE, token, isMutualTls: always?.mutualTLS === true }],
  };
}

/** What gateways take in plain text reaches nobody. */
function tlsOfGateways(
  written: readonly string[] | undefined,
  path: Path,
  { names, unknown }: Context,
): Omit<Statement, 'name' | 'location' | 'openServices'> {
  const gateways = names.pods.filter(({ proxy }) => proxy === 'gateway');
  const pods =
    written === undefined
      ? gateways
      : written.flatMap((name, index) => {
          const found = names.podsOf(name).filter(({ proxy }) => proxy === 'gateway');
          if (found.length === 0) unknown([...path, index], name, 'a gateway of the mesh', names.gatewaySpellings());
          return found;
        });
  const sender: Sender = { ...ANYBODY, pods: new Set(pods.map(podKey)), entersInPlainText: true };
  return { kind: 'always', from: [sender], isAboutOthers: false, to: [ANYTHING], unless: [] };
}

/** What is written, each with its path. */
function each<T>(written: OneOrMore<T>, path: Path): readonly (readonly [T, Path])[] {
  const isList = (value: OneOrMore<T>): value is readonly T[] => Array.isArray(value);
  return isList(written) ? written.map((one, index) => [one, [...path, index]] as const) : [[written, path]];
}

function sendersOf(written: OneOrMore<'outside' | WrittenSender> | undefined, path: Path, context: Context): readonly Sender[] {
  return written === undefined ? [ANYBODY] : each(written, path).map(([one, at]) => senderOf(one, at, context));
}

function senderOf(written: 'outside' | WrittenSender, path: Path, context: Context): Sender {
  if (written === 'outside') return { ...ANYBODY, isOutside: true };
  const { workloads, notWorkloads, namespaces, notNamespaces, principals, notPrincipals } = written;
  const wanted = podsIn({ workloads, namespaces, principals }, path, '', context);
  const others = podsIn({ workloads: notWorkloads, namespaces: notNamespaces, principals: notPrincipals }, path, 'not', context);
  return {
    isOutside: written.outside === true,
    pods: wanted.length === 0 ? undefined : intersection(wanted),
    notPods: new Set(others.flatMap((pods) => [...pods])),
    isPlainText: written.plainText === true,
    entersInPlainText: false,
  };
}

/** The pods that each field names. */
function podsIn(
  fields: Readonly<Record<'workloads' | 'namespaces' | 'principals', readonly string[] | undefined>>,
  path: Path,
  prefix: '' | 'not',
  context: Context,
): readonly ReadonlySet<string>[] {
  const named = (field: string): string => (prefix === '' ? field : `${prefix}${field[0]?.toUpperCase()}${field.slice(1)}`);
  const { workloads, namespaces, principals } = fields;
  return [
    ...(workloads === undefined ? [] : [podsOfWorkloads(workloads, [...path, named('workloads')], context)]),
    ...(namespaces === undefined ? [] : [podsOfNamespaces(namespaces, [...path, named('namespaces')], context)]),
    ...(principals === undefined ? [] : [podsOfPrincipals(principals, [...path, named('principals')], context)]),
  ].map((pods) => new Set(pods.map(podKey)));
}

function podsOfWorkloads(written: readonly string[], path: Path, { names, unknown }: Context): readonly TracePod[] {
  return written.flatMap((name, index) => {
    const found = names.podsOf(name);
    if (found.length === 0) unknown([...path, index], name, 'a workload of the mesh', names.workloadSpellings());
    return found;
  });
}

function podsOfNamespaces(written: readonly string[], path: Path, { names, unknown }: Context): readonly TracePod[] {
  return written.flatMap((name, index) => {
    if (!names.namespaces.has(name)) {
      const spellings = new Map([...names.namespaces].map((one) => [one, one]));
      unknown([...path, index], name, 'a namespace of the mesh', spellings);
    }
    return names.podsIn(name);
  });
}

function podsOfPrincipals(written: readonly string[], path: Path, { names, unknown }: Context): readonly TracePod[] {
  return written.flatMap((value, index) => {
    const test = principalTest(value);
    const found = names.pods.filter(({ identity }) => passesText(test, identity, compileExpression));
    if (found.length === 0) {
      const spellings = new Map(names.pods.map(({ identity }) => identity.replace('spiffe://', '')).map((one) => [one, one]));
      unknown([...path, index], value, 'the principal of a pod of the mesh', spellings);
    }
    return found;
  });
}

function receiversOf(written: OneOrMore<WrittenReceiver>, path: Path, context: Context): readonly Receiver[] {
  return each(written, path).map(([one, at]) => receiverOf(one, at, context));
}

function receiverOf(written: WrittenReceiver, path: Path, context: Context): Receiver {
  const { services, workloads, namespaces, notNamespaces, ports, notPorts = [], paths, methods } = written;
  const servers: Servers[] = [];
  if (services !== undefined) servers.push(serversOfServices(services, ports, [...path, 'services'], context));
  const podLists = [
    ...(workloads === undefined ? [] : [podsOfWorkloads(workloads, [...path, 'workloads'], context)]),
    ...(namespaces === undefined ? [] : [podsOfNamespaces(namespaces, [...path, 'namespaces'], context)]),
  ];
  // Ports are those of services where services are named.
  const own = ports === undefined || services !== undefined ? undefined : new Set(ports);
  for (const pods of podLists) servers.push(new Map(pods.map((pod) => [podKey(pod), own])));
  if (servers.length === 0 && (own !== undefined || notNamespaces !== undefined)) {
    servers.push(new Map(context.names.pods.map((pod) => [podKey(pod), own])));
  }
  const excluded = new Set(podsOfNamespaces(notNamespaces ?? [], [...path, 'notNamespaces'], context).map(podKey));
  return {
    servers: servers.length === 0 ? undefined : without(commonServers(servers), excluded),
    notPorts,
    paths: paths?.map(pathTest),
    notPaths: (written.notPaths ?? []).map(pathTest),
    methods: methods?.map(valueTest),
    notMethods: (written.notMethods ?? []).map(valueTest),
  };
}

type Servers = ReadonlyMap<string, ReadonlySet<number> | undefined>;

function serversOfServices(
  written: readonly string[],
  ports: readonly number[] | undefined,
  path: Path,
  { names, unknown, tellOpen }: Context,
): Servers {
  const servers = new Map<string, Set<number>>();
  for (const [index, name] of written.entries()) {
    const found = names.servicesOf(name);
    if (found.length === 0) unknown([...path, index], name, 'a service of the mesh', names.serviceSpellings());
    const wanted = found.flatMap((service) => service.ports.filter((port) => ports?.includes(port) !== false));
    if (found.length > 0 && wanted.length === 0) {
      const known = [...new Set(found.flatMap((service) => service.ports.map(String)))];
      if (ports === undefined || known.length === 0) unknown([...path, index], name, 'a service that has ports', new Map());
      else unknown([...path.slice(0, -1), 'ports'], String(ports), `ports of ${name}: ${known.join(', ')}`, new Map());
    }
    for (const service of found) {
      if (service.isOpen) tellOpen(service.hostname);
      for (const port of service.ports.filter((one) => wanted.includes(one))) {
        for (const { server, at } of service.serversAt(port)) {
          servers.set(server, (servers.get(server) ?? new Set()).add(at));
        }
      }
    }
  }
  return servers;
}

function commonServers([first = new Map(), ...others]: readonly Servers[]): Servers {
  return others.reduce<Servers>((common, other) => {
    const both = Array.from(common).flatMap(([server, ports]): readonly [string, ReadonlySet<number> | undefined][] => {
      if (!other.has(server)) return [];
      const more = other.get(server);
      if (ports === undefined || more === undefined) return [[server, ports ?? more]];
      const shared = new Set([...ports].filter((port) => more.has(port)));
      return shared.size === 0 ? [] : [[server, shared]];
    });
    return new Map(both);
  }, first);
}

function without(servers: Servers, excluded: ReadonlySet<string>): Servers {
  return new Map([...servers].filter(([server]) => !excluded.has(server)));
}

function intersection([first = new Set(), ...others]: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set([...first].filter((one) => others.every((other) => other.has(one))));
}

function excusesOf(written: OneOrMore<WrittenExcuse> | undefined, path: Path, context: Context): readonly Excuse[] {
  return (written === undefined ? [] : each(written, path)).map(([one, at]) => {
    // For its complaints.
    if (one.principals !== undefined) podsOfPrincipals(one.principals, [...at, 'principals'], context);
    return {
      token: one.token === undefined ? undefined : tokenOf(one.token, context.names),
      isMutualTls: one.mutualTLS === true,
      hasClientCertificate: one.clientCertificate === true,
      principals: one.principals?.map(principalTest),
    };
  });
}

function tokenOf(written: true | WrittenToken, names: StatementNames): TokenDemand {
  const { issuer, claims = {} } = written === true ? {} : written;
  return {
    issuers: issuer === undefined ? names.issuers() : [issuer],
    claims: Object.entries(claims).map(([name, values]) => ({
      path: name.split('.'),
      tests: (typeof values === 'string' ? [values] : values).map(valueTest),
    })),
  };
}
