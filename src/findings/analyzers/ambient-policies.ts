import type { GatewayClassSpec } from '../../api/gateway-api.ts';
import type { PolicyTargetReference } from '../../api/istio.gen.ts';
import type { Diagnostic, Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  type EffectWithoutHttp,
  gatewayClassTargetInvalid,
  httpRuleAtZtunnel,
  policyNotAtZtunnel,
  targetWithoutWaypoint,
} from '../../diagnostics/problems/ambient.ts';
import { envoyFilterForService } from '../../diagnostics/problems/ambient-effects.ts';
import type { Ambient } from '../../model/ambient/ambient.ts';
import type { Authorization, ConnectionMatch, ConvertedPolicy } from '../../model/ambient/authorizations.ts';
import type { TunnelledService } from '../../model/ambient/services.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import { DRY_RUN_ANNOTATION, targetRefsOf } from '../../model/security/policies.ts';
import { isKnownClass, isWaypointClass } from '../../resource/gateway-classes.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';

/** What istiod would write into the condition ZtunnelAccepted; istio ambient/authorization.go convertAuthorizationPolicy. */
export const ambientPolicies: Analyzer = {
  name: 'mesh.ambient.PoliciesAtZtunnel',
  about: 'AuthorizationPolicies that ztunnel enforces ask for nothing that it does not know',
  reads: ['AuthorizationPolicy', 'Pod', 'Namespace'],
  codes: [httpRuleAtZtunnel.code, policyNotAtZtunnel.code],
  run: (reader, report) => {
    const mesh = reader.mesh();
    for (const policy of mesh.ambient?.policies ?? []) {
      const { resource } = policy;
      const finding = unsupported(policy);
      if (finding === undefined) continue;
      if (targetRefsOf(resource.spec).length > 0) report(asHint(finding, 'it is for what its targetRefs name'));
      else if (concernsZtunnel(policy, mesh)) report(finding);
      else report(asHint(finding, 'none of the pods that it is for is in ambient mode'));
    }
  },
};

function unsupported({ resource, refused, httpAttributes, authorization }: ConvertedPolicy): Diagnostic | undefined {
  if (refused === 'dryRun') {
    const subject = at(resource, ['metadata', 'annotations', DRY_RUN_ANNOTATION]);
    return policyNotAtZtunnel(subject, 'policies that are only tried out');
  }
  if (refused === 'action')
    return policyNotAtZtunnel(at(resource, ['spec', 'action']), `policies of action ${resource.spec.action}`);
  if (authorization === undefined || httpAttributes.length === 0) return undefined;
  return httpRuleAtZtunnel(at(resource, ['spec', 'rules']), effectWithoutHttp(authorization), httpAttributes);
}

/** What is left of it; a clause of which nothing is left holds for nobody (ztunnel src/rbac.rs matches), whatever istiod means by it. */
function effectWithoutHttp({ action, groups }: Authorization): EffectWithoutHttp {
  if (action === 'ALLOW') return groups.length === 0 ? 'allows nobody' : 'allows fewer';
  const lost = groups.filter((group) => group.some((matches) => matches.length > 0 && matches.every(isEmpty)));
  return lost.length === 0 ? 'denies more' : lost.length === groups.length ? 'denies nobody' : 'denies fewer';
}

function isEmpty(match: ConnectionMatch): boolean {
  return Object.values(match).every((list: readonly unknown[] | undefined) => (list ?? []).length === 0);
}

function concernsZtunnel({ resource, selector }: ConvertedPolicy, { ambient, registry, rootNamespace }: Mesh): boolean {
  return registry.workloads.some(
    (workload) =>
      (resource.namespace === rootNamespace || resource.namespace === workload.namespace) &&
      selects(selector ?? {}, workload.labels) &&
      ambient?.captures(workload),
  );
}

/** The kinds beside AuthorizationPolicies that are attached to what a waypoint serves. */
const ATTACHED = ['RequestAuthentication', 'WasmPlugin', 'TrafficExtension', 'Telemetry', 'EnvoyFilter'] as const;

/**
 * What istiod would write into the condition WaypointAccepted of AuthorizationPolicies, for each targetRef, and the same of the kinds
 * of which istiod says nothing; istio ambient/policies.go WaypointPolicyStatusCollection.
 */
export const ambientTargets: Analyzer = {
  name: 'mesh.ambient.TargetReferences',
  about: 'targetRefs of policies name what a waypoint serves',
  reads: ['AuthorizationPolicy', ...ATTACHED, 'Service', 'ServiceEntry', 'KubernetesGateway', 'GatewayClass', 'Namespace', 'Pod'],
  needsAll: ['Service', 'ServiceEntry', 'KubernetesGateway', 'GatewayClass', 'Pod'],
  codes: [targetWithoutWaypoint.code, gatewayClassTargetInvalid.code, envoyFilterForService.code],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const { ambient } = mesh;
    if (ambient === undefined) return;
    const targets = targetsOf(mesh, ambient);
    const { of } = groupByKind(mesh.resources);
    const policies = [
      ...ambient.policies.map(({ resource }) => resource),
      ...ATTACHED.flatMap((kind): readonly Attached[] => of(kind)),
    ];
    for (const resource of policies) {
      const isList = (resource.spec.targetRefs ?? []).length > 0;
      for (const [index, reference] of targetRefsOf(resource.spec).entries()) {
        const path = isList ? ['spec', 'targetRefs', index] : ['spec', 'targetRef'];
        checkTarget(resource, reference, path, targets, report);
      }
    }
  },
};

type Attached = ResourceOf<'AuthorizationPolicy' | (typeof ATTACHED)[number]>;

/** What targetRefs can name. */
interface Targets {
  readonly rootNamespace: string;
  readonly waypoints: Ambient['waypoints'];
  readonly classes: ReadonlyMap<string, GatewayClassSpec>;
  /** By `namespace/name`. */
  readonly gateways: ReadonlyMap<string, ResourceOf<'KubernetesGateway'>>;
  /** What a Service or ServiceEntry stands for, by its kind and `namespace/name`. */
  readonly services: ReadonlyMap<string, readonly TunnelledService[]>;
}

function targetsOf({ resources, rootNamespace }: Mesh, { waypoints, services }: Ambient): Targets {
  const { of } = groupByKind(resources);
  return {
    rootNamespace,
    waypoints,
    classes: new Map(of('GatewayClass').map(({ name, spec }) => [name, spec])),
    gateways: new Map(of('KubernetesGateway').map((gateway) => [fullName(gateway), gateway])),
    services: groupBy(services, ({ resource }) => `${resource.kind} ${fullName(resource)}`),
  };
}

/** What is not there at all is said by mesh.policy.TargetReferences, for policies of all kinds. */
function checkTarget(
  policy: Attached,
  { kind = '', name = '', namespace = '' }: PolicyTargetReference,
  path: Path,
  { rootNamespace, waypoints, classes, gateways, services }: Targets,
  report: Report,
): void {
  const home = namespace || policy.namespace;
  const subject = at(policy, path);
  const field = formatField(path);
  if (kind === 'GatewayClass') {
    const spec = classes.get(name);
    if (home !== rootNamespace) report(gatewayClassTargetInvalid(subject, field, name, 'namespace', rootNamespace));
    else if (!isWaypointClass(name, spec)) {
      const reason = spec === undefined && !isKnownClass(name) ? 'missing' : 'class';
      report(gatewayClassTargetInvalid(subject, field, name, reason, rootNamespace));
    }
    return;
  }
  const full = `${home}/${name}`;
  if (kind === 'Gateway') {
    // Gateways that are no waypoints enforce the policy themselves.
    const className = gateways.get(full)?.spec.gatewayClassName;
    const isWaypoint = className !== undefined && isWaypointClass(className, classes.get(className));
    if (isWaypoint && !waypoints.has(full)) report(targetWithoutWaypoint(subject, field, kind, full, policy.kind));
  } else if (kind === 'Service' || kind === 'ServiceEntry') {
    if (policy.kind === 'EnvoyFilter') {
      report(envoyFilterForService(subject, field, kind, full));
      return;
    }
    const named = services.get(`${kind} ${full}`) ?? [];
    if (named.length > 0 && named.every(({ binding }) => binding.waypoint === undefined)) {
      report(targetWithoutWaypoint(subject, field, kind, full, policy.kind));
    }
  }
}
