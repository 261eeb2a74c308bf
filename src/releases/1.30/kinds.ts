import { type KindInfo, kindsOfGroup } from '../kinds.ts';

/** The versions that the definitions of Istio 1.30.3 and of Gateway API 1.5.1 serve. */
export const kinds: readonly KindInfo[] = [
  ...kindsOfGroup('networking.istio.io', 'istio', [
    ['DestinationRule', 'v1 v1beta1 v1alpha3'],
    ['EnvoyFilter', 'v1alpha3'],
    ['Gateway', 'v1 v1beta1 v1alpha3'],
    ['ProxyConfig', 'v1beta1'],
    ['ServiceEntry', 'v1 v1beta1 v1alpha3'],
    ['Sidecar', 'v1 v1beta1 v1alpha3'],
    ['VirtualService', 'v1 v1beta1 v1alpha3'],
    ['WorkloadEntry', 'v1 v1beta1 v1alpha3'],
    ['WorkloadGroup', 'v1 v1beta1 v1alpha3'],
  ]),
  ...kindsOfGroup('security.istio.io', 'istio', [
    ['AuthorizationPolicy', 'v1 v1beta1'],
    ['PeerAuthentication', 'v1 v1beta1'],
    ['RequestAuthentication', 'v1 v1beta1'],
  ]),
  ...kindsOfGroup('telemetry.istio.io', 'istio', [['Telemetry', 'v1 v1alpha1']]),
  ...kindsOfGroup('extensions.istio.io', 'istio', [
    ['WasmPlugin', 'v1alpha1'],
    ['TrafficExtension', 'v1alpha1'],
  ]),
  ...kindsOfGroup('gateway.networking.k8s.io', 'gateway-api', [
    ['GatewayClass', 'v1 v1beta1', 'cluster'],
    ['Gateway', 'v1 v1beta1'],
    ['HTTPRoute', 'v1 v1beta1'],
    ['GRPCRoute', 'v1'],
    ['TLSRoute', 'v1 v1alpha3 v1alpha2'],
    ['TCPRoute', 'v1alpha2'],
    ['ReferenceGrant', 'v1 v1beta1'],
    ['BackendTLSPolicy', 'v1 v1alpha3'],
    ['ListenerSet', 'v1'],
  ]),
];

/** istio pkg/config/schema/gatewayapi/minimumversions.go */
export const minimumGatewayApi: Readonly<Record<string, string>> = {
  'grpcroutes.gateway.networking.k8s.io': '1.1.0',
  'backendtlspolicies.gateway.networking.k8s.io': '1.4.0',
  'tlsroutes.gateway.networking.k8s.io': '1.5.0',
};
