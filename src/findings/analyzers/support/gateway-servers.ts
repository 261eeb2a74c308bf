import type { Server } from '../../../api/istio.gen.ts';
import { isHttpServer, isPassthroughServer } from '../../../model/gateways/gateways.ts';
import { anyHostsOverlap, hostsForNamespace } from '../../../model/traffic/host.ts';
import type { ResourceOf } from '../../../resource/resource.ts';
import type { RuleList } from './traffic.ts';

/** The hosts of a server that are for virtual services of a namespace; `.` stands for the namespace of its Gateway. */
export function serverHosts(gateway: ResourceOf<'Gateway'>, { hosts = [] }: Server, namespace: string): readonly string[] {
  const written = hosts.map((host) => (host.startsWith('./') ? `${gateway.namespace}/${host.slice(2)}` : host));
  return hostsForNamespace(written, namespace);
}

/** Whether a server of a Gateway is for a host of a virtual service. */
export function sharesHost(
  gateway: ResourceOf<'Gateway'>,
  server: Server,
  { namespace, spec }: ResourceOf<'VirtualService'>,
): boolean {
  return anyHostsOverlap(serverHosts(gateway, server, namespace), spec.hosts);
}

/** The kind of rules that a server uses. */
export function ruleListOf(server: Server): RuleList {
  if (isHttpServer(server)) return 'http';
  return server.tls !== undefined && isPassthroughServer(server) ? 'tls' : 'tcp';
}
