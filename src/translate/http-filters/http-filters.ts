import type { HttpFilter } from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { dnsCacheName } from '../naming/names.ts';
import { isDynamicWildcard } from '../network-filters/network-filters.ts';
import type { HttpTraits } from '../traits/traits.ts';
import {
  alpn,
  corsFilter,
  dynamicForwardProxy,
  emptySession,
  faultFilter,
  grpcStats,
  grpcWeb,
  metadataExchange,
  router,
} from './static.ts';
import { upstreamPeer } from './tunnel.ts';

/** What the filters of one HTTP connection manager depend on, beside the traits of the proxy. */
export interface HttpFilterInput {
  readonly traits: HttpTraits;
  /** Protocol of the port that the listener or chain was made for. */
  readonly protocol: Protocol;
  /** Port of the listener, or target port of an inbound chain: traffic extensions can choose ports. */
  readonly port: number;
  /** Adds Envoy's debug headers to responses unless suppressed. */
  readonly suppressEnvoyHeaders: boolean;
  /** Tells peers outside the mesh nothing about this workload. */
  readonly inMeshMetadataOnly: boolean;
  /** Whether peers tell each other who they are. */
  readonly exchangesMetadata: boolean;
  /** The service that a sidecar's outbound listener was first made for, or that a waypoint's chain is for. */
  readonly service?: Service | undefined;
}

/** One step of the chain: the filters it adds, often none. */
type Step = (input: HttpFilterInput) => readonly HttpFilter[];

/** What decides whether a request may pass. */
const policies: readonly Step[] = [
  ({ traits }) => traits.customAuthorization,
  extensions('AUTHN'),
  ({ traits }) => traits.authentication,
  extensions('AUTHZ'),
  ({ traits }) => traits.authorization,
];

const lastExtensions: readonly Step[] = [extensions('STATS'), extensions('UNSPECIFIED_PHASE')];

/** What understands requests, and does what their routes ask for. */
const routing: readonly Step[] = [
  ({ protocol }) => (protocol === 'GRPC-Web' ? [grpcWeb] : []),
  () => [grpcStats],
  ({ traits }) => (traits.listenerClass === 'inbound' || !traits.behaviours.enableAlpnFilter ? [] : [alpn]),
  () => [faultFilter, corsFilter],
];

const last: Step = ({ suppressEnvoyHeaders }) => [router(suppressEnvoyHeaders)];

/**
 * The HTTP filters in the order in which a request passes them. Position in this list is the order, as
 * istio pilot/pkg/networking/core/listener_builder.go buildHTTPConnectionManager appends them.
 */
const steps: readonly Step[] = [
  ({ traits, inMeshMetadataOnly, exchangesMetadata }) =>
    exchangesMetadata ? metadataExchange(traits.behaviours, traits.listenerClass, inMeshMetadataOnly) : [],
  ...policies,
  ...lastExtensions,
  ...routing,
  ({ traits }) => traits.stats,
  ({ traits }) => (traits.behaviours.enablePersistentSessionFilter && traits.listenerClass !== 'inbound' ? [emptySession] : []),
  resolveRequestedHost,
  last,
];

/** Those of a waypoint, as istio core/listener_waypoint.go buildWaypointHTTPFilters and buildWaypointInboundHTTPFilters order them. */
const waypointSteps: readonly Step[] = [
  ...policies,
  ...routing,
  ({ traits, service }) => (service !== undefined && isWildcard(service.hostname) ? [resolvingHostsOf(service, traits)] : []),
  ...lastExtensions,
  ({ traits }) => [upstreamPeer(traits.behaviours)],
  ({ traits }) => traits.stats,
  last,
];

/** All HTTP filters of one HTTP connection manager, in order. */
export function buildHttpFilters(input: HttpFilterInput): HttpFilter[] {
  return steps.flatMap((step) => step(input));
}

/** All HTTP filters of one HTTP connection manager of a waypoint, behind its tunnels. */
export function buildWaypointHttpFilters(input: HttpFilterInput): HttpFilter[] {
  return waypointSteps.flatMap((step) => step(input));
}

function extensions(phase: HttpTraits['extensions'][number]['phase']): Step {
  return ({ traits, port }) =>
    traits.extensions
      .filter((extension) => extension.phase === phase && (extension.ports === undefined || extension.ports.includes(port)))
      .map(({ filter }) => filter);
}

/** Hosts of wildcard services are resolved for each request, and in some meshes all that nothing is known of. */
function resolveRequestedHost({ traits, service }: HttpFilterInput): readonly HttpFilter[] {
  if (traits.listenerClass !== 'outbound') return [];
  const { unknownHosts } = traits;
  return [
    ...(isDynamicWildcard(service, traits.behaviours) ? [resolvingHostsOf(service, traits)] : []),
    ...(unknownHosts === undefined ? [] : [dynamicForwardProxy(unknownHosts)]),
  ];
}

function resolvingHostsOf({ hostname }: Service, { forwardLookupFamily: dnsLookupFamily }: HttpTraits): HttpFilter {
  return dynamicForwardProxy({ name: dnsCacheName(hostname), dnsLookupFamily });
}
