import type { Kind, KindName, Kinds } from '../api/kinds.ts';
import type { ResourceRef } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { type Fields, fieldsOf, stringOf } from '../util/object.ts';

/** Labels or annotations. */
export type Labels = Readonly<Record<string, string>>;

/** What every Kubernetes object of the input has, whatever its kind. */
interface ObjectFacts {
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
  /** The document it was read from, for positions; derived objects (pods of a Deployment) keep that of their maker. */
  readonly document: SourceDocument;
}

interface ObjectOfKind<K extends Kind> extends ObjectFacts {
  readonly kind: KindName<K>;
  /** Empty for the core group. */
  readonly group: Kinds[K]['group'];
  /** The `spec` of the object; for kinds without one (ConfigMap, Secret, Endpoints, EndpointSlice) the whole object. */
  readonly spec: Kinds[K]['spec'];
  readonly status?: Kinds[K]['status'];
}

/** A resource of one kind, or of one of several. */
export type ResourceOf<K extends Kind> = { [Each in Kind]: ObjectOfKind<Each> }[K];

/**
 * A Kubernetes object of the input, decoded: schema checked, namespace filled in, spec with camelCase protobuf JSON names.
 * Its `kind`, and `group` where two groups have a kind of that name, say of which type `spec` and `status` are.
 */
export type Resource = ResourceOf<Kind>;

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

/** The same of an object that is not decoded: what it calls itself. */
export function writtenRef({ kind, metadata }: Fields): ResourceRef {
  const { name, namespace } = fieldsOf(metadata);
  return { kind: stringOf(kind), name: stringOf(name), namespace: stringOf(namespace) };
}
