import type { Diagnostic, Path } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import { fieldIgnored, patchingBreaksOff, patchMatchesNothing, patchSkipped } from '../diagnostics/problems/envoy-filters.ts';
import type { Cluster, Listener } from '../envoy/api.gen.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import { matchesContext, partsOfClusterName } from '../patch/match.ts';
import type { Patched, Patcher, PatchTarget } from '../patch/patch.ts';
import { isPatchSkipped } from '../patch/values.ts';
import { subjectAt } from '../resource/subject.ts';

/** A patcher that remembers what became of each patch. */
export interface PatchRecord {
  readonly patcher: Patcher;
  /**
   * What to tell the user about the EnvoyFilters: values that cannot be read, patches at which Istio breaks off and, where all
   * proxies have been compiled, patches that change nothing.
   */
  notes(isComplete: boolean): readonly Diagnostic[];
}

/** Records what `patcher` does with the patches, all there are. */
export function recordPatches(patches: readonly EnvoyPatch[], patcher: Patcher): PatchRecord {
  const offered = new Set<EnvoyPatch>();
  const applied = new Set<EnvoyPatch>();
  const abortedBecause = new Map<EnvoyPatch, string>();
  /** By patches that name a port of a listener: the ports of the listeners that they were offered. */
  const ports = new Map<EnvoyPatch, Set<number>>();
  const notePorts = ({ patches: own, contexts }: PatchTarget, listeners: readonly Emitted<Listener>[]): void => {
    for (const patch of own) {
      if (!patch.match.listener?.portNumber || !contexts.some((context) => matchesContext(patch, context))) continue;
      const seen = ports.get(patch) ?? new Set();
      ports.set(patch, seen);
      for (const { value } of listeners) {
        const port = value.address?.socketAddress?.portValue;
        if (port) seen.add(port);
      }
    }
  };
  /** By patches that name the service of a cluster: the ports that those of it have for which the patch is. */
  const portsOfService = new Map<EnvoyPatch, Set<number>>();
  const noteClusters = ({ patches: own, contexts }: PatchTarget, clusters: readonly Emitted<Cluster>[]): void => {
    for (const patch of own) {
      const { service = '' } = patch.match.cluster ?? {};
      if (service === '' || !contexts.some((context) => matchesContext(patch, context))) continue;
      const seen = portsOfService.get(patch) ?? new Set();
      portsOfService.set(patch, seen);
      for (const { value } of clusters) {
        const { hostname, port } = partsOfClusterName(value.name ?? '');
        if (hostname === service) seen.add(port);
      }
    }
  };
  const record = <T>(target: PatchTarget, patched: Patched<T>): Patched<T> => {
    for (const patch of target.patches) offered.add(patch);
    for (const patch of patched.applied) applied.add(patch);
    for (const { patch, reason } of patched.aborted) abortedBecause.set(patch, reason);
    return patched;
  };

  const notesOn = (patch: EnvoyPatch, isComplete: boolean): readonly Diagnostic[] => {
    const unread = valueNotes(patch, patcher);
    const reason = abortedBecause.get(patch);
    if (reason !== undefined) return [...unread, patchingBreaksOff(subjectOfPatch(patch, []), reason)];
    if (isPatchSkipped(patcher.readValue(patch)) || applied.has(patch) || !isComplete) return unread;
    return [
      ...unread,
      patchMatchesNothing(
        subjectOfPatch(patch, []),
        whyUnused(patch, offered.has(patch), ports.get(patch), portsOfService.get(patch)),
      ),
    ];
  };

  return {
    patcher: {
      ...patcher,
      listeners(target, listeners) {
        notePorts(target, listeners);
        return record(target, patcher.listeners(target, listeners));
      },
      routes: (target, routes) => record(target, patcher.routes(target, routes)),
      clusters(target, clusters) {
        noteClusters(target, clusters);
        return record(target, patcher.clusters(target, clusters));
      },
      extensionConfigs: (target, names) => record(target, patcher.extensionConfigs(target, names)),
    },
    notes: (isComplete) => patches.flatMap((patch) => notesOn(patch, isComplete)),
  };
}

/** More ports are not told. */
const MOST_PORTS = 8;

function subjectOfPatch({ resource, index }: EnvoyPatch, inside: Path): Subject {
  return subjectAt(resource, ['spec', 'configPatches', index, ...inside]);
}

function valueNotes(patch: EnvoyPatch, patcher: Patcher): readonly Diagnostic[] {
  return patcher.readValue(patch).problems.map(({ kind, path, message, suggestion }) => {
    const suggestions = suggestion === undefined ? [] : [suggestion];
    const subject = subjectOfPatch(patch, ['patch', 'value', ...path]);
    if (kind === 'unknown-field') return fieldIgnored(subject, String(path.at(-1)), suggestions);
    return patchSkipped(subject, ['value', ...path].join('.'), message, suggestions);
  });
}

function whyUnused(
  patch: EnvoyPatch,
  isOffered: boolean,
  ports: ReadonlySet<number> | undefined,
  portsOfService: ReadonlySet<number> | undefined,
): string {
  if (patch.applyTo === 'BOOTSTRAP') return 'istiod sends no bootstrap configuration';
  if (patch.context === 'WAYPOINT')
    return 'istiod applies no patches of the context WAYPOINT; waypoints take those of SIDECAR_INBOUND and ANY';
  if (!isOffered) return 'none of the proxies is selected';
  const wanted = patch.match.listener?.portNumber ?? 0;
  const isOfPort = wanted !== 0 && ports !== undefined && !ports.has(wanted);
  const others = [...(ports ?? [])].sort((a, b) => a - b).slice(0, MOST_PORTS);
  const detail = isOfPort
    ? `: no listener has port ${wanted}, which is that of the proxy; there are ${others.join(', ') || 'none'}`
    : clusterDetail(patch, portsOfService);
  return `nothing in the proxies that it selects fits (${patch.operation} ${patch.applyTo})${detail}`;
}

/** Which part of the match of a cluster fails: the port of the service, or the service. */
function clusterDetail({ applyTo, match, context }: EnvoyPatch, ports: ReadonlySet<number> | undefined): string {
  const { service = '', portNumber = 0 } = match.cluster ?? {};
  // Behind inbound clusters there are other services than their names tell.
  if (applyTo !== 'CLUSTER' || ports === undefined || context === 'SIDECAR_INBOUND') return '';
  if (ports.size === 0) return `: no cluster is of service "${service}"`;
  if (portNumber === 0 || ports.has(portNumber)) return '';
  const others = [...ports].sort((a, b) => a - b).slice(0, MOST_PORTS);
  return `: no cluster of "${service}" has port ${portNumber}, which is that of the Service; there are ${others.join(', ')}`;
}
