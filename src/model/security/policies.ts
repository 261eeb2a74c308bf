import type { AuthorizationPolicy, PolicyTargetReference, PolicyWorkloadSelector } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { memo } from '../../util/memo.ts';
import { selects } from '../labels.ts';
import { compareByCreation } from '../order.ts';
import { factsOf, type Role } from '../proxies/roles.ts';
import type { Service } from '../registry/service.ts';

/** The label of pods that a managed gateway of the Gateway API runs in; its value is the Gateway's name. */
export const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';

/** The annotation of AuthorizationPolicies that are only tried out. */
export const DRY_RUN_ANNOTATION = 'istio.io/dry-run';

/** What a policy can say about where it applies; every policy kind of Istio but PeerAuthentication uses these fields. */
export interface PolicyTarget {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
}

/** What selection needs to know of a workload; every Proxy is one. */
export interface PolicyWorkload {
  readonly namespace: string;
  readonly labels: Labels;
  /** Namespace of the service that a listener is for, where its policies count too. */
  readonly serviceNamespace?: string;
  /** What else a policy can mean where the workload is a waypoint. */
  readonly waypoint?: WaypointTargets;
}

/** What of a waypoint policies are for. */
export interface WaypointTargets {
  /** Policies of its class are there alone. */
  readonly rootNamespace: string;
  /** The services whose policies are asked for; none where only those of the whole waypoint are. */
  readonly services: readonly Pick<Service, 'name' | 'objectName' | 'namespace' | 'registry'>[];
}

/** A proxy as policies select it: those for one of the services behind it too, if it is a waypoint. As istio PolicyMatcherForProxy. */
export function policyWorkload(
  { namespace, labels, role }: PolicyWorkload & { readonly role: Role },
  rootNamespace: string,
  services: WaypointTargets['services'] = [],
): PolicyWorkload {
  return factsOf[role].isTargetedByServices
    ? { namespace, labels, waypoint: { rootNamespace, services } }
    : { namespace, labels };
}

const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';
/** The one class that policies can be for. */
const WAYPOINT_CLASS = 'istio-waypoint';

/** What decides about the selection of policies, beside what they say. */
export type PolicyBehaviours = Pick<Behaviours, 'enableSelectorBasedK8sGatewayPolicy'>;

/** All targets of a policy, the deprecated single one only where there is no list; istio GetTargetRefs. */
export function targetRefsOf(target: PolicyTarget): readonly PolicyTargetReference[] {
  if (target.targetRefs !== undefined && target.targetRefs.length > 0) return target.targetRefs;
  return target.targetRef === undefined ? [] : [target.targetRef];
}

/**
 * Whether a policy of `policyNamespace` is for the workload, given that the workload may see it (its own or the root namespace).
 * A policy with targetRefs is for managed gateways of the Gateway API alone, and for those that it names in its own namespace;
 * one without is for the workloads that its selector selects, or for all, among managed gateways only where istiod's environment
 * leaves it at that (ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY), and never among waypoints. References to Service, ServiceEntry and
 * GatewayClass concern waypoints alone.
 * As istio pilot/pkg/model/policyattachment.go ShouldAttachPolicy.
 */
export function policyAttaches(
  target: PolicyTarget,
  policyNamespace: string,
  workload: PolicyWorkload,
  { enableSelectorBasedK8sGatewayPolicy }: PolicyBehaviours,
): boolean {
  const targetRefs = targetRefsOf(target);
  const gatewayName = workload.labels[GATEWAY_NAME_LABEL];
  if (targetRefs.length === 0) {
    const mayBeSelected = gatewayName === undefined || (workload.waypoint === undefined && enableSelectorBasedK8sGatewayPolicy);
    return mayBeSelected && selects(target.selector?.matchLabels ?? {}, workload.labels);
  }
  if (gatewayName === undefined) return false;
  if (workload.waypoint !== undefined && targetsWaypoint(targetRefs, policyNamespace, workload.waypoint)) return true;
  if (workload.namespace !== policyNamespace) return false;
  return targetRefs.some(
    (ref) =>
      ref.group === GATEWAY_API_GROUP &&
      ref.kind === 'Gateway' &&
      ref.name === gatewayName &&
      ((ref.namespace ?? '') === '' || ref.namespace === workload.namespace),
  );
}

/** Whether a target is one of the services behind a waypoint, or the class of all waypoints. */
function targetsWaypoint(
  targetRefs: readonly PolicyTargetReference[],
  policyNamespace: string,
  { rootNamespace, services }: WaypointTargets,
): boolean {
  const isService = (kind: string, registry: Service['registry'], target: string | undefined): boolean =>
    services.some(
      (service) =>
        service.registry === registry &&
        service.namespace === policyNamespace &&
        target === (kind === 'ServiceEntry' ? service.objectName || service.name : service.name),
    );
  return targetRefs.some(({ group = '', kind, name }) => {
    if (kind === 'Service') return (group === '' || group === 'core') && isService(kind, 'Kubernetes', name);
    if (kind === 'ServiceEntry') return group === 'networking.istio.io' && isService(kind, 'External', name);
    const isClass = group === GATEWAY_API_GROUP && kind === 'GatewayClass' && name === WAYPOINT_CLASS;
    return isClass && policyNamespace === rootNamespace;
  });
}

/** The policies whose specs name their targets in this way. */
type PolicyResource = ResourceOf<'AuthorizationPolicy' | 'RequestAuthentication' | 'TrafficExtension'>;

/** Policies of one kind that can be looked up by workload. */
export interface PolicyLookup<Policy> {
  /**
   * Those for a workload: of the namespaces that can hold them, its own and the root, in the order given, and that of a service;
   * in each the oldest first. Workloads for which they are the same get the very same list.
   */
  forWorkload(workload: PolicyWorkload, namespaces: 'own-first' | 'root-first'): readonly Policy[];
}

/** Indexes policies of one kind by namespace; the order within one is that of creation. */
export function buildPolicyLookup<Policy extends PolicyResource>(
  resources: readonly Policy[],
  rootNamespace: string,
  behaviours: PolicyBehaviours,
): PolicyLookup<Policy> {
  const byNamespace = new Map<string, Policy[]>();
  for (const resource of [...resources].sort(compareByCreation)) {
    const others = byNamespace.get(resource.namespace);
    if (others) others.push(resource);
    else byNamespace.set(resource.namespace, [resource]);
  }
  const listOf = memo((...policies: readonly Policy[]) => policies);
  return {
    forWorkload(workload, order) {
      const namespaces = order === 'own-first' ? [workload.namespace, rootNamespace] : [rootNamespace, workload.namespace];
      const ofService = workload.serviceNamespace === undefined ? [] : [workload.serviceNamespace];
      const behind = (workload.waypoint?.services ?? []).map(({ namespace }) => namespace);
      const attached = [...new Set([...namespaces, ...ofService, ...behind])].flatMap((namespace) =>
        (byNamespace.get(namespace) ?? []).filter(({ spec }) => policyAttaches(spec, namespace, workload, behaviours)),
      );
      return listOf(...attached);
    },
  };
}

/** The authorization policies for a workload, by action; in each list those of the root namespace first, then the oldest. */
export interface AuthorizationPolicies {
  readonly custom: readonly ResourceOf<'AuthorizationPolicy'>[];
  readonly audit: readonly ResourceOf<'AuthorizationPolicy'>[];
  readonly deny: readonly ResourceOf<'AuthorizationPolicy'>[];
  readonly allow: readonly ResourceOf<'AuthorizationPolicy'>[];
}

/** Whether a policy is only tried out; the annotation holds a boolean as Go's strconv.ParseBool reads it. */
export function isDryRun({ annotations }: ResourceOf<'AuthorizationPolicy'>): boolean {
  return parseGoBoolean(annotations[DRY_RUN_ANNOTATION] ?? '') === true;
}

/** The policies of the mesh that filter requests, ready for lookup; what is the same for several workloads is one object. */
export interface PolicyIndex {
  /** RequestAuthentications for a workload: those of its namespace first; istio GetJwtPoliciesForWorkload. */
  requestAuthentications(workload: PolicyWorkload): readonly ResourceOf<'RequestAuthentication'>[];
  /** AuthorizationPolicies for a workload; istio ListAuthorizationPolicies. */
  authorizationPolicies(workload: PolicyWorkload): AuthorizationPolicies;
}

/**
 * Indexes RequestAuthentication and AuthorizationPolicy resources.
 * As istio pilot/pkg/model/authentication.go and authorization.go.
 */
export function buildPolicies(
  requestAuthentications: readonly ResourceOf<'RequestAuthentication'>[],
  authorizationPolicies: readonly ResourceOf<'AuthorizationPolicy'>[],
  rootNamespace: string,
  behaviours: PolicyBehaviours,
): PolicyIndex {
  const authentication = buildPolicyLookup(requestAuthentications, rootNamespace, behaviours);
  const authorization = buildPolicyLookup(authorizationPolicies, rootNamespace, behaviours);
  const byAction = memo((policies: readonly ResourceOf<'AuthorizationPolicy'>[]): AuthorizationPolicies => {
    const ofAction = (action: AuthorizationPolicy['action']): readonly ResourceOf<'AuthorizationPolicy'>[] =>
      policies.filter(({ spec }) => (spec.action ?? 'ALLOW') === action);
    return { custom: ofAction('CUSTOM'), audit: ofAction('AUDIT'), deny: ofAction('DENY'), allow: ofAction('ALLOW') };
  });
  return {
    requestAuthentications: (workload) => authentication.forWorkload(workload, 'own-first'),
    authorizationPolicies: (workload) => byAction(authorization.forWorkload(workload, 'root-first')),
  };
}
