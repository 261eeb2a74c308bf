import type { ResourceRef } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';

/** Labels or annotations. */
export type Labels = Readonly<Record<string, string>>;

/**
 * A Kubernetes object of the input, decoded: schema checked, namespace filled in, spec with camelCase protobuf JSON names.
 * `Spec` is the type of its spec: the generated Istio types of api/istio.gen.ts, or those of api/kubernetes.ts.
 */
export interface Resource<Spec = unknown> {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly name: string;
  /** Filled in with the default namespace; empty for kinds that have none. */
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Milliseconds since 1970; undefined when the manifest has no creationTimestamp (model/order.ts decides what that means). */
  readonly createdAt?: number;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly generateName?: string;
  /** The `spec` of the object; for kinds without one (ConfigMap, Secret, Endpoints, EndpointSlice) the whole object. */
  readonly spec: Spec;
  readonly status?: unknown;
  /** The document it was read from, for positions; derived objects (pods of a Deployment) keep that of their maker. */
  readonly document: SourceDocument;
}

/** The owner of a Kubernetes object. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string;
  readonly controller?: boolean;
}

/** The name of a resource for people, without the resource. */
export function refOf({ kind, name, namespace }: Resource): ResourceRef {
  return { kind, name, namespace };
}
