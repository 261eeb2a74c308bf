import type { Service } from '../../../model/registry/service.ts';
import { mutualTlsModeOfPort } from '../../../model/security/peer-authentication.ts';
import { isDryRun, policyWorkload } from '../../../model/security/policies.ts';
import { podKey } from '../../../trace/data-plane.ts';
import { groupBy } from '../../../util/collections.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import { type Checkpoint, checkpointKey, type NeededAdmission } from './admissions.ts';

/** A checkpoint with what it has to let in. */
export interface GuardedPlace {
  readonly checkpoint: Checkpoint;
  readonly admissions: readonly NeededAdmission[];
  /** The policies, `namespace/name`, that allow requests there already. */
  readonly allowing: readonly string[];
  /** Whether it listens to clients without mutual TLS on one of these ports. */
  readonly takesPlainText: boolean;
}

/** The checkpoints of workloads, with or without calls, and those at waypoints of services that the workloads serve. */
export function guardedPlaces(
  workloads: readonly CallingWorkload[],
  admissions: readonly NeededAdmission[],
  ground: Ground,
): readonly GuardedPlace[] {
  const byKey = groupBy(admissions, ({ checkpoint }) => checkpointKey(checkpoint));
  const ofWorkloads = workloads.flatMap((one): readonly Checkpoint[] =>
    one.kind === 'workload' || one.kind === 'ambient'
      ? [{ kind: 'workload', workload: one.id, by: one.kind === 'workload' ? 'sidecar' : 'ztunnel' }]
      : [],
  );
  const wanted = new Set(workloads.map(({ id }) => id));
  const ofServices = [...byKey.values()].flatMap(([first]): readonly Checkpoint[] =>
    first?.checkpoint.kind === 'service' && servesOne(first.checkpoint.host, wanted, ground) ? [first.checkpoint] : [],
  );
  return [...ofWorkloads, ...ofServices].map((checkpoint) => {
    const known = byKey.get(checkpointKey(checkpoint)) ?? [];
    return {
      checkpoint,
      admissions: known,
      allowing: allowingAt(checkpoint, ground),
      takesPlainText: takesPlainText(checkpoint, known, ground),
    };
  });
}

/** The service of a host that a waypoint serves. */
export function serviceOfHost(host: string, { bench: { mesh } }: Ground): Service | undefined {
  return mesh.registry.servicesOf(host)[0];
}

function servesOne(host: string, wanted: ReadonlySet<string>, ground: Ground): boolean {
  const service = serviceOfHost(host, ground);
  const { registry } = ground.bench.mesh;
  return (
    service?.ports.some((port) =>
      registry.endpointsOf(service, port).some(({ namespace, workloadName }) => wanted.has(`${namespace}/${workloadName}`)),
    ) ?? false
  );
}

function allowingAt(checkpoint: Checkpoint, ground: Ground): readonly string[] {
  const { mesh } = ground.bench;
  const policies = (workload: Parameters<typeof mesh.policies.authorizationPolicies>[0]): readonly string[] =>
    mesh.policies
      .authorizationPolicies(workload)
      .allow.filter((policy) => !isDryRun(policy))
      .map(({ namespace, name }) => `${namespace}/${name}`);
  if (checkpoint.kind === 'workload') {
    const workload = ground.workloads.get(checkpoint.workload)?.workload;
    return workload === undefined ? [] : policies({ namespace: workload.namespace, labels: workload.labels });
  }
  const proxy = mesh.proxies.find((one) => podKey(one) === checkpoint.waypoint);
  const service = serviceOfHost(checkpoint.host, ground);
  return proxy === undefined || service === undefined ? [] : policies(policyWorkload(proxy, mesh.rootNamespace, [service]));
}

function takesPlainText(
  checkpoint: Checkpoint,
  admissions: readonly NeededAdmission[],
  { bench: { mesh }, workloads }: Ground,
): boolean {
  const workload = checkpoint.kind === 'workload' ? workloads.get(checkpoint.workload)?.workload : undefined;
  if (workload === undefined) return false;
  const accepted = mesh.peerAuthentications.forWorkload(workload.namespace, workload.ownLabels);
  const ports = new Set(admissions.map(({ port }) => port));
  return [...ports].some((port) => mutualTlsModeOfPort(accepted, port) !== 'STRICT');
}
