import { join } from 'node:path';
import { nameParts, readProtos } from './protos.mjs';

/** Istio's messages and enums. */
export const types = readProtos(join(import.meta.dirname, '../describe-protos/istio.txt'));

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
