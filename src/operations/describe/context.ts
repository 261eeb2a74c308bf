import type { DestinationRule, Gateway, PeerAuthentication, VirtualService } from '../../api/istio.gen.ts';
import type { ServiceSpec } from '../../api/kubernetes.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Resource } from '../../resource/resource.ts';
import type { ResourceName } from './description.ts';

/** What descriptions are made from. */
export interface DescribeContext {
  readonly mesh: Mesh;
  /** What a proxy gets. */
  snapshotOf(proxy: Proxy): XdsSnapshot;
}

/** What a resource is called, and nothing more of it. */
export function nameOf({ name, namespace }: ResourceName): ResourceName {
  return { name, namespace };
}

/** The specs of the kinds that descriptions look up, and the groups that tell kinds of one name apart. */
interface DescribedKinds {
  Service: ServiceSpec;
  Gateway: Gateway;
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  PeerAuthentication: PeerAuthentication;
}

const groups: Readonly<Record<keyof DescribedKinds, string>> = {
  Service: '',
  Gateway: 'networking.istio.io',
  VirtualService: 'networking.istio.io',
  DestinationRule: 'networking.istio.io',
  PeerAuthentication: 'security.istio.io',
};

/** The resources of a kind. */
export function resourcesOf<K extends keyof DescribedKinds>(
  { mesh }: Pick<DescribeContext, 'mesh'>,
  kind: K,
): readonly Resource<DescribedKinds[K]>[] {
  // A resource of this kind and group was decoded to this spec.
  return mesh.resources.filter((resource) => resource.kind === kind && resource.group === groups[kind]) as readonly Resource<
    DescribedKinds[K]
  >[];
}

/** The resource of a kind with this name. */
export function findResource<K extends keyof DescribedKinds>(
  context: DescribeContext,
  kind: K,
  name: string,
  namespace: string,
): Resource<DescribedKinds[K]> | undefined {
  return resourcesOf(context, kind).find((resource) => resource.name === name && resource.namespace === namespace);
}
