import type { ConfigMapObject, SecretObject } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Resource } from '../resource.ts';
import { checkEndpointSlice, checkEndpoints } from './endpoints.ts';
import { configKey, dns1035Label, dns1123Label, dns1123Subdomain, type Format } from './formats.ts';
import { checkIngress } from './ingress.ts';
import { checkMetadata } from './metadata.ts';
import { checkJob, checkPod, checkWorkload } from './pods.ts';
import { fieldName, invalid, type Refusal, type Refusals } from './refusal.ts';
import { checkService } from './service.ts';

export type { Refusal } from './refusal.ts';

/** What the API server asks of a kind beyond its schema. */
interface KindRules {
  /** Of `metadata.name`. */
  readonly name: Format;
  /** Of the rest of the object. */
  readonly check?: (resource: Resource<never>) => Refusals;
}

/** Kinds that are not named have DNS subdomains as names; among them are all that are defined by a CustomResourceDefinition. */
const rulesByKind: Readonly<Record<string, KindRules>> = {
  '/ConfigMap': { name: dns1123Subdomain, check: checkConfigMap },
  '/Endpoints': { name: dns1123Subdomain, check: checkEndpoints },
  '/Namespace': { name: dns1123Label },
  '/Pod': { name: dns1123Subdomain, check: checkPod },
  '/Secret': { name: dns1123Subdomain, check: checkSecret },
  '/Service': { name: dns1035Label, check: checkService },
  'apps/DaemonSet': { name: dns1123Subdomain, check: checkWorkload },
  'apps/Deployment': { name: dns1123Subdomain, check: checkWorkload },
  'apps/ReplicaSet': { name: dns1123Subdomain, check: checkWorkload },
  'apps/StatefulSet': { name: dns1123Label, check: checkWorkload },
  'batch/Job': { name: dns1123Subdomain, check: checkJob },
  'discovery.k8s.io/EndpointSlice': { name: dns1123Subdomain, check: checkEndpointSlice },
  'networking.k8s.io/Ingress': { name: dns1123Subdomain, check: checkIngress },
};

const otherKinds: KindRules = { name: dns1123Subdomain };

/**
 * Why Kubernetes' API server would not take an object of the right types: names, labels, ports and addresses that cannot be. Rules and
 * words are those of k8s.io/kubernetes beside apimachinery v0.35; a field can break several. Pure.
 */
export function findRefusals(resource: Resource): readonly Refusal[] {
  const { name, check } = rulesByKind[`${resource.group}/${resource.kind}`] ?? otherKinds;
  return [...checkMetadata(resource, name), ...(check?.(resource as Resource<never>) ?? [])];
}

/** k8s.io/kubernetes pkg/apis/core/validation ValidateConfigMap, of keys. */
function* checkConfigMap({ spec }: Resource<ConfigMapObject>): Refusals {
  yield* checkConfigKeys(['data'], spec.data);
  yield* checkConfigKeys(['binaryData'], spec.binaryData);
}

/** ValidateSecret there. */
function* checkSecret({ spec }: Resource<SecretObject>): Refusals {
  yield* checkConfigKeys(['data'], spec.data);
  yield* checkConfigKeys(['stringData'], spec.stringData, ['data']);
}

function* checkConfigKeys(path: Path, data: object | undefined, field: Path = path): Refusals {
  for (const key of Object.keys(data ?? {})) {
    for (const rule of configKey(key)) {
      yield invalid([...path, key], key, rule, { field: `${fieldName(field)}[${key}]`, on: 'key' });
    }
  }
}
