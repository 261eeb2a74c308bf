import { selects } from '../../model/labels.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { originOf } from '../../util/origin.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { Call } from './call.ts';
import type { Ground } from './callers.ts';
import type { ExampleRequests } from './example-requests.ts';

/** What of a match of a VirtualService names clients. */
interface ClientMatch {
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: string;
  readonly port?: number;
}

/** The calls that VirtualServices declare: rules for certain clients, by their labels or namespace, say that these call the hosts. */
export function callsOfRoutes(ground: Ground, examples: ExampleRequests): readonly Call[] {
  const { mesh } = ground.bench;
  return mesh.virtualServices.all.flatMap((virtualService) => {
    if (!gatewaysOf(virtualService).includes(MESH_GATEWAY)) return [];
    const { http = [], tcp = [], tls = [] } = virtualService.spec;
    const matches: readonly ClientMatch[] = [...http, ...tcp, ...tls].flatMap(({ match = [] }) => match);
    return matches
      .filter(({ sourceLabels = {}, sourceNamespace = '' }) => sourceNamespace !== '' || Object.keys(sourceLabels).length > 0)
      .flatMap((match) => callsOfMatch(match, virtualService, ground, examples));
  });
}

function callsOfMatch(
  match: ClientMatch,
  virtualService: ResourceOf<'VirtualService'>,
  { bench: { mesh }, workloads }: Ground,
  examples: ExampleRequests,
): readonly Call[] {
  const { sourceLabels = {}, sourceNamespace = '', port: number = 0 } = match;
  const callers = [...workloads.values()].filter(
    ({ kind, workload }) =>
      kind !== 'gateway' &&
      (sourceNamespace === '' || workload.namespace === sourceNamespace) &&
      selects(sourceLabels, workload.labels),
  );
  const services = (virtualService.spec.hosts ?? []).flatMap((host) => mesh.registry.servicesOf(host));
  const origin = originOf(match);
  const { kind, namespace, name } = virtualService;
  return callers.flatMap((caller) =>
    services.flatMap((service) =>
      service.ports
        .filter(({ port, protocol }) => protocol !== 'UDP' && (number === 0 || number === port))
        .map(
          (port): Call => ({
            caller: caller.id,
            host: service.hostname,
            port: port.port,
            isExact: false,
            requests: examples.to(caller, service, port),
            sources: [
              {
                kind: 'resource',
                resource: kind,
                name: `${namespace}/${name}`,
                location: origin === undefined ? undefined : locateOrigin(origin),
              },
            ],
          }),
        ),
    ),
  );
}

/** The calls from outside that the routes of gateways declare. */
export function callsThroughGateways({ workloads }: Ground, examples: ExampleRequests): readonly Call[] {
  const gateways = [...workloads.values()].filter(({ kind }) => kind === 'gateway');
  return gateways.flatMap((gateway) =>
    examples.through(gateway).map(
      ({ host, port, requests }): Call => ({
        caller: 'outside',
        host,
        port,
        isExact: false,
        requests,
        sources: [{ kind: 'gateway', gateway: gateway.id }],
      }),
    ),
  );
}
