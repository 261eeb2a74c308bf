import type { DestinationRule, Gateway, PeerAuthentication, VirtualService } from '../../api/istio.gen.ts';
import type { ServiceSpec } from '../../api/kubernetes.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Resource } from '../../resource/resource.ts';

/** What descriptions are made from. */
export interface DescribeContext {
  readonly mesh: Mesh;
  /** The namespace whose things are called by their name alone. */
  readonly namespace: string;
  /** What a proxy gets. */
  snapshotOf(proxy: Proxy): XdsSnapshot;
}

/** Name of a resource for people: `name`, or `name.namespace` outside the namespace at hand. */
export function shortName(
  { namespace }: DescribeContext,
  resource: { readonly name: string; readonly namespace: string },
): string {
  return resource.namespace === namespace ? resource.name : `${resource.name}.${resource.namespace}`;
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
  { mesh }: DescribeContext,
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

/** Lines with so many blanks before them. */
export function indent(blanks: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${' '.repeat(blanks)}${line}`);
}

/** Between the parts of a description. */
export const SEPARATOR = '--------------------';
