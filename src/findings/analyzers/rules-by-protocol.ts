import { formatField } from '../../diagnostics/format-field.ts';
import { rulesForOtherProtocol } from '../../diagnostics/problems/routing.ts';
import { isHttp, isSniffed, isTcp, isTls, type Protocol } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { groupBy } from '../../util/collections.ts';
import type { Analyzer } from './support/analyzer.ts';
import { type RuleList, subjectOfRule, type TrafficRule } from './support/traffic.ts';

/** Rules for sidecars of a kind that the ports of their hosts do not use; istio core/listener.go, core/tls.go. */
export const rulesByProtocol: Analyzer = {
  name: 'mesh.virtualservice.RulesByProtocol',
  about: 'Rules for the mesh of a kind (http, tls, tcp) that the ports of their hosts do not use',
  reads: ['VirtualService', 'Service', 'ServiceEntry'],
  codes: [rulesForOtherProtocol.code],
  run: (reader, report) => {
    const { rules, servicesOf } = reader.traffic();
    // Where a gateway follows the rules too, they have an effect there.
    const forMesh = rules.filter(({ virtualService: { spec } }) => (spec.gateways ?? []).every((name) => name === MESH_GATEWAY));
    for (const [virtualService, own] of groupBy(forMesh, (rule) => rule.virtualService)) {
      const { hosts = [] } = virtualService.spec;
      const byHost = hosts.map(servicesOf);
      // Hosts without a service are told of elsewhere.
      if (byHost.some((services) => services.length === 0)) continue;
      const services = byHost.flat();
      for (const [list, ofKind] of groupBy(own, (rule) => rule.list)) {
        const unused = ofKind.find((rule) => {
          const ports = portsOf(rule, services);
          return ports.length > 0 && !ports.some(({ protocol }) => acts[list](protocol));
        });
        if (unused === undefined) continue;
        const subject = subjectOfRule(unused);
        const ports = describe(portsOf(unused, services));
        report(rulesForOtherProtocol(subject, formatField(subject.path ?? []), list, hosts.join('", "'), ports, fixFor[list]));
      }
    }
  },
};

/** Whether rules of a kind act on ports of a protocol; what has to be detected can be HTTP or not. */
const acts: Readonly<Record<RuleList, (protocol: Protocol) => boolean>> = {
  http: (protocol) => isHttp(protocol) || isSniffed(protocol),
  tls: isTls,
  tcp: (protocol) => (isTcp(protocol) && !isTls(protocol)) || isSniffed(protocol),
};

const fixFor: Readonly<Record<RuleList, string>> = {
  http: 'name the port http (or set appProtocol) if it speaks HTTP, or write rules of the kind that it uses (tcp, or tls with sniHosts)',
  tls: 'declare the port HTTPS or TLS if clients speak TLS to it, or write http or tcp rules',
  tcp: 'write http rules, or tls rules for HTTPS and TLS ports',
};

/** The ports for which a rule can match, UDP left out. */
function portsOf({ rule: { match = [] } }: TrafficRule, services: readonly Service[]): readonly ServicePort[] {
  const named = match.map(({ port }) => port ?? 0);
  const isForAll = named.length === 0 || named.includes(0);
  return services
    .flatMap(({ ports }) => ports)
    .filter(({ protocol, port }) => protocol !== 'UDP' && (isForAll || named.includes(port)));
}

function describe(ports: readonly ServicePort[]): string {
  const texts = [...new Set(ports.map(({ port, name, protocol }) => `port ${port} (${name}) of protocol ${protocol}`))];
  const shown = texts.slice(0, 3).join(', ');
  return texts.length > 3 ? `${shown} and others like it` : shown;
}
