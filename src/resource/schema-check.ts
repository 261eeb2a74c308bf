import type { Release } from '../releases/release.ts';
import { createDescriptors } from '../util/descriptors.ts';
import { own } from '../util/object.ts';
import { createProtobufDecoder, type Decoded, type MessageOptions } from '../util/protobuf-json.ts';

/** The protobuf message of each kind's spec, and of MeshConfig and MeshNetworks. */
const messageByKind: Readonly<Record<string, string>> = {
  DestinationRule: 'istio.networking.v1alpha3.DestinationRule',
  EnvoyFilter: 'istio.networking.v1alpha3.EnvoyFilter',
  Gateway: 'istio.networking.v1alpha3.Gateway',
  ServiceEntry: 'istio.networking.v1alpha3.ServiceEntry',
  Sidecar: 'istio.networking.v1alpha3.Sidecar',
  VirtualService: 'istio.networking.v1alpha3.VirtualService',
  WorkloadEntry: 'istio.networking.v1alpha3.WorkloadEntry',
  WorkloadGroup: 'istio.networking.v1alpha3.WorkloadGroup',
  ProxyConfig: 'istio.networking.v1beta1.ProxyConfig',
  AuthorizationPolicy: 'istio.security.v1beta1.AuthorizationPolicy',
  PeerAuthentication: 'istio.security.v1beta1.PeerAuthentication',
  RequestAuthentication: 'istio.security.v1beta1.RequestAuthentication',
  Telemetry: 'istio.telemetry.v1alpha1.Telemetry',
  TrafficExtension: 'istio.extensions.v1alpha1.TrafficExtension',
  WasmPlugin: 'istio.extensions.v1alpha1.WasmPlugin',
  MeshConfig: 'istio.mesh.v1alpha1.MeshConfig',
  MeshNetworks: 'istio.mesh.v1alpha1.MeshNetworks',
  /** `meshConfig.defaultConfig`, and the annotation `proxy.istio.io/config`. */
  'MeshConfig.defaultConfig': 'istio.mesh.v1alpha1.ProxyConfig',
};

/** Decodes the specs of Istio's kinds. */
export type SpecDecoder = (kind: string, spec: unknown, options?: MessageOptions) => Decoded | undefined;

/**
 * A decoder of the specs of Istio's kinds (also `MeshConfig`, `MeshNetworks` and `MeshConfig.defaultConfig`), as users write them:
 * it gives the spec in the one form that the types of api/istio.gen.ts describe, and what is wrong with it: unknown fields,
 * values of wrong types, unknown values of enums, durations that are none. What is wrong is left out. Undefined for other kinds.
 * As istio pkg/config `ApplyJSON`; see util/protobuf-json.ts for what is accepted.
 */
export function createSpecDecoder({ istioDescriptors }: Pick<Release, 'istioDescriptors'>): SpecDecoder {
  const decode = createProtobufDecoder(createDescriptors(istioDescriptors));
  return (kind, spec, options) => {
    const message = own(messageByKind, kind);
    return message === undefined ? undefined : decode(message, spec, { keepZeros: 'enums', ...options });
  };
}
