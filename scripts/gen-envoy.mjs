// Writes src/envoy/api.gen.ts (types of Envoy's messages in protobuf JSON form), src/envoy/descriptors.gen.ts (the facts that
// merging needs, of all messages) and src/envoy/limits.gen.ts (what Envoy demands of their values) from describe-protos/envoy.txt;
// src/releases/RELEASE/envoy-descriptors.gen.ts from envoy-RELEASE.txt, for releases that are built with another version of Envoy's API:
// what differs there.
// Run: npm run generate.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameParts, printLimits, printTable, printTableChanges, printTypes, reachable, readProtos } from './lib/protos.mjs';

const project = join(import.meta.dirname, '..');
const types = readProtos(join(import.meta.dirname, 'describe-protos/envoy.txt'));

// What istiod emits, or what users of EnvoyFilter put into it, and what these use.
const packagesWanted = [
  'envoy.config.accesslog.v3',
  'envoy.config.bootstrap.v3',
  'envoy.config.cluster.v3',
  'envoy.config.core.v3',
  'envoy.config.endpoint.v3',
  'envoy.config.listener.v3',
  'envoy.config.rbac.v3',
  'envoy.config.route.v3',
  'envoy.config.trace.v3',
  'envoy.extensions.access_loggers',
  'envoy.extensions.clusters',
  'envoy.extensions.common',
  'envoy.extensions.compression',
  'envoy.extensions.filters.http',
  'envoy.extensions.filters.listener',
  'envoy.extensions.filters.network',
  'envoy.extensions.filters.udp',
  'envoy.extensions.formatter',
  'envoy.extensions.http',
  'envoy.extensions.internal_redirect',
  'envoy.extensions.load_balancing_policies',
  'envoy.extensions.matching',
  'envoy.extensions.network.dns_resolver',
  'envoy.extensions.path',
  'envoy.extensions.rate_limit_descriptors',
  'envoy.extensions.rbac',
  'envoy.extensions.regex_engines',
  'envoy.extensions.request_id',
  'envoy.extensions.retry',
  'envoy.extensions.string_matcher',
  'envoy.extensions.tracers',
  'envoy.extensions.transport_sockets',
  'envoy.extensions.upstreams',
  'envoy.extensions.wasm',
  'envoy.type',
  'udpa.type.v1',
  'xds.core.v3',
  'xds.type',
  'istio.envoy',
  'stats',
  'envoy.tcp',
  'io.istio.http',
];
const packagesUnwanted = /\.(dubbo_proxy|thrift_proxy|alts|s2a|jwt_auth)\./;
const wanted = [...types.keys()].filter(
  (name) => packagesWanted.some((prefix) => name.startsWith(`${prefix}.`)) && !packagesUnwanted.test(name),
);
const printed = [...reachable(types, wanted)].sort();

/** Names that differ from the rule below. */
const namedByHand = {
  'envoy.config.listener.v3.Filter': 'NetworkFilter',
  'envoy.config.cluster.v3.Filter': 'ClusterFilter',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': 'HttpFilter',
};

// A name that several messages share goes to the one whose package stands first here; the others, and all of them where
// none is named, get the words of their package in front that tell them apart.
const precedence = [
  'envoy.config.listener.v3',
  'envoy.config.route.v3',
  'envoy.config.cluster.v3',
  'envoy.config.endpoint.v3',
  'envoy.extensions.filters.network.http_connection_manager.v3',
  'envoy.extensions.filters.network.tcp_proxy.v3',
  'envoy.extensions.transport_sockets.tls.v3',
  'envoy.config.core.v3',
  'envoy.config.accesslog.v3',
  'envoy.config.rbac.v3',
  'envoy.config.trace.v3',
  'envoy.type.matcher.v3',
  'envoy.type.v3',
  'envoy.extensions.filters.http.cors.v3',
  'envoy.extensions.filters.http.router.v3',
  'envoy.extensions.filters.http.jwt_authn.v3',
  'envoy.extensions.filters.http.ext_proc.v3',
  'envoy.extensions.wasm.v3',
];

const pascal = (words) => words.map((word) => word.replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase())).join('');
const plain = (type) => namedByHand[type] ?? pascal(nameParts(type).nested);

function namesOf(all) {
  const groups = new Map();
  for (const type of all) groups.set(plain(type), [...(groups.get(plain(type)) ?? []), type]);
  const names = new Map();
  for (const [name, group] of groups) {
    const owner = group.length === 1 ? group[0] : ownerOf(group);
    for (const type of group) names.set(type, type === owner ? name : prefixed(type, name));
  }
  const taken = new Map();
  for (const [type, name] of names) {
    if (taken.has(name)) throw new Error(`${name} is both ${taken.get(name)} and ${type}`);
    taken.set(name, type);
  }
  return names;
}

function ownerOf(group) {
  const ranked = group
    .map((type) => ({ type, rank: type in namedByHand ? 0 : precedence.indexOf(nameParts(type).packageName) + 1 }))
    .filter(({ type, rank }) => type in namedByHand || rank > 0)
    .sort((a, b) => a.rank - b.rank);
  return ranked[0]?.type;
}

function prefixed(type, name) {
  const words = nameParts(type)
    .packageName.split('.')
    .filter((word) => !/^(envoy|config|extensions|filters|type|v\d\w*)$/.test(word));
  if (/^(udpa|xds)\./.test(type)) return `${pascal(words.slice(0, 1))}${name}`;
  const repeated = name.toLowerCase().startsWith((words.at(-1) ?? '').replaceAll('_', '').toLowerCase());
  return `${pascal(repeated ? words.slice(0, -1) : words)}${name}`;
}

const names = namesOf(printed);
const nameOf = (type) => names.get(type);

/**
 * Fields that every message of the kind has, here; all others can be absent. Filters, sockets, clusters and virtual hosts are not
 * among them, although Envoy wants a name of each: an EnvoyFilter may add one without.
 */
const required = {
  'envoy.config.listener.v3.Listener': ['name'],
  'envoy.config.endpoint.v3.ClusterLoadAssignment': ['clusterName'],
  'envoy.config.route.v3.RouteConfiguration': ['name'],
};

const typeUrls = printed
  .filter((type) => types.get(type).kind === 'message' && nameParts(type).nested.length === 1)
  .filter((type) => /^(envoy\.(extensions|config|tcp)|udpa\.type|xds\.type|istio\.envoy|stats|io\.istio)\./.test(type))
  .map((type) => `  'type.googleapis.com/${type}': ${nameOf(type)};\n`);

writeFileSync(
  join(project, 'src/envoy/api.gen.ts'),
  `// Generated by scripts/gen-envoy.mjs. Do not edit.
// Envoy's messages in protobuf JSON form: durations and 64-bit integers are strings, wrappers plain values, absent fields unset.

/** A message of any type: its fields beside its type URL. */
export type Any = { readonly '@type': string; readonly [field: string]: unknown };

/** A message without fields. */
export type Empty = Readonly<Record<string, never>>;

/** The message that stands behind each type URL. */
export interface TypeUrls {
${typeUrls.join('')}}

${printTypes(types, printed, nameOf, { required })}`,
);

const namesIn = (types) => [...reachable(types, types.keys())].sort();

writeFileSync(
  join(project, 'src/envoy/descriptors.gen.ts'),
  `// Generated by scripts/gen-envoy.mjs. Do not edit.
/** The messages and enums of Envoy's API, in the form that util/descriptors.ts reads. */
export const envoyDescriptorTable: string = \`${printTable(types, namesIn(types))}\`;
`,
);

const describedIn = join(import.meta.dirname, 'describe-protos');
for (const [file, release] of readdirSync(describedIn).flatMap((name) => [/^envoy-(.+)\.txt$/.exec(name) ?? []])) {
  if (file === undefined) continue;
  const described = readProtos(join(describedIn, file));
  const changes = printTableChanges({ types, names: namesIn(types) }, { types: described, names: namesIn(described) });
  writeFileSync(
    join(project, `src/releases/${release}/envoy-descriptors.gen.ts`),
    `// Generated by scripts/gen-envoy.mjs. Do not edit.
/** How the messages and enums of Envoy's API differ here from those of envoy/descriptors.gen.ts, in the form that util/descriptors.ts reads. */
export const envoyDescriptorChanges: string = \`${changes}\`;
`,
  );
}

writeFileSync(
  join(project, 'src/envoy/limits.gen.ts'),
  `// Generated by scripts/gen-envoy.mjs. Do not edit.
/** What Envoy demands of the values of its messages, in the form that envoy/limits.ts reads. */
export const envoyLimitTable: string = String.raw\`${printLimits(types, namesIn(types))}\`;
`,
);
