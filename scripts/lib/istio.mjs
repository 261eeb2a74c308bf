import { join } from 'node:path';
import { nameParts, reachable, readProtos } from './protos.mjs';

/** The releases of Istio, oldest first. */
const names = ['1.29', '1.30', '1.31'];

/** Each release with its messages and enums. */
export const releases = names.map((name) => ({
  name,
  types: readProtos(join(import.meta.dirname, `../describe-protos/istio-${name}.txt`)),
}));

/** Istio's messages and enums, of all releases together: those of the newest, since Istio takes nothing away. */
export const types = releases.at(-1).types;

const networking = [
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
  'WorkloadEntry',
  'WorkloadGroup',
];

/** Istio's kinds: the message of each one's spec, and the served versions. */
export const kinds = [
  ...networking.map((kind) => ({
    kind,
    message: `istio.networking.v1alpha3.${kind}`,
    group: 'networking.istio.io',
    versions: kind === 'EnvoyFilter' ? ['v1alpha3'] : ['v1', 'v1beta1', 'v1alpha3'],
  })),
  { kind: 'ProxyConfig', message: 'istio.networking.v1beta1.ProxyConfig', group: 'networking.istio.io', versions: ['v1beta1'] },
  ...['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'].map((kind) => ({
    kind,
    message: `istio.security.v1beta1.${kind}`,
    group: 'security.istio.io',
    versions: ['v1', 'v1beta1'],
  })),
  { kind: 'Telemetry', message: 'istio.telemetry.v1alpha1.Telemetry', group: 'telemetry.istio.io', versions: ['v1', 'v1alpha1'] },
  ...['TrafficExtension', 'WasmPlugin'].map((kind) => ({
    kind,
    message: `istio.extensions.v1alpha1.${kind}`,
    group: 'extensions.istio.io',
    versions: ['v1alpha1'],
  })),
];

/** Messages that are no kinds, but are written by users all the same. */
export const configs = { MeshConfig: 'istio.mesh.v1alpha1.MeshConfig', MeshNetworks: 'istio.mesh.v1alpha1.MeshNetworks' };

/**
 * The TypeScript name of a message. Names that several packages have are told apart by a word in front: the policies' selectors
 * and MeshConfig's tracing.
 */
export function nameOf(name) {
  const { packageName, nested } = nameParts(name);
  const words = nested.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
  if (name === 'istio.networking.v1beta1.ProxyConfig') return 'ProxyConfigResource';
  if (packageName === 'istio.type.v1beta1' && words !== 'PolicyTargetReference') return `Policy${words}`;
  if (name.startsWith('istio.mesh.v1alpha1.Tracing')) return `Mesh${words}`;
  return words;
}

/** The messages and enums of a release that users can write, directly or not. */
export function usedTypes(release) {
  const roots = [
    ...kinds.map(({ message }) => message),
    ...Object.values(configs),
    'istio.networking.v1alpha3.ServiceEntryStatus',
  ];
  return [
    ...reachable(
      release.types,
      roots.filter((name) => release.types.has(name)),
    ),
  ].sort();
}

/** The fields (`message.jsonName`) and values of enums (`enum.VALUE`) that a release has, in the messages and enums that it uses. */
function membersOf(release) {
  return usedTypes(release).flatMap((name) => {
    const type = release.types.get(name);
    const members = type.kind === 'enum' ? [...type.values.keys()] : type.fields.map((field) => field.json);
    return members.map((member) => `${name}.${member}`);
  });
}

const firstRelease = new Map();
for (const release of releases) {
  const members = membersOf(release);
  for (const member of members) if (!firstRelease.has(member)) firstRelease.set(member, release.name);
  const gone = [...firstRelease.keys()].filter((member) => !members.includes(member));
  if (gone.length > 0)
    throw new Error(`${release.name} has no ${gone.join(', ')}: the newest release is not all of them together`);
}

/** The members that later releases add to messages and enums which a release has, with the release that brought each. */
export function laterMembers(release) {
  const known = new Set(usedTypes(release));
  return [...firstRelease].filter(
    ([member, since]) =>
      names.indexOf(since) > names.indexOf(release.name) && known.has(member.slice(0, member.lastIndexOf('.'))),
  );
}

/** The release that brought a field of a message that older releases have too; undefined for other fields. */
export function sinceOf(message, field) {
  const since = firstRelease.get(`${message}.${field}`);
  const older = releases.filter(({ name }) => names.indexOf(name) < names.indexOf(since));
  return older.some((release) => release.types.has(message)) ? since : undefined;
}
