import type { ConnectionPoolSettingsHTTPSettings, DestinationRule, TrafficPolicy } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { grpcOverHttp1 } from '../../diagnostics/problems/routing.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** Backends of GRPCRoutes that get HTTP/1.1; istio core/cluster_builder.go asks for HTTP/2 by the protocol of the port alone. */
export const grpcBackends: Analyzer = {
  name: 'mesh.grpcroute.Backends',
  about: 'GRPCRoutes that lead to ports to which proxies speak HTTP/1.1',
  reads: ['GRPCRoute', 'Service'],
  codes: [grpcOverHttp1.code],
  run: (reader, report) => {
    const routes = reader.list('GRPCRoute');
    if (routes.length === 0) return;
    const { registry, config, destinationRules, domainSuffix } = reader.mesh();
    if (config.h2UpgradePolicy === 'UPGRADE') return;
    for (const route of routes) {
      (route.spec.rules ?? []).forEach(({ backendRefs = [] }, rule) => {
        backendRefs.forEach(({ group = '', kind = 'Service', name = '', namespace = route.namespace, port: number }, index) => {
          if (group !== '' || kind !== 'Service') return;
          const hostname = expandShortName(name, namespace, domainSuffix);
          const service = registry.servicesOf(hostname).find((one) => one.registry === 'Kubernetes');
          const port = service?.ports.find((one) => one.port === number);
          if (service === undefined || port?.protocol !== 'HTTP') return;
          // Where a rule says something of HTTP/2, it is left to that.
          const rules = destinationRules.rulesFor(route.namespace, service).map((one) => one.rule.spec);
          if (rules.some((spec) => policiesOf(spec).some(({ connectionPool }) => speaksOfHttp2(connectionPool?.http)))) return;
          const path = ['spec', 'rules', rule, 'backendRefs', index];
          report(grpcOverHttp1(at(route, path), formatField(path), fullName(service.resource), port.port, port.name));
        });
      });
    }
  },
};

function policiesOf({ trafficPolicy, subsets = [] }: DestinationRule): readonly Pick<TrafficPolicy, 'connectionPool'>[] {
  return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].flatMap((policy) =>
    policy === undefined ? [] : [policy, ...(policy.portLevelSettings ?? [])],
  );
}

function speaksOfHttp2(http: ConnectionPoolSettingsHTTPSettings | undefined): boolean {
  return http?.h2UpgradePolicy !== undefined || http?.useClientProtocol === true;
}
