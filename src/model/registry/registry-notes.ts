import type { Diagnostic, Path } from '../../diagnostics/diagnostic.ts';
import { notComputed } from '../../diagnostics/problems/compiled.ts';
import type { Behaviours } from '../../releases/release.ts';
import { DATAPLANE_MODE, USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { subjectAt } from '../../resource/subject.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { isEastWestPod } from './injection.ts';
import { NETWORK_LABEL } from './locality.ts';

/** What to tell the user about services and workloads whose part in the mesh is not, or not wholly, computed. */
export function registryNotes(
  resources: readonly Resource[],
  { enableAmbient, ambientEnableMultiNetwork }: Pick<Behaviours, 'enableAmbient' | 'ambientEnableMultiNetwork'>,
): readonly Diagnostic[] {
  const ofMode = enableAmbient ? eastWestNotes(resources, ambientEnableMultiNetwork) : ambientNotes(resources);
  const all = [...ofMode, ...gatewayNotes(resources)];
  // Pods of one template say the same.
  return [...new Map(all.map((found) => [JSON.stringify([found.location, found.message]), found])).values()];
}

function ambientNotes(resources: readonly Resource[]): Diagnostic[] {
  const candidates: readonly Resource[] = [
    ...resourcesOf(resources, 'Namespace'),
    ...resourcesOf(resources, 'Service'),
    ...resourcesOf(resources, 'ServiceEntry'),
    ...resourcesOf(resources, 'Pod'),
  ];
  return candidates.flatMap((resource) => {
    const { labels } = resource;
    const notes: Diagnostic[] = [];
    if (labels[DATAPLANE_MODE] === 'ambient') {
      const path = ['metadata', 'labels', DATAPLANE_MODE];
      notes.push(note(resource, path, 'ambient mode is off: its pods count as pods without a sidecar'));
    }
    if (labels[USE_WAYPOINT] !== undefined && labels[USE_WAYPOINT] !== 'none') {
      const path = ['metadata', 'labels', USE_WAYPOINT];
      notes.push(note(resource, path, `ambient mode is off: waypoint ${labels[USE_WAYPOINT]} is passed by`));
    }
    return notes;
  });
}

/** istiod runs no such gateway until it is told that there are networks. */
function eastWestNotes(resources: readonly Resource[], spansNetworks: boolean): Diagnostic[] {
  if (spansNetworks) return [];
  const message =
    'this pod is a gateway between networks of ambient mode, which AMBIENT_ENABLE_MULTI_NETWORK does not turn on: it has no configuration';
  return resourcesOf(resources, 'Pod')
    .filter(isEastWestPod)
    .map((pod) => note(pod, ['metadata', 'labels', 'gateway.istio.io/managed'], message));
}

/** istiod asks DNS for the addresses of gateways to other networks. */
function gatewayNotes(resources: readonly Resource[]): Diagnostic[] {
  return resourcesOf(resources, 'Service')
    .filter(({ labels }) => labels[NETWORK_LABEL])
    .flatMap((service) => {
      const ingress = service.status?.loadBalancer?.ingress ?? [];
      return ingress.flatMap(({ ip, hostname }, index) => {
        if (ip || !hostname || isIpAddress(hostname)) return [];
        const message = `${hostname}, a gateway to network ${service.labels[NETWORK_LABEL]}, cannot be resolved offline and is left out`;
        return [note(service, ['status', 'loadBalancer', 'ingress', index, 'hostname'], message)];
      });
    });
}

function note(resource: Resource, path: Path, message: string): Diagnostic {
  return notComputed(subjectAt(resource, path), message);
}
