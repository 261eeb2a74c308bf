import type { TrafficPolicy } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { destinationRuleForeignToWaypoint, destinationRuleWithoutWaypoint } from '../../diagnostics/problems/ambient-effects.ts';
import type { Mesh } from '../../model/mesh.ts';
import { expandShortName, isWildcard } from '../../model/traffic/host.ts';
import { visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';
import { homeOf, passesOver, reportUnserved, sidecarsIn } from './ambient-routes.ts';
import { type AmbientParties, ambientParties, withoutWaypoint } from './support/ambient.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';
import type { Traffic } from './support/traffic.ts';
import { isWritten } from './support/traffic.ts';

/** DestinationRules that clients in ambient mode do not apply. */
export const ambientDestinationRules: Analyzer = {
  name: 'mesh.ambient.DestinationRules',
  about: 'DestinationRules are applied by a waypoint, where clients are in ambient mode',
  reads: ['DestinationRule', 'Service', 'ServiceEntry', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['KubernetesGateway', 'Namespace'],
  codes: [destinationRuleWithoutWaypoint.code, destinationRuleForeignToWaypoint.code],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const parties = ambientParties(mesh);
    if (parties === undefined || parties.captured.length === 0) return;
    for (const rule of resourcesOf(mesh.resources, 'DestinationRule')) {
      // Those with a selector are for proxies that they select.
      if (isWritten(rule) && rule.spec.workloadSelector === undefined) check(rule, parties, mesh, reader.traffic(), report);
    }
  },
};

function check(rule: ResourceOf<'DestinationRule'>, parties: AmbientParties, mesh: Mesh, traffic: Traffic, report: Report): void {
  const { spec, namespace } = rule;
  const { host: written = '', exportTo, subsets = [] } = spec;
  const settings = [
    ...settingsOf(spec.trafficPolicy),
    ...(subsets.some(({ trafficPolicy }) => settingsOf(trafficPolicy).length > 0) ? ['trafficPolicy of subsets'] : []),
  ];
  if (settings.length === 0) return;
  const host = expandShortName(written, namespace, mesh.domainSuffix);
  const meant = parties.servicesOf(host);
  const services = isWildcard(host) ? meant.filter(parties.isCaptured) : meant;
  const visible = visibilityOf(exportTo, namespace, mesh.config.defaultDestinationRuleExportTo);
  const isAtHome = namespace === mesh.rootNamespace || services.some((service) => service.namespace === namespace);
  // Elsewhere it is for clients of its own namespace.
  const visibility = isAtHome ? visible : visibilityOf(['.'], namespace, undefined);
  const clients = parties.capturedIn(visibility);
  if (clients.length === 0) return;
  const unserved = withoutWaypoint(services);
  const hasGateway = [...new Set(unserved.map(({ hostname }) => hostname))].some((hostname) =>
    traffic.rulesTo(hostname).some(({ gateways }) => gateways.some((gateway) => traffic.gatewayClients(gateway).length > 0)),
  );
  const subject = at(rule, ['spec', 'host']);
  reportUnserved(
    (hosts, appliedBy) =>
      destinationRuleWithoutWaypoint(subject, written, settings, hosts, [...appliedBy, ...(hasGateway ? ['gateways'] : [])]),
    unserved,
    { parties, clients, sidecars: sidecarsIn(mesh, visibility) },
    (finding) => report(hasGateway && finding.severity !== 'info' ? asHint(finding, 'it may be meant for gateways') : finding),
  );
  for (const service of namespace === mesh.rootNamespace ? [] : services) {
    const why = passesOver(service, namespace, visible);
    if (why === undefined) continue;
    report(destinationRuleForeignToWaypoint(subject, `spec.host "${written}"`, service.hostname, ...homeOf(service, why)));
    return;
  }
}

/** What a policy asks for that ztunnel does not do anyway: mutual TLS is the one thing that it does. */
function settingsOf(policy: TrafficPolicy = {}): readonly string[] {
  const { tls, portLevelSettings = [], ...rest } = policy;
  const asks = (mode: string | undefined): boolean => mode !== undefined && mode !== 'ISTIO_MUTUAL';
  const ofPorts = portLevelSettings.some(
    ({ port: _port, tls: own, ...other }) => Object.keys(other).length > 0 || (own !== undefined && asks(own.mode ?? 'DISABLE')),
  );
  return [
    ...Object.keys(rest),
    ...(tls !== undefined && asks(tls.mode ?? 'DISABLE') ? ['tls'] : []),
    ...(ofPorts ? ['portLevelSettings'] : []),
  ];
}
