import type { Server } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { rulesOfWrongKind } from '../../diagnostics/problems/routing.ts';
import { isHttpServer, isPassthroughServer } from '../../model/gateways/gateways.ts';
import { hostsForNamespace, hostsOverlap } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { isWritten, type RuleList, type TrafficRule } from './support/traffic.ts';

/** Rules of a kind that the servers of their Gateway do not use; istio core/gateway.go. */
export const gatewayRuleKinds: Analyzer = {
  name: 'mesh.gateway.RuleKinds',
  about: 'VirtualServices whose rules are of a kind (http, tls, tcp) that the server of their Gateway cannot use',
  reads: ['Gateway', 'VirtualService'],
  codes: [rulesOfWrongKind.code],
  run: (reader, report) => {
    if (reader.list('Gateway').length === 0 || reader.list('VirtualService').length === 0) return;
    const bound = boundByGateway(reader.traffic().rules);
    for (const gateway of reader.mesh().gateways.all) {
      const virtualServices = bound.get(fullName(gateway));
      if (virtualServices !== undefined && isWritten(gateway)) checkGateway(gateway, virtualServices, report);
    }
  },
};

/** A virtual service at a gateway, with the kinds of rules that it has there. */
interface Bound {
  readonly virtualService: ResourceOf<'VirtualService'>;
  readonly lists: ReadonlySet<RuleList>;
}

function boundByGateway(rules: readonly TrafficRule[]): ReadonlyMap<string, readonly Bound[]> {
  const byGateway = new Map<string, { virtualService: ResourceOf<'VirtualService'>; lists: Set<RuleList> }[]>();
  for (const { virtualService, list, gateways } of rules) {
    if (!isWritten(virtualService)) continue;
    for (const gateway of gateways) {
      // The rules of a virtual service come one after the other.
      const last = byGateway.get(gateway)?.at(-1);
      if (last?.virtualService === virtualService) last.lists.add(list);
      else append(byGateway, gateway, { virtualService, lists: new Set([list]) });
    }
  }
  return byGateway;
}

function checkGateway(gateway: ResourceOf<'Gateway'>, bound: readonly Bound[], report: Report): void {
  const told = new Set<Bound>();
  // One that redirects needs no rules, nor does one that sends to any service of the mesh by its name.
  const servers = (gateway.spec.servers ?? []).filter(
    ({ port, tls }) => port !== undefined && tls?.mode !== 'AUTO_PASSTHROUGH' && tls?.httpsRedirect !== true,
  );
  const sharing = servers.map((server) => bound.filter((one) => shareHost(gateway, server, one.virtualService)));
  servers.forEach((server, index) => {
    const list = listOf(server);
    const here = sharing[index] ?? [];
    if (here.some(({ lists }) => lists.has(list))) return;
    for (const one of here) {
      const isUsedElsewhere = servers.some((other, i) => one.lists.has(listOf(other)) && sharing[i]?.includes(one));
      // Rules that another server uses are missing here only where that one names the host too, and nothing listens without them.
      const isMeant = list !== 'http' && namesHost(gateway, server, one.virtualService);
      if (told.has(one) || (isUsedElsewhere && !isMeant)) continue;
      told.add(one);
      const [wrong = 'http'] = one.lists;
      const hosts = (one.virtualService.spec.hosts ?? []).join('", "');
      const subject = at(one.virtualService, ['spec', wrong]);
      report(
        rulesOfWrongKind(subject, `spec.${wrong}`, wrong, hosts, fullName(gateway), describe(server), list, fixFor(list, wrong)),
      );
    }
  });
}

/** The kind of rules that a server uses. */
function listOf(server: Server): RuleList {
  if (isHttpServer(server)) return 'http';
  return server.tls !== undefined && isPassthroughServer(server) ? 'tls' : 'tcp';
}

function describe({ port, tls }: Server): string {
  const mode = tls === undefined ? '' : ` and tls mode ${tls.mode ?? 'PASSTHROUGH (the default)'}`;
  return `server at port ${port?.number} of protocol ${port?.protocol}${mode}`;
}

function fixFor(list: RuleList, wrong: RuleList): string {
  if (list === 'tls') {
    const ending =
      wrong === 'http' ? 'let the server end TLS (protocol HTTPS, mode SIMPLE)' : 'let the server end TLS (mode SIMPLE)';
    return `write tls rules with sniHosts, or ${ending}`;
  }
  if (list === 'tcp') {
    return wrong === 'tls'
      ? 'write tcp rules, or set tls mode PASSTHROUGH'
      : 'write tcp rules, or declare the port HTTP or HTTPS';
  }
  return wrong === 'tls' ? 'write http rules, or set tls mode PASSTHROUGH' : 'write http rules, or declare the port TCP';
}

function serverHosts(gateway: ResourceOf<'Gateway'>, { hosts = [] }: Server, namespace: string): readonly string[] {
  const written = hosts.map((host) => (host.startsWith('./') ? `${gateway.namespace}/${host.slice(2)}` : host));
  return hostsForNamespace(written, namespace);
}

function shareHost(gateway: ResourceOf<'Gateway'>, server: Server, { namespace, spec }: ResourceOf<'VirtualService'>): boolean {
  const served = serverHosts(gateway, server, namespace);
  return (spec.hosts ?? []).some((host) => served.some((one) => hostsOverlap(one, host)));
}

/** Whether a server names a host of the virtual service, rather than a domain or all hosts. */
function namesHost(gateway: ResourceOf<'Gateway'>, server: Server, { namespace, spec }: ResourceOf<'VirtualService'>): boolean {
  const served = serverHosts(gateway, server, namespace);
  return (spec.hosts ?? []).some((host) => host !== '*' && served.includes(host));
}
