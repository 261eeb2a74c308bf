import type { Path } from '../../../diagnostics/diagnostic.ts';
import { dns1035Label, dns1123Label, dns1123Subdomain, type Format } from '../../../resource/api-server/formats.ts';
import { type Fields, fieldsOf, own } from '../../../util/object.ts';
import { type ApiServerError, unreadableObject } from '../errors.ts';
import { checkObjectMeta, isSoundMetadata } from '../metadata.ts';
import { decodeObject } from './decode.ts';
import { fill, fillDeployment, fillEndpointSlice, fillPodSpec, fillService, fillWorkload } from './defaults.ts';
import type { GoTypes } from './go-types.ts';
import { judgeIngress, judgeIngressClass } from './ingress.ts';
import { type FieldErrors, FieldPlace } from './place.ts';
import { judgePod } from './pods.ts';
import { fillSecret, judgeConfigMap, judgeSecret } from './secrets.ts';
import { judgeService } from './service.ts';
import { judgeEndpointSlice, judgeEndpoints } from './slices.ts';
import { judgeDaemonSet, judgeDeployment, judgeJob, judgeReplicaSet, judgeStatefulSet } from './workloads.ts';

/** What the API server does with a kind of its own. */
interface BuiltInKind {
  /** What its name must be, where it is not a DNS subdomain. */
  readonly name?: Format;
  /** Whether it is in no namespace: one that is written is passed over. */
  readonly isOfCluster?: boolean;
  /** Fills in what checks look at. */
  readonly fill?: (object: Fields) => Fields;
  readonly check?: (object: FieldPlace) => FieldErrors;
}

const kinds: Readonly<Record<string, BuiltInKind>> = {
  ConfigMap: { check: judgeConfigMap },
  DaemonSet: { fill: (object) => fillWorkload(object, {}), check: judgeDaemonSet },
  Deployment: { fill: fillDeployment, check: judgeDeployment },
  EndpointSlice: { fill: fillEndpointSlice, check: judgeEndpointSlice },
  Endpoints: { fill: fillEndpoints, check: judgeEndpoints },
  Ingress: { check: judgeIngress },
  IngressClass: { isOfCluster: true, check: judgeIngressClass },
  Job: { fill: (object) => fillWorkload(object, {}), check: judgeJob },
  Node: { isOfCluster: true },
  Namespace: { name: dns1123Label, isOfCluster: true, fill: fillNamespace },
  Pod: { fill: (object) => ({ ...object, spec: fillPodSpec(fieldsOf(object.spec)) }), check: judgePod },
  ReplicaSet: { fill: (object) => fillWorkload(object, { replicas: 1 }), check: judgeReplicaSet },
  Secret: { fill: fillSecret, check: judgeSecret },
  Service: { name: dns1035Label, fill: fillService, check: judgeService },
  StatefulSet: {
    name: dns1123Label,
    fill: (object) => fillWorkload(object, { replicas: 1, podManagementPolicy: 'OrderedReady' }),
    check: judgeStatefulSet,
  },
};

/** An answer to a new object of a kind of Kubernetes itself. */
export interface BuiltInAnswer {
  readonly errors: readonly ApiServerError[];
  /** Fields that its type does not have. */
  readonly unknown: readonly Path[];
}

/** The answer of the API server to an object of one of its own kinds, of a version that it serves. */
export function admitBuiltIn(object: Fields, struct: string, types: GoTypes): BuiltInAnswer {
  const { value, problem, unknown } = decodeObject(object, struct, types);
  if (problem !== undefined) return { errors: [unreadableObject(object, problem)], unknown: [] };
  const {
    name = dns1123Subdomain,
    isOfCluster = false,
    fill: complete = same,
    check = nothing,
  } = own(kinds, String(object.kind)) ?? {};
  const completed = new FieldPlace(complete(value));
  return { errors: [...judgeMetadata(completed.at('metadata'), name, isOfCluster), ...check(completed)], unknown };
}

function* judgeMetadata(metadata: FieldPlace, name: Format, isOfCluster: boolean): FieldErrors {
  if (isSoundMetadata(metadata.value, name)) return;
  const { namespace, ...others } = metadata.fields;
  yield* checkObjectMeta(isOfCluster ? others : metadata.fields, name);
  for (const finalizer of metadata.at('finalizers').items) {
    const isKnown = finalizer.text.includes('/') || ['foregroundDeletion', 'kubernetes', 'orphan'].includes(finalizer.text);
    if (!isKnown) yield finalizer.invalid('name is neither a standard finalizer name nor is it fully qualified');
  }
}

function same(object: Fields): Fields {
  return object;
}

function nothing(): FieldErrors {
  return [];
}

/** Every namespace is labelled with its name. */
function fillNamespace(object: Fields): Fields {
  const metadata = fieldsOf(object.metadata);
  const named = typeof metadata.name === 'string' ? { 'kubernetes.io/metadata.name': metadata.name } : {};
  return { ...object, metadata: { ...metadata, labels: { ...fieldsOf(metadata.labels), ...named } } };
}

function fillEndpoints(object: Fields): Fields {
  const place = new FieldPlace(object);
  const withIp = (addresses: FieldPlace): readonly Fields[] => addresses.items.map(({ fields }) => ({ ip: '', ...fields }));
  const subsets = place.at('subsets').items.map((subset) => ({
    ...subset.fields,
    addresses: withIp(subset.at('addresses')),
    notReadyAddresses: withIp(subset.at('notReadyAddresses')),
    ports: subset.at('ports').items.map(({ fields }) => fill(fields, { protocol: 'TCP', port: 0 })),
  }));
  return place.at('subsets').isSet ? { ...object, subsets } : object;
}
