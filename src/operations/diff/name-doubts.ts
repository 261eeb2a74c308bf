import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { type DataPlane, podAt, podKey } from '../../trace/data-plane.ts';
import { compareText } from '../../util/text.ts';
import { serviceAddressFor } from '../../workbench/addresses.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { kubernetesServices, type LocalMeshFinder, meshPairs } from './local-meshes.ts';
import type { Doubt } from './report.ts';
import { placeOfService } from './service-doubts.ts';

/**
 * Doubts of names that DNS answers otherwise, or on one side only: those of headless Services and of Services that are another name. Requests
 * are followed from the address on, so that none of them shows it. Services with an address of their own are asked for there, unless one of
 * another name has the address on the other side.
 */
export function doubtsOfNames(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
  meshesOf: LocalMeshFinder,
): readonly Doubt[] {
  return meshPairs(sides, planes, meshesOf).flatMap(({ meshes: [before, after], planes: [one, other] }) => {
    const [known, now] = [namedServices(before), namedServices(after)];
    return [...new Map([...known, ...now]).values()].flatMap((service): readonly Doubt[] => {
      const [was, is] = [known.get(service.hostname), now.get(service.hostname)];
      const [answer, answerNow] = [answerFor(was, before, one), answerFor(is, after, other)];
      const isLedOn = (was === undefined && isAddressOf(is, before)) || (is === undefined && isAddressOf(was, after));
      const isAskedByAddress = !isLedOn && [answer, answerNow].every((text) => text === OWN_ADDRESS || text === NO_ANSWER);
      if (answer === answerNow || isAskedByAddress) return [];
      const what = [`what DNS answers whoever asks for Service ${service.namespace}/${service.name}`];
      return [{ from: { kind: 'anybody' }, ...placeOfService(service), because: 'not known', what }];
    });
  });
}

const NO_ANSWER = 'no answer';
const OWN_ADDRESS = 'its own address';

function namedServices(mesh: Mesh): ReadonlyMap<string, Service> {
  return new Map(kubernetesServices(mesh).map((service) => [service.hostname, service]));
}

/** Whether an address of a Service is one of another Service elsewhere, so that requests to it tell nothing of the name. */
function isAddressOf(service: Service | undefined, mesh: Mesh): boolean {
  if (service === undefined || service.addresses.length === 0) return false;
  const addresses = new Set(kubernetesServices(mesh).flatMap((one) => one.addresses));
  return service.addresses.some((ip) => addresses.has(ip));
}

/** What resolvers are told, as a text: which of the pods of one workload they get is chance. */
function answerFor(service: Service | undefined, { registry }: Mesh, plane: DataPlane): string {
  if (service === undefined) return NO_ANSWER;
  if (service.externalName !== '') return `another name: ${service.externalName.replace(/\.$/, '')}`;
  if (serviceAddressFor(service, undefined) !== undefined) return OWN_ADDRESS;
  const ready = service.ports
    .flatMap((port) => registry.endpointsOf(service, port))
    .filter(({ health }) => health === 'healthy')
    .map(({ address }) => {
      const pod = podAt(plane, address);
      return pod === undefined ? address : podKey({ ...pod, name: pod.workloadName });
    });
  return ready.length === 0 ? NO_ANSWER : [...new Set(ready)].sort(compareText).join(', ');
}
