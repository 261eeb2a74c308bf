import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { type Sample, samplesOfRoutes, sentRequest, urlOf } from '../../sample-requests/samples.ts';
import { policyConditionsOf, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { policiesAtWaypoint, routesAtWaypoint } from '../../sample-requests/waypoint.ts';
import { podAt, podKey } from '../../trace/data-plane.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import { OUTSIDE, serviceAddressFor, unknownAddress } from '../../workbench/addresses.ts';
import { waypointBefore } from '../../workbench/waypoint-before.ts';
import { schemeOf } from '../reachability/scheme.ts';
import type { CallRequest } from './call.ts';
import type { CallingWorkload, Ground } from './callers.ts';

/** So many requests that only policies tell apart are tried beside those that routes do. */
const MOST_OF_POLICIES = 8;

/** Requests that stand for all that one may ask for. */
export interface ExampleRequests {
  /** Those of a workload to a port of a service: one for each kind of request that routes and policies on the way tell apart. */
  to(caller: CallingWorkload, service: Service, port: ServicePort): readonly CallRequest[];
  /** Those from outside through a gateway, by host and port. */
  through(gateway: CallingWorkload): readonly EnteringRequests[];
}

/** Requests to a host at a gateway. */
export interface EnteringRequests {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly CallRequest[];
}

/** Makes the requests that stand for calls, over what the mesh is now. */
export function createExampleRequests(ground: Ground): ExampleRequests {
  const { bench, dataPlane } = ground;
  const targets = memo((snapshot: XdsSnapshot) => {
    const found = [...targetsOf(snapshot).values()].toReversed();
    return new Map(found.map((target) => [`${target.host}:${target.port}`, target]));
  });
  const conditions = memo((snapshot: XdsSnapshot) => policyConditionsOf(snapshot));
  const servers = memo((service: Service, port: ServicePort) => {
    const pods = bench.mesh.registry.endpointsOf(service, port).flatMap(({ address }) => podAt(dataPlane, address) ?? []);
    // Pods of one kin have the same policies.
    const kinds = new Map(pods.map((pod) => [pod.kin ?? podKey(pod), pod])).values();
    return [...kinds].flatMap((pod) => dataPlane.snapshotOf(pod) ?? []);
  });
  return {
    to(caller, service, port) {
      const snapshot = dataPlane.snapshotOf(caller.pod);
      const waypoint = waypointBefore(service, dataPlane);
      const others = [
        ...servers(service, port).flatMap((server) => conditions(server)),
        ...(waypoint === undefined ? [] : policiesAtWaypoint(waypoint, service.hostname, port.port)),
      ];
      const routes = waypoint === undefined ? [] : routesAtWaypoint(waypoint, service.hostname, port.port);
      const known = snapshot && targets(snapshot).get(`${service.hostname}:${port.port}`);
      const target = targetOf(ground, caller, service, port, known?.conditions ?? routes);
      return samplesOfRoutes(target, others, MOST_OF_POLICIES).map((sample) =>
        callRequest(sample, podKey(caller.pod), caller.pod.ips[0]),
      );
    },
    through({ pod }) {
      const snapshot = dataPlane.snapshotOf(pod);
      if (snapshot === undefined) return [];
      return [...targetsOf(snapshot).values()].map((target) => ({
        host: target.host,
        port: target.port,
        requests: samplesOfRoutes(target, conditions(snapshot), MOST_OF_POLICIES).map((sample) =>
          callRequest(sample, OUTSIDE, pod.ips[0]),
        ),
      }));
    },
  };
}

/** Where a caller's connection to a port of a service goes, as its resolver says. */
function targetOf(
  { bench, dataPlane }: Ground,
  { pod, kind }: CallingWorkload,
  service: Service,
  port: ServicePort,
  conditions: readonly RequestConditions[],
): Target {
  const host = service.hostname;
  const [endpoint] = bench.mesh.registry.endpointsOf(service, port);
  const scheme = schemeOf(port);
  const resolved = endpoint !== undefined && isIpAddress(endpoint.address) ? endpoint : undefined;
  // The resolver of ztunnel knows the addresses that istiod allocates.
  const hasOwn = kind === 'ambient' || (service.address !== '0.0.0.0' && !service.address.includes('/'));
  const own = hasOwn ? serviceAddressFor(service, pod) : undefined;
  // Without a proxy, what a Service without an address stands for is its pods, at their own port.
  const isDirect = own === undefined && kind === 'without sidecar' && resolved !== undefined;
  return {
    scheme,
    host: host.replace(/^\*/, 'x'),
    ip: own ?? resolved?.address ?? dataPlane.resolve(host) ?? unknownAddress(pod),
    port: isDirect ? resolved.port : port.port,
    ...(scheme === 'tls' && { serverName: host.replace(/^\*/, 'x') }),
    conditions,
    clusters: [],
    virtualHosts: [],
  };
}

function callRequest(sample: Sample, from: string, ownIp: string | undefined): CallRequest {
  const isHttp = sample.target.scheme === 'http' || sample.target.scheme === 'https';
  const url = urlOf(sample);
  return {
    method: isHttp ? sample.method : 'CONNECT',
    url: sample.claims === undefined ? url : `${url} (token ${JSON.stringify(sample.claims)})`,
    request: { ...sentRequest(sample, ownIp), from, isBrief: true },
  };
}
