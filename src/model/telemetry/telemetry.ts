import type { AccessLogging, Metrics, Tracing } from '../../api/istio.gen.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { compareByCreation } from '../order.ts';
import { type PolicyBehaviours, type PolicyWorkload, policyAttaches, targetRefsOf } from '../security/policies.ts';

/** What the Telemetry resources that concern a workload say together, from the mesh down to the workload itself. */
export interface WorkloadTelemetry {
  readonly metrics: readonly Metrics[];
  /** One list for each resource that says something. */
  readonly accessLogging: readonly (readonly AccessLogging[])[];
  readonly tracing: readonly Tracing[];
  /** The resources, in the order in which later ones override earlier ones. */
  readonly from: readonly ResourceOf<'Telemetry'>[];
}

/** The Telemetry resources of the mesh, ready for lookup. */
export interface TelemetryIndex {
  /** What concerns a workload; workloads that the same resources concern get the very same object. */
  forWorkload(workload: PolicyWorkload): WorkloadTelemetry;
}

/**
 * Indexes the Telemetry resources: for a workload, the oldest one for the whole root namespace, the oldest one for its whole
 * namespace, then all those of its namespace that select it, oldest first. For a waypoint in front of a service of another namespace
 * the oldest one for the whole of that comes in between, and those that select are of that namespace.
 * As istio pilot/pkg/model/telemetry.go applicableTelemetries.
 */
export function buildTelemetry(
  resources: readonly ResourceOf<'Telemetry'>[],
  rootNamespace: string,
  behaviours: PolicyBehaviours,
): TelemetryIndex {
  const byNamespace = new Map<string, ResourceOf<'Telemetry'>[]>();
  for (const resource of [...resources].sort(compareByCreation)) {
    const others = byNamespace.get(resource.namespace);
    if (others === undefined) byNamespace.set(resource.namespace, [resource]);
    else others.push(resource);
  }
  const ofNamespace = (namespace: string): readonly ResourceOf<'Telemetry'>[] => byNamespace.get(namespace) ?? [];
  const general = (namespace: string): readonly ResourceOf<'Telemetry'>[] =>
    ofNamespace(namespace).filter(isGeneralTelemetry).slice(0, 1);

  const known = new Map<string, WorkloadTelemetry>();
  return {
    forWorkload(workload) {
      const { namespace, waypoint } = workload;
      const served = waypoint?.services[0]?.namespace ?? namespace;
      const from = [
        ...general(rootNamespace),
        ...(namespace === rootNamespace ? [] : general(namespace)),
        ...(served === namespace ? [] : general(served)),
        ...ofNamespace(served).filter(
          (resource) => !isGeneralTelemetry(resource) && policyAttaches(resource.spec, served, workload, behaviours),
        ),
      ];
      const key = JSON.stringify(from.map(({ namespace: owner, name }) => [owner, name]));
      const telemetry = known.get(key) ?? combine(from);
      known.set(key, telemetry);
      return telemetry;
    },
  };
}

/** Whether the resource is for all workloads of its namespace. */
export function isGeneralTelemetry({ spec }: ResourceOf<'Telemetry'>): boolean {
  return Object.keys(spec.selector?.matchLabels ?? {}).length === 0 && targetRefsOf(spec).length === 0;
}

function combine(from: readonly ResourceOf<'Telemetry'>[]): WorkloadTelemetry {
  return {
    metrics: from.flatMap(({ spec }) => spec.metrics ?? []),
    accessLogging: from.map(({ spec }) => spec.accessLogging ?? []).filter((logging) => logging.length > 0),
    tracing: from.flatMap(({ spec }) => spec.tracing ?? []),
    from,
  };
}
