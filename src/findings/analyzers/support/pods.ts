import type { Container, PodTemplate } from '../../../api/kubernetes.ts';
import { selects } from '../../../model/labels.ts';
import { REDIRECTION } from '../../../resource/ambient-labels.ts';
import type { Labels, Resource, ResourceOf } from '../../../resource/resource.ts';
import { append } from '../../../util/collections.ts';
import { own } from '../../../util/object.ts';

/** Pods, for questions about which ones a selector takes. */
export interface PodIndex {
  readonly all: readonly ResourceOf<'Pod'>[];
  /** Those of a namespace. */
  in(namespace: string): readonly ResourceOf<'Pod'>[];
  /** Those that have these labels, of a namespace or of all. */
  select(selector: Labels | undefined, namespace?: string): readonly ResourceOf<'Pod'>[];
  /** Whether there is a pod that has these labels; of a label that most pods have, the first is enough. */
  hasAny(selector: Labels | undefined): boolean;
  /** Whether a pod has a sidecar or is going to get one. */
  isInMesh(pod: ResourceOf<'Pod'>): boolean;
  /** The same for the pods of a template in a namespace. */
  isTemplateInMesh(template: PodTemplate, namespace: string): boolean;
  /**
   * Whether mesh takes a pod to be in the mesh although Istio's analyzers do not see it: nothing is known of its namespace, or that is
   * labelled with a revision.
   */
  isTakenAsInMesh(pod: ResourceOf<'Pod'>): boolean;
}

const NONE: readonly ResourceOf<'Pod'>[] = [];

/** An index of pods; `namespaceLabels` gives the labels of a namespace for which there is an object. */
export function createPodIndex(
  all: readonly ResourceOf<'Pod'>[],
  namespaceLabels: (namespace: string) => Labels | undefined,
): PodIndex {
  const byNamespace = new Map<string, ResourceOf<'Pod'>[]>();
  const byLabel = new Map<string, ResourceOf<'Pod'>[]>();
  for (const pod of all) {
    append(byNamespace, pod.namespace, pod);
    for (const key in pod.labels) append(byLabel, `${key}=${own(pod.labels, key)}`, pod);
  }
  /** The fewest pods among which those of a selector are. */
  const candidates = (selector: Labels | undefined): readonly ResourceOf<'Pod'>[] => {
    let fewest: readonly ResourceOf<'Pod'>[] = all;
    for (const key in selector) {
      const list = byLabel.get(`${key}=${own(selector, key)}`) ?? NONE;
      if (list.length < fewest.length) fewest = list;
    }
    return fewest;
  };
  const inMesh = (labels: Labels, annotations: Labels, namespace: string, containers: readonly Container[]): boolean => {
    if (hasProxy(containers)) return true;
    const asked = labels[INJECT] ?? annotations[INJECT];
    if (asked !== undefined) return asked === 'true';
    return namespaceLabels(namespace)?.['istio-injection'] === 'enabled';
  };
  return {
    all,
    in: (namespace) => byNamespace.get(namespace) ?? NONE,
    select: (selector, namespace) =>
      candidates(selector).filter(
        (pod) => (namespace === undefined || pod.namespace === namespace) && selects(selector, pod.labels),
      ),
    hasAny: (selector) => candidates(selector).some((pod) => selects(selector, pod.labels)),
    isInMesh: (pod) => inMesh(pod.labels, pod.annotations, pod.namespace, containersOf(pod)),
    isTakenAsInMesh({ labels, annotations, namespace, spec }) {
      if ((labels[INJECT] ?? annotations[INJECT]) !== undefined || spec.hostNetwork === true) return false;
      const known = namespaceLabels(namespace);
      return known === undefined || (known['istio-injection'] === undefined && known['istio.io/rev'] !== undefined);
    },
    isTemplateInMesh: ({ metadata, spec }, namespace) =>
      inMesh(metadata?.labels ?? {}, metadata?.annotations ?? {}, namespace, spec?.containers ?? []),
  };
}

const INJECT = 'sidecar.istio.io/inject';
/** The name of the sidecar's container. */
export const PROXY_CONTAINER = 'istio-proxy';

/** The containers of a pod, those that run before the others too. */
export function containersOf({ spec }: ResourceOf<'Pod'>): readonly Container[] {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
}

/** Whether the sidecar is among the containers, with an image; istio analyzers/util hasIstioProxy. */
export function hasProxy(containers: readonly Container[]): boolean {
  return (containers.find(({ name }) => name === PROXY_CONTAINER)?.image ?? '') !== '';
}

/** Whether ztunnel takes care of a pod; istio analyzers/util PodInAmbientMode. */
export function isAmbient({ annotations }: Resource): boolean {
  return annotations[REDIRECTION] === 'enabled';
}

/** Whether a resource is a part of Istio itself; istio analyzers/util IsIstioControlPlane. */
export function isControlPlane({ labels }: Resource): boolean {
  return labels.istio !== undefined || labels.release === 'istio';
}
