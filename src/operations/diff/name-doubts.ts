import { selects } from '../../model/labels.ts';
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
      const what = [`what DNS answers for Service ${service.namespace}/${service.name}`];
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
  const addresses = new Set(readyAddresses(service, registry));
  const answers = [...addresses].map((address) => {
    const pod = podAt(plane, address);
    return pod === undefined ? address : podKey({ ...pod, name: pod.workloadName });
  });
  // Pods of StatefulSets, and others with a subdomain, have names of their own under that of the Service.
  const ofPods = registry.workloads.flatMap(({ resource, namespace, name, ips }): readonly string[] => {
    if (namespace !== service.namespace || resource.kind !== 'Pod') return [];
    const { hostname, subdomain } = resource.spec;
    const isNamed = hostname !== undefined && subdomain === service.name && ips.some((ip) => addresses.has(ip));
    return isNamed ? [`${hostname}: ${name}`] : [];
  });
  return answers.length === 0 ? NO_ANSWER : [...new Set([...answers, ...ofPods])].sort(compareText).join(', ');
}

/** The addresses that resolvers are told of a Service without one of its own; one that names no port has those of all pods that it selects. */
function readyAddresses(service: Service, registry: Mesh['registry']): readonly string[] {
  const { ports, selector, namespace } = service;
  if (ports.length > 0) {
    const endpoints = ports.flatMap((port) => registry.endpointsOf(service, port));
    return endpoints.flatMap(({ health, address }) => (health === 'healthy' ? [address] : []));
  }
  if (selector === undefined || Object.keys(selector).length === 0) return [];
  return registry.workloads.flatMap((pod) =>
    pod.kind === 'Pod' && pod.ready && pod.namespace === namespace && selects(selector, pod.ownLabels) ? pod.ips.slice(0, 1) : [],
  );
}
