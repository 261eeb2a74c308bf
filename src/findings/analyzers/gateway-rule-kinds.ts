import type { Server } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { rulesOfWrongKind } from '../../diagnostics/problems/routing.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { ruleListOf, serverHosts, sharesHost } from './support/gateway-servers.ts';
import { isWritten, type RuleList, type TrafficRule } from './support/traffic.ts';

/** Rules of a kind that the servers of their Gateway do not use; istio core/gateway.go. */
export const gatewayRuleKinds: Analyzer = {
  name: 'mesh.gateway.RuleKinds',
  about: 'VirtualServices whose rules are of a kind (http, tls, tcp) that the server of their Gateway cannot use',
  reads: ['Gateway', 'VirtualService'],
  codes: [rulesOfWrongKind.code],
  run: (reader, report) => {
    if (reader.list('Gateway').length === 0 || reader.list('VirtualService').length === 0) return;
    const traffic = reader.traffic();
    for (const gateway of reader.mesh().gateways.all) {
      if (isWritten(gateway)) checkGateway(gateway, boundBy(traffic.rulesAt(fullName(gateway))), report);
    }
  },
};

/** A virtual service at a gateway, with the kinds of rules that it has there. */
interface Bound {
  readonly virtualService: ResourceOf<'VirtualService'>;
  readonly lists: ReadonlySet<RuleList>;
}

/** Virtual services by the rules that they have at a gateway, without those made from other resources. */
function boundBy(rules: readonly TrafficRule[]): readonly Bound[] {
  const written = rules.filter(({ virtualService }) => isWritten(virtualService));
  return [...groupBy(written, ({ virtualService }) => virtualService)].map(([virtualService, own]) => ({
    virtualService,
    lists: new Set(own.map(({ list }) => list)),
  }));
}

function checkGateway(gateway: ResourceOf<'Gateway'>, bound: readonly Bound[], report: Report): void {
  const told = new Set<Bound>();
  const servers = (gateway.spec.servers ?? []).filter(needsRules);
  const sharing = servers.map((server) => bound.filter((one) => sharesHost(gateway, server, one.virtualService)));
  servers.forEach((server, index) => {
    const list = ruleListOf(server);
    const here = sharing[index] ?? [];
    if (here.some(({ lists }) => lists.has(list))) return;
    for (const one of here) {
      const isUsedElsewhere = servers.some((other, i) => one.lists.has(ruleListOf(other)) && sharing[i]?.includes(one));
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

/**
 * Whether a server serves nothing without rules: not one that redirects, nor one that sends to any service of the mesh by its name. Of one
 * without a port or protocol nobody can say which rules it takes; the API server refuses it.
 */
function needsRules({ port, tls }: Server): boolean {
  return (
    port?.number !== undefined && port.protocol !== undefined && tls?.mode !== 'AUTO_PASSTHROUGH' && tls?.httpsRedirect !== true
  );
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

/** Whether a server names a host of the virtual service, rather than a domain or all hosts. */
function namesHost(gateway: ResourceOf<'Gateway'>, server: Server, { namespace, spec }: ResourceOf<'VirtualService'>): boolean {
  const served = serverHosts(gateway, server, namespace);
  return (spec.hosts ?? []).some((host) => host !== '*' && served.includes(host));
}
