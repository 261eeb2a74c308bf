import type { Server } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { type Origin, originOf } from '../../util/origin.ts';
import { selects } from '../labels.ts';
import { sortByCreation } from '../order.ts';
import { isHttp, type Protocol, parseProtocol } from '../protocol.ts';
import type { ServiceTarget } from '../registry/service.ts';

/** Names the Services (comma separated hostnames) that a Gateway made from the Gateway API stands for; istio InternalGatewayServiceAnnotation. */
export const GATEWAY_SERVICE_ANNOTATION = 'internal.istio.io/gateway-service';
/** The objects that an internal resource was made from; istio constants.InternalParentNames. */
export const PARENTS_ANNOTATION = 'internal.istio.io/parents';
/** The namespace of those objects where it is another one; istio constants.InternalParentNamespace. */
export const PARENT_NAMESPACE_ANNOTATION = 'internal.istio.io/parent-namespace';
/** The service account of the proxies that a Gateway made from the Gateway API is for; istio constants.InternalServiceAccount. */
export const SERVICE_ACCOUNT_ANNOTATION = 'internal.istio.io/service-account-name';

/** A Gateway that applies to a proxy, with the service ports through which its port numbers are resolved. */
export interface SelectedGateway {
  readonly gateway: ResourceOf<'Gateway'>;
  /**
   * `labels`: selected by pod labels; a port that no Service of the proxy has is taken as it is.
   * `service`: bound to Services by name; a port that those Services do not have is not served.
   */
  readonly by: 'labels' | 'service';
  readonly targets: readonly ServiceTarget[];
}

/** All Istio Gateways of the mesh (those made from Ingress and Gateway API resources included), found by the proxy they apply to. */
export interface GatewayIndex {
  /** Oldest first. */
  readonly all: readonly ResourceOf<'Gateway'>[];
  /** The Gateways that apply to a proxy with these labels and service targets, oldest first. Namespaces play no part. */
  select(labels: Labels, targets: readonly ServiceTarget[]): readonly SelectedGateway[];
}

/** A port on which a gateway listens: what istio model.ServerPort tells apart. */
export interface ServerPort {
  /** The port of the proxy, after translation through its Service. */
  readonly number: number;
  /** As written in the first Gateway; `http` and `HTTP` are two. */
  readonly protocol: string;
  /** Address to listen on; empty for all. */
  readonly bind: string;
}

/** One server of one Gateway, with `*`/`.` namespaces of its hosts resolved. */
export interface GatewayServer {
  readonly gateway: ResourceOf<'Gateway'>;
  /** `namespace/name` of the Gateway. */
  readonly gatewayName: string;
  readonly server: Server;
  /** Port number as written, before translation. */
  readonly port: number;
  readonly protocol: Protocol;
  /** `host` or `namespace/host`. */
  readonly hosts: readonly string[];
  /** Position in `spec.servers`. */
  readonly index: number;
  /** Of servers with TLS settings, redirects included: the name of their routes (empty where there are none) and their SNI hosts. */
  readonly tls: { readonly routeName: string; readonly sniHosts: readonly string[] } | undefined;
}

/** The servers that share a port. */
export interface MergedPort extends ServerPort {
  readonly servers: readonly GatewayServer[];
  /** Those among the HTTPS servers that speak HTTP/3 over UDP as well. */
  readonly quicServers: readonly GatewayServer[];
  /** Route configuration of plain HTTP servers; HTTPS servers have their own each. */
  readonly routeName: string;
}

/** A server that could not be merged with the others, and why. */
export interface RejectedServer {
  readonly gateway: ResourceOf<'Gateway'>;
  readonly index: number;
  readonly reason: string;
}

/** All servers that a gateway proxy serves; istio model.MergedGateway. */
export interface MergedGateway {
  /** In the order in which they were first seen. */
  readonly ports: readonly MergedPort[];
  readonly serversByRouteName: ReadonlyMap<string, readonly GatewayServer[]>;
  /** `namespace/name` of the Gateways with a server, accepted or not. */
  readonly gatewayNames: readonly string[];
  /** Route configurations whose answers tell clients of HTTP/3. */
  readonly http3Routes: ReadonlySet<string>;
  /** Hosts of AUTO_PASSTHROUGH servers; undefined when there is no such server. */
  readonly autoPassthroughHosts: readonly string[] | undefined;
  /** From the port in a route name to the ports of the servers behind it; what EnvoyFilter's portNumber is compared with. */
  readonly portMap: ReadonlyMap<number, ReadonlySet<number>>;
  readonly rejected: readonly RejectedServer[];
}

/** Indexes the Gateways of the mesh. As istio push_context.go initGateways and mergeGateways (selection). */
export function buildGateways(resources: readonly ResourceOf<'Gateway'>[]): GatewayIndex {
  const all = sortByCreation(resources);
  const byLabel = new Map<string, number[]>();
  const byHostname = new Map<string, number[]>();
  const always: number[] = [];
  all.forEach((gateway, ordinal) => {
    const hostnames = gateway.annotations[GATEWAY_SERVICE_ANNOTATION];
    const [label] = Object.entries(gateway.spec.selector ?? {});
    if (hostnames !== undefined) {
      for (const hostname of new Set(hostnames.split(','))) append(byHostname, hostname, ordinal);
    } else if (label !== undefined) {
      append(byLabel, labelKey(...label), ordinal);
    } else {
      always.push(ordinal);
    }
  });
  return {
    all,
    select: (labels, targets) => {
      const candidates = new Set(always);
      for (const label of Object.entries(labels))
        for (const ordinal of byLabel.get(labelKey(...label)) ?? []) candidates.add(ordinal);
      for (const { service } of targets) for (const ordinal of byHostname.get(service.hostname) ?? []) candidates.add(ordinal);
      return [...candidates]
        .sort((a, b) => a - b)
        .flatMap((ordinal) => all[ordinal] ?? [])
        .flatMap((gateway) => selectGateway(gateway, labels, targets));
    },
  };
}

function selectGateway(gateway: ResourceOf<'Gateway'>, labels: Labels, targets: readonly ServiceTarget[]): SelectedGateway[] {
  const hostnames = gateway.annotations[GATEWAY_SERVICE_ANNOTATION];
  if (hostnames === undefined) {
    return selects(gateway.spec.selector ?? {}, labels) ? [{ gateway, by: 'labels', targets }] : [];
  }
  const known = hostnames.split(',');
  const namespace = gateway.annotations[PARENT_NAMESPACE_ANNOTATION] || gateway.namespace;
  const served = targets.filter(({ service }) => known.includes(service.hostname) && service.namespace === namespace);
  return served.length > 0 ? [{ gateway, by: 'service', targets: served }] : [];
}

/** Whether TLS is left to the backend, as also settings without a mode mean. istio gateway.IsPassThroughServer. */
export function isPassthroughServer(server: Server): boolean {
  const mode = server.tls && (server.tls.mode ?? 'PASSTHROUGH');
  return mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
}

/** Whether it serves HTTP rules: in clear text, or after terminating TLS. istio gateway.IsHTTPServer. */
export function isHttpServer(server: Server): boolean {
  const protocol = serverProtocol(server);
  return isHttp(protocol) || (protocol === 'HTTPS' && !isPassthroughServer(server));
}

/** Whether it serves HTTP rules after terminating TLS. istio gateway.IsHTTPSServerWithTLSTermination. */
export function terminatesHttps(server: Server): boolean {
  return server.tls !== undefined && serverProtocol(server) === 'HTTPS' && !isPassthroughServer(server);
}

/** Whether it has TLS settings that are not those of an HTTP redirect. istio gateway.IsTLSServer. */
export function isTlsServer(server: Server): boolean {
  return server.tls !== undefined && !isHttp(serverProtocol(server));
}

/** Where a server is written: in its Gateway, or in the resource that the Gateway was made from. */
export function originOfServer({ gateway, server, index }: GatewayServer): Origin {
  return originOf(server) ?? { resource: gateway, path: ['spec', 'servers', index] };
}

/** The protocol of a server's port. */
export function serverProtocol(server: Server): Protocol {
  return parseProtocol(server.port?.protocol ?? '');
}

function labelKey(name: string, value: string): string {
  return `${name}=${value}`;
}
