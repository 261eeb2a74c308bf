import type { L4MatchAttributes, RouteDestination, TLSMatchAttributes } from '../../api/istio.gen.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';

/**
 * The destinations of connections that no HTTP is looked for in: those of the first virtual service with a TLS rule for the host, then
 * of the first with a TCP rule for the port; none where no rule says. As istio core/listener_waypoint.go getWaypointTCPRoutes.
 */
export function connectionDestinations(
  virtualServices: readonly ResourceOf<'VirtualService'>[],
  hostname: string,
  port: number,
): readonly RouteDestination[] {
  const isForHost = (match: TLSMatchAttributes): boolean =>
    // Chains are not chosen by server name, so only the service's own counts.
    match.sniHosts?.length === 1 && match.sniHosts[0] === hostname && concerns(match, port);
  const ofRules = virtualServices.map(({ spec }) => firstFor(spec.tls, isForHost));
  const ofPorts = virtualServices.map(({ spec }) => firstFor(spec.tcp, (match) => concerns(match, port)));
  return [...ofRules, ...ofPorts].find((destinations) => destinations !== undefined && destinations.length > 0) ?? [];
}

/** The destinations of the first rule that has a match, or that asks for nothing. */
function firstFor<Match>(
  rules: readonly { readonly match?: readonly Match[]; readonly route?: readonly RouteDestination[] }[] = [],
  isFor: (match: Match) => boolean,
): readonly RouteDestination[] | undefined {
  return rules.find(({ match = [] }) => match.length === 0 || match.some(isFor))?.route;
}

/** Nothing is known of the client behind a tunnel. As istio core/tls.go matchTLS and matchTCP. */
function concerns({ gateways = [], port: wanted, sourceLabels = {}, sourceNamespace }: L4MatchAttributes, port: number): boolean {
  return (
    (gateways.length === 0 || gateways.includes(MESH_GATEWAY)) &&
    Object.keys(sourceLabels).length === 0 &&
    (!wanted || wanted === port) &&
    !sourceNamespace
  );
}
