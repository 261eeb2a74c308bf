import { selects } from '../../../model/labels.ts';
import type { Proxy } from '../../../model/proxies/proxy.ts';
import type { Workload } from '../../../model/registry/service.ts';
import type { Labels } from '../../../resource/resource.ts';
import { groupBy } from '../../../util/collections.ts';
import { compareText } from '../../../util/text.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import type { WrittenResource } from '../report.ts';
import { resourceNameFor } from '../resource-name.ts';
import { labelsThatSelect, nameOfApplication } from '../workload-labels.ts';
import type { SidecarReason, SidecarResource, WithoutSidecar } from './advice.ts';
import type { EgressHost, WorkloadNeeds } from './egress-hosts.ts';

/** A workload with a sidecar, and what it needs. */
export interface SidecarMember {
  readonly caller: CallingWorkload;
  readonly proxy: Proxy;
  readonly needs: WorkloadNeeds;
}

/** Workloads that get one Sidecar. */
export interface Unit {
  readonly subject: string;
  readonly members: readonly SidecarMember[];
  readonly hosts: readonly EgressHost[];
  readonly manifest: WrittenResource;
  readonly replaces: boolean;
}

/** What was made of workloads: those with one Sidecar together, and those without. */
export interface Units {
  readonly units: readonly Unit[];
  readonly skipped: readonly WithoutSidecar[];
}

/** Workloads with a Sidecar each, or one for all that are called the same and need the same. */
export function unitsOfWorkloads(members: readonly SidecarMember[], isComplete: boolean, ground: Ground): Units {
  const skipped: WithoutSidecar[] = [];
  const usable = members.filter((member) => {
    const reason =
      isComplete || member.needs.calls.length > 0 ? hindranceOf(member, ground) : ({ kind: 'nothing declared' } as const);
    if (reason !== undefined) skipped.push({ subject: member.caller.id, reason });
    return reason === undefined;
  });
  const alike = groupBy(usable, ({ caller: { workload }, proxy, needs }) =>
    JSON.stringify([
      workload.namespace,
      nameOfApplication(workload),
      needs.hosts.map(({ entry }) => entry),
      baseOf(proxy, ground)?.name,
    ]),
  );
  const taken = new Set(ground.bench.mesh.sidecars.map(({ namespace, name }) => `${namespace}/${name}`));
  const units = [...alike.values()].flatMap((group) => {
    const together = selectorOf(group, ground);
    const parts = together === undefined ? group.map((member) => [member]) : [group];
    return parts.flatMap((part): readonly Unit[] => {
      const labels = part === group ? together : selectorOf(part, ground);
      const [first] = part;
      if (first === undefined) return [];
      const subject = part.map(({ caller }) => caller.id).join(', ');
      if (labels === undefined) {
        skipped.push({ subject, reason: { kind: 'no labels of its own' } });
        return [];
      }
      const { namespace, workloadName } = first.caller.workload;
      const base = baseOf(first.proxy, ground);
      const own = base?.spec.workloadSelector === undefined ? undefined : base;
      const wanted = part.length > 1 ? nameOfApplication(first.caller.workload) : workloadName;
      const name = own?.name ?? resourceNameFor(wanted, ['', '-egress'], (free) => taken.has(`${namespace}/${free}`));
      taken.add(`${namespace}/${name}`);
      const hosts = unionOf(part);
      return [
        {
          subject,
          members: part,
          hosts,
          manifest: manifestOf({ namespace, name }, labels, hosts, base),
          replaces: own !== undefined,
        },
      ];
    });
  });
  return { units, skipped };
}

/** Namespaces with one Sidecar for all their workloads, but for those that a Sidecar of their own selects. */
export function unitsOfNamespaces(members: readonly SidecarMember[], isComplete: boolean, ground: Ground): Units {
  const skipped: WithoutSidecar[] = [];
  const units = [...groupBy(members, ({ caller }) => caller.workload.namespace)].flatMap(([namespace, all]): readonly Unit[] => {
    const common = all.filter(({ proxy }) => baseOf(proxy, ground)?.spec.workloadSelector === undefined);
    const undeclared = common.filter(({ needs }) => needs.calls.length === 0).map(({ caller }) => caller.id);
    const bases = common.map(({ proxy }) => baseOf(proxy, ground)).filter((one) => one !== undefined);
    const reason = reasonAgainst(namespace, isComplete ? [] : undeclared, bases, ground);
    if (common.length === 0) return [];
    if (reason !== undefined) {
      skipped.push({ subject: namespace, reason });
      return [];
    }
    const [base] = bases;
    const own = base?.namespace === namespace ? base : undefined;
    const hosts = unionOf(common);
    const manifest = manifestOf({ namespace, name: own?.name ?? 'default' }, undefined, hosts, base);
    return [{ subject: namespace, members: common, hosts, manifest, replaces: own !== undefined }];
  });
  return { units, skipped };
}

function reasonAgainst(
  namespace: string,
  undeclared: readonly string[],
  [base]: readonly SidecarResource[],
  { bench: { mesh } }: Ground,
): SidecarReason | undefined {
  if (namespace === mesh.rootNamespace) return { kind: 'root namespace' };
  if (undeclared.length > 0) return { kind: 'some undeclared', workloads: undeclared };
  return base !== undefined && hasListeners(base) ? { kind: 'egress listeners', sidecar: nameOf(base) } : undefined;
}

/** Why the Sidecar that applies to a workload stands in the way of one for it alone. */
function hindranceOf({ caller, proxy }: SidecarMember, ground: Ground): SidecarReason | undefined {
  const base = baseOf(proxy, ground);
  if (base === undefined) return undefined;
  if (hasListeners(base)) return { kind: 'egress listeners', sidecar: nameOf(base) };
  const selector = base.spec.workloadSelector;
  if (selector === undefined) return undefined;
  const others = [...ground.workloads.values()].filter(
    ({ id, workload }) =>
      id !== caller.id && workload.namespace === base.namespace && selects(selector.labels ?? {}, workload.labels),
  );
  return others.length > 0 ? { kind: 'selected together', sidecar: nameOf(base) } : undefined;
}

/** The Sidecar of the manifests that applies to a proxy. */
function baseOf(proxy: Proxy, { bench }: Ground): SidecarResource | undefined {
  return bench.session.view(proxy).scope.sidecar;
}

/** Whether a Sidecar says more about egress than hosts. */
function hasListeners({ spec: { egress = [] } }: SidecarResource): boolean {
  return egress.some(({ hosts: _, ...rest }) => Object.keys(rest).length > 0);
}

function nameOf({ namespace, name }: SidecarResource): string {
  return `${namespace}/${name}`;
}

function selectorOf(members: readonly SidecarMember[], ground: Ground): Labels | undefined {
  const { workloads } = ground.bench.mesh.registry;
  const ids = new Set(members.map(({ caller }) => caller.id));
  const pods = workloads.filter((pod: Workload) => ids.has(ground.idOf(pod)));
  return labelsThatSelect(pods, workloads);
}

function unionOf(members: readonly SidecarMember[]): readonly EgressHost[] {
  const byEntry = groupBy(
    members.flatMap(({ needs }) => needs.hosts),
    ({ entry }) => entry,
  );
  return [...byEntry]
    .map(([entry, hosts]): EgressHost => {
      const reasons = new Map(hosts.flatMap((host) => host.reasons).map((reason) => [JSON.stringify(reason), reason]));
      return { entry, reasons: [...reasons.values()] };
    })
    .sort((a, b) => compareText(a.entry, b.entry));
}

/** A Sidecar of these hosts; all else is as in the one that applies now, which it takes the place of. */
function manifestOf(
  metadata: WrittenResource['metadata'],
  labels: Labels | undefined,
  hosts: readonly EgressHost[],
  base: SidecarResource | undefined,
): WrittenResource {
  const { workloadSelector: own, egress: _, ...rest } = base?.spec ?? {};
  const selector = own ?? (labels && { labels });
  const entries = hosts.map(({ entry }) => entry);
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata,
    spec: {
      ...(selector && { workloadSelector: selector }),
      ...rest,
      // No namespace has this name: nothing is imported. An empty list would mean everything.
      egress: [{ hosts: entries.length > 0 ? entries : ['~/*'] }],
    },
  };
}
