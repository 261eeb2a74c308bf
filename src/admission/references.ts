import type { PolicyTargetReference, PolicyWorkloadSelector, WorkloadSelector } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { error, errorIf, type Finding, type Findings, quote, warning } from './finding.ts';
import { fullNameProblem, isDnsLabel } from './hosts.ts';

/** How the parts of a resource that name others are checked: exportTo, gateways, workload selectors, targetRefs. */

/** Whose `exportTo` it is; each has a rule of its own beside the common ones. */
export type ExportOwner = 'plain' | 'service-entry' | 'destination-rule-with-selector';

/** The namespaces that a resource is exported to; istio validateExportTo. */
export function* checkExportTo(exportTo: readonly string[] | undefined, namespace: string, owner: ExportOwner): Findings {
  const path = ['spec', 'exportTo'];
  const seen = new Set<string>();
  for (const [index, entry] of (exportTo ?? []).entries()) {
    const key = entry === '.' ? namespace : entry;
    const at = [...path, index];
    if (seen.has(key)) {
      const twice = key === entry ? `for entry ${entry}` : `: . and current namespace ${namespace}`;
      yield error(at, `duplicate entries in exportTo${key === entry ? ' ' : ''}${twice}`);
      continue;
    }
    const problem = owner === 'service-entry' && entry === '~' ? undefined : visibilityProblem(key);
    if (problem === undefined) seen.add(key);
    else yield error(at, problem);
  }
  if (owner === 'destination-rule-with-selector' && seen.size > 0) {
    if (!seen.has(namespace))
      yield error(path, 'destination rule with workload selector cannot have exportTo beyond current namespace');
    else if (seen.size > 1) yield error(path, 'destination rule with workload selector cannot have multiple entries in exportTo');
  }
  const isAlone = exportTo?.length === 1;
  if (seen.has('*') && !isAlone) yield error(path, 'cannot have both public (*) and non-public exportTo values for a resource');
  if (seen.has('~') && !isAlone) yield error(path, 'cannot export service entry to no one (~) and someone');
}

function visibilityProblem(value: string): string | undefined {
  if (value === '.' || value === '*') return undefined;
  if (value === '~') return 'exportTo ~ (none) is not allowed for Istio configuration objects';
  return isDnsLabel(value) ? undefined : 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry';
}

/**
 * The gateways of a virtual service or of a match; after the first name without a namespace Istio looks no further.
 * `isConverted`: istiod made the resource of one of the Gateway API, and its gateways have names that users cannot give.
 */
export function* checkGatewayNames(path: Path, names: readonly string[] | undefined, isConverted = false): Findings {
  for (const [index, name] of (names ?? []).entries()) {
    const at = [...path, index];
    const slash = name.indexOf('/');
    if (slash === -1) {
      if (name.includes('.')) {
        const [gateway = '', namespace = ''] = name.split('.');
        const recommended = quote(`${namespace}/${gateway}`);
        yield warning(at, `using legacy gatewayName format ${quote(name)}; prefer the <namespace>/<name> format: ${recommended}`);
      }
      yield* errorIf(at, fullNameProblem(name));
      return;
    }
    const [namespace, gateway] = [name.slice(0, slash), name.slice(slash + 1)];
    if (namespace === '' || gateway === '') yield error(at, 'config namespace and gateway name cannot be empty');
    if (!isDnsLabel(namespace)) yield error(at, `invalid value for namespace: ${quote(namespace)}`);
    if (!isDnsLabel(gateway) && !isConverted) yield error(at, `invalid value for gateway name: ${quote(gateway)}`);
  }
}

function* checkSelectorLabels(path: Path, labels: Readonly<Record<string, string>>): Findings {
  for (const [key, value] of Object.entries(labels)) {
    const pair = quote(`${key}=${value}`);
    if (key === '') yield error([...path, key], `empty key is not supported in selector: ${pair}`);
    if (key.includes('*') || value.includes('*')) yield error([...path, key], `wildcard is not supported in selector: ${pair}`);
  }
}

/** The selector of a policy; istio validateWorkloadSelector. */
export function* checkSelector(path: Path, selector: PolicyWorkloadSelector | undefined): Findings {
  if (selector === undefined) return;
  const labels = selector.matchLabels ?? {};
  yield* checkSelectorLabels([...path, 'matchLabels'], labels);
  if (Object.keys(labels).length === 0) yield warning(path, 'workload selector specified without labels');
}

/**
 * The `workloadSelector` of a Sidecar, ServiceEntry or EnvoyFilter; `subject` is Istio's word for it. Where it has errors, Istio
 * looks at nothing else of the resource. Istio ValidateAlphaWorkloadSelector.
 */
export function checkWorkloadSelector(selector: WorkloadSelector | undefined, subject: string): readonly Finding[] {
  if (selector === undefined) return [];
  const path = ['spec', 'workloadSelector'];
  const labels = selector.labels ?? {};
  const errors = [...checkSelectorLabels([...path, 'labels'], labels)];
  if (errors.length > 0 || Object.keys(labels).length > 0) return errors;
  return [warning(path, `${subject}: workload selector specified without labels, will be applied to all services in namespace`)];
}

/** What a policy attaches to. */
export interface Attachment {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
}

/** The selector and the target references of a policy, of which only one may be there. */
export function* checkAttachment(spec: Attachment): Findings {
  const { selector, targetRef, targetRefs = [] } = spec;
  const set = [selector !== undefined, targetRef !== undefined, targetRefs.length > 0].filter(Boolean).length;
  const extra = targetRefs.length > 0 ? 'targetRefs' : 'targetRef';
  if (set > 1) yield error(['spec', extra], 'only one of targetRefs or workloadSelector can be set');
  yield* checkSelector(['spec', 'selector'], selector);
  if (targetRef !== undefined) yield* checkTargetRef(['spec', 'targetRef'], targetRef);
  for (const [index, reference] of targetRefs.entries()) yield* checkTargetRef(['spec', 'targetRefs', index], reference);
}

/** Kinds with groups, as Istio prints them. */
const targetKinds: readonly (readonly [group: string, kind: string, printed: string])[] = [
  ['', 'Service', 'core/v1/Service'],
  ['networking.istio.io', 'ServiceEntry', 'networking.istio.io/v1/ServiceEntry'],
  ['gateway.networking.k8s.io', 'Gateway', 'gateway.networking.k8s.io/v1/Gateway'],
  ['gateway.networking.k8s.io', 'GatewayClass', 'gateway.networking.k8s.io/v1/GatewayClass'],
];

function* checkTargetRef(path: Path, { group = '', kind = '', name = '', namespace = '' }: PolicyTargetReference): Findings {
  if (name === '') yield error([...path, 'name'], 'targetRef name must be set');
  if (namespace !== '')
    yield error([...path, 'namespace'], 'targetRef namespace must not be set; cross namespace referencing is not supported');
  const written = group === 'core' ? '' : group;
  if (targetKinds.some(([allowedGroup, allowedKind]) => written === allowedGroup && kind === allowedKind)) return;
  const allowed = targetKinds.map(([, , printed]) => printed).join(' ');
  yield error([...path, 'kind'], `targetRef must be to one of [${allowed}] but was ${group}/${kind}`);
}
