import type { MeshConfig, MeshNetworks } from '../../../api/istio.gen.ts';
import type { Kind } from '../../../api/kinds.ts';
import type { Mesh } from '../../../model/mesh.ts';
import { applyMeshConfig } from '../../../model/mesh-config.ts';
import { DEFAULT_DOMAIN } from '../../../model/mesh-input.ts';
import type { Release } from '../../../releases/release.ts';
import { isApart } from '../../../resource/apart.ts';
import type { InstalledGateway } from '../../../resource/assumed-gateway.ts';
import { compareResources } from '../../../resource/complete.ts';
import { expandWorkloads } from '../../../resource/expand.ts';
import { groupByName } from '../../../resource/repeated.ts';
import type { Resource, ResourceOf } from '../../../resource/resource.ts';
import { groupByKind, kindOf } from '../../../resource/select.ts';
import { type Again, afresh } from '../../../util/again.ts';
import { ASSUMED_FILE, defaultIngressGateway, installedIstiod, installedResources } from './assumed.ts';
import type { Fleet } from './fleet.ts';
import { createPodIndex, type PodIndex } from './pods.ts';
import { createTraffic, type Traffic } from './traffic.ts';

/** A kind that analyzers can read. `KubernetesGateway` is the Gateway of the Gateway API. */
export type AnalyzedKind = Kind;

/** What analyzers read. Everything is computed when first asked for, and once. */
export interface Reader {
  /** The resources of a kind as they are written, and the ingress gateway that Istio installs; by namespace and name. */
  list<K extends AnalyzedKind>(kind: K): readonly ResourceOf<K>[];
  /** The resource of that name; the namespace of a kind without namespaces is ''. */
  find<K extends AnalyzedKind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined;
  /** Services that are there only for who routes to them, where they are not written. */
  readonly routable: readonly ResourceOf<'Service'>[];
  /** The pods that are written, and those that workloads stand for. */
  readonly pods: PodIndex;
  /** The release whose istioctl would look at the resources. */
  readonly release: Release;
  /** MeshConfig with Istio's defaults. */
  readonly meshConfig: MeshConfig;
  readonly meshNetworks: MeshNetworks;
  /** The DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** `istio-system` unless MeshConfig says otherwise. */
  readonly rootNamespace: string;
  /** Milliseconds since 1970, for the validity of certificates. */
  readonly now: number;
  /** All clusters, where there are several. */
  readonly fleet: Fleet | undefined;
  /** What was made of earlier states of the same input; who hands in a work names all that it reads. */
  readonly again: Again;
  /**
   * What istiod makes of the same input (model/build-mesh.ts). There, resources that name no namespace are in `default`, and
   * workloads are pods with addresses; a resource is the same as one of `list` when it has the same document.
   */
  mesh(): Mesh;
  /** The rules of that mesh, who follows them, and where they lead. */
  traffic(): Traffic;
}

/** What a reader is made of. */
export interface ReaderInput {
  readonly release: Release;
  /** The resources as written; those that name no namespace may have ''. */
  readonly resources: readonly Resource[];
  /** Gateways that the input installs without writing them; with these, istiod's Service is taken to exist too. */
  readonly installed?: readonly InstalledGateway[];
  /** Secrets that other controllers make. */
  readonly issued?: readonly Resource[];
  /** The body of MeshConfig as written. */
  readonly meshConfig?: MeshConfig;
  readonly meshNetworks?: MeshNetworks;
  /** `cluster.local` unless given. */
  readonly clusterDomain?: string;
  readonly now: number;
  /** All clusters, where there are several. */
  readonly fleet?: Fleet | undefined;
  /** Of other clusters, what istiod reads there: pods and workloads stand beside those of the same name, others count where there is none. */
  readonly elsewhere?: readonly Resource[];
  /** What was made of earlier states of the same input. */
  readonly again?: Again;
  /** Makes the mesh of the same input. */
  readonly buildMesh: () => Mesh;
}

/** The namespaces whose resources Istio passes over; istio pkg/kube/inject IgnoredNamespaces. */
const IGNORED_NAMESPACES: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

/** A reader of the input. Of resources of one name the last counts, as in istioctl; the order of files has no influence on it. */
export function createReader(input: ReaderInput): Reader {
  const { again = afresh, installed = [], issued = [] } = input;
  const meshConfig = again('MeshConfig of the reader', [input.meshConfig], () => applyMeshConfig(input.meshConfig ?? {}));
  const assumed = again('assumed by the reader', [meshConfig, installed, issued], () => [
    ...defaultIngressGateway(meshConfig),
    ...installedResources(installed),
    ...issued,
  ]);
  const resources = withElsewhere(
    lastOfEachName([...assumed, ...input.resources.filter(isSeen)]),
    (input.elsewhere ?? []).filter(isSeen),
  );
  const grouped = groupByKind(resources).of;
  const lists = new Map<AnalyzedKind, readonly Resource[]>();
  const list = <K extends AnalyzedKind>(kind: K): readonly ResourceOf<K>[] => {
    let found = lists.get(kind);
    if (found === undefined) {
      const now = grouped(kind);
      found = again(`list of ${kind}`, [now], () => now);
      lists.set(kind, found);
    }
    // What is kept for a kind is of that kind.
    return found as readonly ResourceOf<K>[];
  };
  const places = new Map<AnalyzedKind, ReadonlyMap<string, number>>();
  const placesOf = (kind: AnalyzedKind): ReadonlyMap<string, number> => {
    let found = places.get(kind);
    if (found === undefined) {
      found = new Map(list(kind).map(({ namespace, name }, index) => [`${namespace}/${name}`, index]));
      places.set(kind, found);
    }
    return found;
  };
  const find = <K extends AnalyzedKind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined => {
    const place = placesOf(kind).get(`${namespace}/${name}`);
    return place === undefined ? undefined : list(kind)[place];
  };
  let pods: PodIndex | undefined;
  let mesh: Mesh | undefined;
  let traffic: Traffic | undefined;
  const meshOf = (): Mesh => {
    mesh ??= input.buildMesh();
    return mesh;
  };
  return {
    release: input.release,
    list,
    find,
    routable: again('routable', [input.installed === undefined], () =>
      input.installed === undefined ? [] : [installedIstiod()],
    ),
    get pods() {
      if (pods !== undefined) return pods;
      const sources = resources.filter((resource) => !isApart(resource));
      pods = again('pods', [sources], () => podsAmong(sources));
      return pods;
    },
    meshConfig,
    meshNetworks: again('MeshNetworks of the reader', [input.meshNetworks], () => input.meshNetworks ?? {}),
    clusterDomain: input.clusterDomain ?? DEFAULT_DOMAIN,
    rootNamespace: meshConfig.rootNamespace ?? 'istio-system',
    now: input.now,
    fleet: input.fleet,
    again,
    mesh: meshOf,
    traffic() {
      traffic ??= createTraffic(meshOf(), again);
      return traffic;
    },
  };
}

/** The pods that are written, and those that workloads stand for. */
function podsAmong(resources: readonly Resource[]): PodIndex {
  const { of } = groupByKind(resources);
  const labels = new Map(of('Namespace').map((namespace) => [namespace.name, namespace.labels]));
  return createPodIndex([...of('Pod'), ...expandWorkloads(resources, () => {})], (namespace) => labels.get(namespace));
}

function isSeen({ kind, name, namespace }: Resource): boolean {
  return !IGNORED_NAMESPACES.includes(kind === 'Namespace' ? name : namespace);
}

/** Of resources of one name the last, before which what is only assumed does not count; sorted. */
function lastOfEachName(resources: readonly Resource[]): readonly Resource[] {
  const isAssumed = ({ document }: Resource): boolean => document.file === ASSUMED_FILE;
  return groupByName(resources)
    .flatMap((group) => group.findLast((resource) => !isAssumed(resource)) ?? group)
    .sort(compareResources);
}

/** Kinds of which there are others of the same name in another cluster: pods, and what makes them. */
const inEachCluster: ReadonlySet<AnalyzedKind> = new Set<AnalyzedKind>([
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'WorkloadEntry',
]);

/** The resources of a cluster with what counts of others; before its own of the same name, so that these are found. */
function withElsewhere(own: readonly Resource[], elsewhere: readonly Resource[]): readonly Resource[] {
  if (elsewhere.length === 0) return own;
  const known = new Set(own.map(keyOf));
  const others = elsewhere.filter((resource) => {
    const key = keyOf(resource);
    if (inEachCluster.has(kindOf(resource))) return true;
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  return [...others, ...own].sort(compareResources);
}

function keyOf(resource: Resource): string {
  return `${kindOf(resource)} ${resource.namespace}/${resource.name}`;
}
