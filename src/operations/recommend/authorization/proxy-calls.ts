import { podKey } from '../../../trace/data-plane.ts';
import type { Call } from '../call.ts';
import type { Ground } from '../callers.ts';
import type { ExampleRequests } from '../example-requests.ts';
import { clustersOfFilters } from '../filter-clusters.ts';
import type { NeededAdmission } from './admissions.ts';

/**
 * The calls that proxies make by themselves: to authorizers, tracers, rate limits, access logs. They carry the identity of the workload.
 * Without them a policy for the server of such calls would end all that waits for its answer.
 */
export function callsOfProxies(ground: Ground, examples: ExampleRequests): readonly Call[] {
  return [...ground.workloads.values()].flatMap((caller) =>
    caller.kind === 'workload'
      ? portsOfFilters(podKey(caller.pod), ground).map(
          ({ service, port, cluster }): Call => ({
            caller: caller.id,
            host: service.hostname,
            port: port.port,
            isExact: false,
            requests: examples.to(caller, service, port),
            sources: [{ kind: 'proxy', workload: caller.id, cluster }],
          }),
        )
      : [],
  );
}

/** The same of gateways, from which no request of a client begins: who serves such calls has to let in their identity. */
export function admissionsOfGateways(ground: Ground): readonly NeededAdmission[] {
  const { registry } = ground.bench.mesh;
  return [...ground.workloads.values()].flatMap((caller) =>
    caller.kind === 'gateway'
      ? portsOfFilters(podKey(caller.pod), ground).flatMap(({ service, port, cluster }) => {
          const sources = [{ kind: 'proxy', workload: caller.id, cluster }] as const;
          const call: Call = {
            caller: caller.id,
            host: service.hostname,
            port: port.port,
            isExact: false,
            requests: [],
            sources,
          };
          return registry.endpointsOf(service, port).flatMap((endpoint): readonly NeededAdmission[] => {
            const server = ground.workloads.get(`${endpoint.namespace}/${endpoint.workloadName}`);
            if (server?.kind !== 'workload' && server?.kind !== 'ambient') return [];
            const by = server.kind === 'workload' ? 'sidecar' : 'ztunnel';
            return [
              {
                checkpoint: { kind: 'workload', workload: server.id, by },
                principal: caller.pod.identity.replace('spiffe://', ''),
                port: endpoint.port,
                operation: {},
                call,
                sources,
              },
            ];
          });
        })
      : [],
  );
}

function portsOfFilters(place: string, { bench: { mesh, snapshotOf } }: Ground) {
  const snapshot = snapshotOf(place);
  return (snapshot === undefined ? [] : clustersOfFilters(snapshot)).flatMap((cluster) => {
    const [, number, , host = ''] = cluster.split('|');
    const [service] = mesh.registry.servicesOf(host);
    const port = service?.ports.find((one) => one.port === Number(number));
    return service === undefined || port === undefined ? [] : [{ service, port, cluster }];
  });
}
