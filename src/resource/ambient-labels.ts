/** The labels and annotations by which ambient mode is steered. */

/** Asks for ambient mode, or for none. */
export const DATAPLANE_MODE = 'istio.io/dataplane-mode';
/** The annotation that the CNI agent writes on pods whose traffic it leads through ztunnel. */
export const REDIRECTION = 'ambient.istio.io/redirection';
/** The tunnels that a workload takes, where its own proxy ends them. */
export const TUNNEL = 'networking.istio.io/tunnel';
/** The waypoint that something is to be reached through, or `none`. */
export const USE_WAYPOINT = 'istio.io/use-waypoint';
export const USE_WAYPOINT_NAMESPACE = 'istio.io/use-waypoint-namespace';
/** Whether gateways go through the waypoint of a service as well. */
export const INGRESS_USE_WAYPOINT = 'istio.io/ingress-use-waypoint';
/** What a waypoint serves. */
export const WAYPOINT_FOR = 'istio.io/waypoint-for';
/** The annotation of a waypoint, or its class, by which ztunnel reaches its pods. */
export const INBOUND_BINDING = 'ambient.istio.io/waypoint-inbound-binding';
/** The controller that made something for a Gateway. */
export const MANAGED = 'gateway.istio.io/managed';
export const MANAGED_GATEWAY = 'istio.io-gateway-controller';
export const MANAGED_WAYPOINT = 'istio.io-mesh-controller';
export const MANAGED_EAST_WEST = 'istio.io-eastwest-controller';
