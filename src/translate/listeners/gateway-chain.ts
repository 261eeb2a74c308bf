import type { DownstreamTlsContext, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { GatewayView, ProxyView } from '../../scope/view.ts';
import type { Origin } from '../../util/origin.ts';
import type { SdsTraits, SecretServer } from '../tls/common.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import type { TcpTraits } from '../traits/traits.ts';

/** What the filter chains of a gateway depend on that take connections as they are. */
export interface ConnectionChainInput {
  readonly mesh: Mesh;
  readonly view: Pick<ProxyView, 'scope' | 'destinationRule'>;
  readonly tcp: TcpTraits;
  readonly sds: SdsTraits;
  /** Cluster of the mesh's SDS provider: undefined when there is none, null when its service is unknown. */
  readonly secretServers: readonly SecretServer[];
  /** By port: SNI hosts that passthrough chains have claimed, with their address. Filled while chains are built. */
  readonly claimedHosts: Map<number, Map<string, string>>;
}

/** What all filter chains of a gateway depend on. */
export interface GatewayChainInput extends ConnectionChainInput {
  readonly view: GatewayView;
  readonly traits: ProxyTraits;
}

/** A filter chain of a gateway before it becomes Envoy's. */
export interface GatewayChain {
  /** Empty for any; `*` stands for any, too, but needs the TLS inspector. */
  readonly sniHosts: readonly string[];
  readonly applicationProtocols: readonly string[];
  readonly tls: DownstreamTlsContext | undefined;
  readonly filters: readonly NetworkFilter[];
  readonly origin: Origin | undefined;
}
