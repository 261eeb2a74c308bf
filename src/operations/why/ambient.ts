import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { Hop } from '../../trace/outcome.ts';
import type { Step } from '../../trace/step.ts';
import { namespacedName, placeOfField } from './destinations.ts';
import type { WhyNot } from './reason.ts';

/** Why a connection ends at the ztunnel of a pod. */
export function whyAtZtunnel(mesh: Mesh, { place, steps }: Hop): readonly WhyNot[] {
  return steps.flatMap((step): readonly WhyNot[] => {
    if (step.kind === 'policy') return step.isAllowed || step.event === 'would decide' ? [] : whyDenied(mesh, place, step, steps);
    if (step.kind !== 'ztunnel') return [];
    const [service] = mesh.registry.servicesOf(step.name);
    if (service === undefined) return [];
    if (step.event === 'no endpoint') return [noEndpoints(service)];
    if (step.event !== 'no such port') return [];
    const ports = service.ports.map(({ port }) => port);
    return [
      { kind: 'no such port', host: step.name, port: step.port, ports, at: placeOfField(service.resource, ['spec', 'ports']) },
    ];
  });
}

/** Why a request ends at a waypoint. */
export function whyAtWaypoint(mesh: Mesh, { steps }: Hop, passedOver: readonly WhyNot[]): readonly WhyNot[] {
  return steps.flatMap((step): readonly WhyNot[] => {
    if (step.kind === 'route') return step.event === 'none matches' ? passedOver : [];
    if (step.kind !== 'endpoint' || step.event !== 'none') return [];
    const [direction, , chosen = '', host = ''] = step.name.split('|');
    const [service] = mesh.registry.servicesOf(host);
    // Of a subset, others have to say why nobody is in it.
    return direction !== 'inbound-vip' || chosen.includes('/') || service === undefined ? [] : [noEndpoints(service)];
  });
}

function noEndpoints(service: Service): WhyNot {
  const at = placeOfField(service.resource, ['spec']);
  return { kind: 'no endpoints', service: namespacedName(service.resource), selector: service.selector, at };
}

type PolicyStep = Extract<Step, { readonly kind: 'policy' }>;

function whyDenied({ ambient, proxies }: Mesh, place: string, step: PolicyStep, steps: readonly Step[]): readonly WhyNot[] {
  const { origin } = step;
  if (step.demands !== undefined) {
    const policy = origin === undefined ? step.name : namespacedName(origin.resource);
    return [{ kind: 'mutual TLS only', workload: place, port: portOf(steps), policy, ...(origin && { at: origin }) }];
  }
  const workload = ambient?.workloads.find((candidate) => podKey(candidate) === place && candidate.resource.kind === 'Pod');
  if (ambient === undefined || workload === undefined || step.isMatch) return [];
  const holding = ambient.policies.filter(({ authorization }) => {
    if (authorization === undefined || authorization.action !== 'ALLOW' || authorization.dryRun === true) return false;
    const { scope, namespace } = authorization;
    if (scope === 'WORKLOAD_SELECTOR') return workload.policies.includes(namespacedName(authorization));
    return scope === 'GLOBAL' || namespace === workload.namespace;
  });
  const tunnel = steps.find((candidate) => candidate.kind === 'ztunnel' && candidate.event === 'takes the tunnel');
  const identity = tunnel?.kind === 'ztunnel' && tunnel.event === 'takes the tunnel' ? tunnel.identity : '';
  const waypoint = proxies.find(
    ({ role, namespace, workload: { serviceAccount } }) =>
      role === 'waypoint' && identity.endsWith(`/ns/${namespace}/sa/${serviceAccount}`),
  );
  const [first] = holding;
  return [
    ...holding.flatMap(({ resource, httpAttributes }): readonly WhyNot[] => {
      if (httpAttributes.length === 0) return [];
      const at = placeOfField(resource, ['spec', 'rules']);
      return [{ kind: 'HTTP rules at ztunnel', policy: namespacedName(resource), attributes: httpAttributes, at }];
    }),
    ...(waypoint === undefined || first === undefined
      ? []
      : [
          {
            kind: 'waypoint not admitted',
            waypoint: podKey(waypoint),
            identity,
            policies: holding.map(({ resource }) => namespacedName(resource)),
            at: placeOfField(first.resource, ['spec']),
          } as const,
        ]),
  ];
}

/** The port that the connection was for. */
function portOf(steps: readonly Step[]): number {
  const taken = steps.find((step) => step.kind === 'ztunnel' && step.event === 'takes plain text');
  const destination = taken?.kind === 'ztunnel' && taken.event === 'takes plain text' ? taken.destination : '';
  return Number(/:(\d+)$/.exec(destination)?.[1] ?? 0);
}
