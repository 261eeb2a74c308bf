import type { Kind } from '../../api/kinds.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import type { Resource, ResourceOf } from '../resource.ts';
import { applyByKind, type ByKind, kindOf } from '../select.ts';
import { checkEndpointSlice, checkEndpoints } from './endpoints.ts';
import { configKey, dns1035Label, dns1123Label, dns1123Subdomain, type Format } from './formats.ts';
import { checkIngress } from './ingress.ts';
import { checkMetadata } from './metadata.ts';
import { checkJob, checkPod, checkWorkload } from './pods.ts';
import { invalid, type Refusal, type Refusals } from './refusal.ts';
import { checkService } from './service.ts';

export type { Refusal } from './refusal.ts';

/** What a name of a kind must be, where it is not a DNS subdomain: that is for all that a CustomResourceDefinition defines, too. */
const nameFormats: Readonly<Partial<Record<Kind, Format>>> = {
  Namespace: dns1123Label,
  Service: dns1035Label,
  StatefulSet: dns1123Label,
};

/** What the API server asks of the rest of an object, beyond its schema. */
const checks: ByKind<readonly [], Refusals> = {
  ConfigMap: checkConfigMap,
  Endpoints: checkEndpoints,
  Pod: checkPod,
  Secret: checkSecret,
  Service: checkService,
  DaemonSet: checkWorkload,
  Deployment: checkWorkload,
  ReplicaSet: checkWorkload,
  StatefulSet: checkWorkload,
  Job: checkJob,
  EndpointSlice: checkEndpointSlice,
  Ingress: checkIngress,
};

/**
 * Why Kubernetes' API server would not take an object of the right types: names, labels, ports and addresses that cannot be. Rules and
 * words are those of k8s.io/kubernetes beside apimachinery v0.35; a field can break several. istiod has objects from elsewhere than an
 * API server too, so a value that it reads is no reason to stop. Pure.
 */
export function findRefusals(resource: Resource): readonly Refusal[] {
  const name = nameFormats[kindOf(resource)] ?? dns1123Subdomain;
  const ofMetadata = checkMetadata(resource, name);
  const ofRest = applyByKind(checks, resource);
  const refusals = ofRest === undefined ? ofMetadata : [...ofMetadata, ...ofRest];
  return refusals.map((refusal) => (refusal.isReadByIstio === true ? { ...refusal, severity: 'warning' } : refusal));
}

/** k8s.io/kubernetes pkg/apis/core/validation ValidateConfigMap, of keys. */
function* checkConfigMap({ spec }: ResourceOf<'ConfigMap'>): Refusals {
  yield* checkConfigKeys(['data'], spec.data);
  yield* checkConfigKeys(['binaryData'], spec.binaryData);
}

/** ValidateSecret there. */
function* checkSecret({ spec }: ResourceOf<'Secret'>): Refusals {
  yield* checkConfigKeys(['data'], spec.data);
  yield* checkConfigKeys(['stringData'], spec.stringData, ['data']);
}

function* checkConfigKeys(path: Path, data: object | undefined, field: Path = path): Refusals {
  for (const key of Object.keys(data ?? {})) {
    for (const rule of configKey(key)) {
      yield invalid([...path, key], key, rule, { field: `${formatField(field)}[${key}]`, on: 'key' });
    }
  }
}
