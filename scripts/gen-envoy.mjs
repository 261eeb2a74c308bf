// Writes src/envoy/api.gen.ts (types of Envoy's messages in protobuf JSON form) from the .proto files that
// @grpc/grpc-js-xds carries. Run: npm run generate.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { allTypes, fullName, isEnum, loadProtos, nameParts, printTypes, reachable } from './lib/protos.mjs';

const project = join(import.meta.dirname, '..');
const deps = join(project, 'node_modules/@grpc/grpc-js-xds/deps');
const roots = [
  ...['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((folder) => join(deps, folder)),
  join(import.meta.dirname, 'protos'),
  join(project, 'node_modules/protobufjs'),
];

const files = [
  ...globSync('envoy/{config,extensions,type}/**/v3/*.proto', { cwd: roots[0] }),
  ...globSync('{udpa,xds}/{type,core,data}/**/*.proto', { cwd: roots[1] }),
].sort();
const root = await loadProtos(roots, files);
const messages = allTypes(root).filter(
  (type) => /^(envoy|udpa|xds)\./.test(fullName(type)) && !/^envoy\.(annotations|api|service|admin|data)\b/.test(fullName(type)),
);

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
];
const packagesUnwanted = /\.(dubbo_proxy|thrift_proxy|alts|s2a)\./;
const wanted = messages.filter(
  (type) => packagesWanted.some((name) => `${fullName(type)}.`.startsWith(`${name}.`)) && !packagesUnwanted.test(fullName(type)),
);
const printed = [...reachable(wanted)];

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
];

const pascal = (words) => words.map((word) => word.replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase())).join('');
const plain = (type) => namedByHand[fullName(type)] ?? pascal(nameParts(type).nested);

function namesOf(types) {
  const groups =
    Map.groupBy?.(types, plain) ??
    types.reduce((map, type) => map.set(plain(type), [...(map.get(plain(type)) ?? []), type]), new Map());
  const names = new Map();
  for (const [name, group] of groups) {
    const ranks = group.map((type) => (fullName(type) in namedByHand ? -1 : precedence.indexOf(nameParts(type).packageName)));
    const handed = group.find((type) => fullName(type) in namedByHand);
    const ranked = group
      .filter((_, index) => ranks[index] >= 0)
      .sort((a, b) => precedence.indexOf(nameParts(a).packageName) - precedence.indexOf(nameParts(b).packageName));
    const owner = group.length === 1 ? group[0] : (handed ?? ranked[0]);
    for (const type of group) names.set(type, type === owner ? name : prefixed(type, name));
  }
  const taken = new Map();
  for (const [type, name] of names) {
    if (taken.has(name)) throw new Error(`${name} is both ${fullName(taken.get(name))} and ${fullName(type)}`);
    taken.set(name, type);
  }
  return names;
}

function prefixed(type, name) {
  const words = nameParts(type)
    .packageName.split('.')
    .filter((word) => !/^(envoy|config|extensions|filters|type|v\d\w*)$/.test(word));
  if (/^(udpa|xds)\./.test(fullName(type))) return `${pascal(words.slice(0, 1))}${name}`;
  const last = words.at(-1) ?? '';
  const repeated = name.toLowerCase().startsWith(last.replaceAll('_', '').toLowerCase());
  return `${pascal(repeated ? words.slice(0, -1) : words)}${name}`;
}

const names = namesOf(printed);
const nameOf = (type) => names.get(type);

/** Fields that every message of the kind has, here; all others can be absent. */
const required = {
  'envoy.config.listener.v3.Listener': ['name'],
  'envoy.config.listener.v3.Filter': ['name'],
  'envoy.config.listener.v3.ListenerFilter': ['name'],
  'envoy.config.cluster.v3.Cluster': ['name'],
  'envoy.config.endpoint.v3.ClusterLoadAssignment': ['clusterName'],
  'envoy.config.route.v3.RouteConfiguration': ['name'],
  'envoy.config.route.v3.VirtualHost': ['name', 'domains'],
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': ['name'],
  'envoy.config.core.v3.TransportSocket': ['name'],
};

const typeUrls = printed
  .filter(
    (type) =>
      !isEnum(type) &&
      /^(envoy\.(extensions|config)|udpa\.type|xds\.type)\./.test(fullName(type)) &&
      nameParts(type).nested.length === 1,
  )
  .map((type) => `  'type.googleapis.com/${fullName(type)}': ${nameOf(type)};\n`)
  .sort();

writeFileSync(
  join(project, 'src/envoy/api.gen.ts'),
  `// Generated by scripts/gen-envoy.mjs from the protos of @grpc/grpc-js-xds. Do not edit.
// Envoy's messages in protobuf JSON form: durations and 64-bit integers are strings, wrappers plain values, absent fields unset.

/** A message of any type: its fields beside its type URL. */
export type Any = { readonly '@type': string; readonly [field: string]: unknown };

/** A message without fields. */
export type Empty = Readonly<Record<string, never>>;

/** The message that stands behind each type URL. */
export interface TypeUrls {
${typeUrls.join('')}}

${printTypes(printed, nameOf, { required })}`,
);
