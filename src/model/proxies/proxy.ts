import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { Labels } from '../../resource/resource.ts';
import type { Locality, ServiceTarget, Workload } from '../registry/service.ts';
import type { Role } from './roles.ts';

/** How the traffic of a workload reaches its proxy. */
export type InterceptionMode = 'REDIRECT' | 'TPROXY' | 'NONE';

/** An Envoy that istiod configures: the sidecar of a workload, or a gateway. Mirrors istio model.Proxy with its NodeMetadata. */
export interface Proxy {
  readonly role: Role;
  /** Its cluster, where there are several and the name alone does not tell. */
  readonly cluster?: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  readonly ips: readonly string[];
  readonly workloadName: string;
  readonly nodeName: string;
  readonly locality: Locality;
  readonly network: string;
  readonly clusterId: string;
  /** The release that it reports (ISTIO_VERSION), which can be another one than istiod's. */
  readonly istioVersion: string;
  readonly interceptionMode: InterceptionMode;
  /** meshConfig.defaultConfig, ProxyConfig resources and the pod's `proxy.istio.io/config` annotation, merged (PROXY_CONFIG metadata). */
  readonly proxyConfig: ProxyConfig;
  /** What the workload serves. */
  readonly targets: readonly ServiceTarget[];
  readonly workload: Workload;
}
