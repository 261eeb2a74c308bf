import type { HTTPMatchRequest, HTTPRoute } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { delegateRuleDropped, delegateUnusable } from '../../diagnostics/problems/routing.ts';
import { conflictOfMatches, mergeDelegate } from '../../model/traffic/virtual-service-delegates.ts';
import { resolveVirtualService } from '../../model/traffic/virtual-services.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { append } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import { isWritten } from './support/traffic.ts';

/** Rules that delegate to nothing, and rules of delegates that join with nothing; istio model/virtualservice.go. */
export const delegates: Analyzer = {
  name: 'mesh.virtualservice.Delegates',
  about: 'Delegates of VirtualServices that are not there or cannot be used, and rules of delegates that are dropped',
  reads: ['VirtualService'],
  codes: [delegateUnusable.code, delegateRuleDropped.code],
  needsAll: ['VirtualService'],
  run: (reader, report) => {
    if (!reader.list('VirtualService').some(({ spec }) => spec.http?.some(({ delegate }) => delegate !== undefined))) return;
    const resolve = (resource: ResourceOf<'VirtualService'>): ResourceOf<'VirtualService'> =>
      resolveVirtualService(resource, reader.clusterDomain);
    const rootsByLeaf = new Map<ResourceOf<'VirtualService'>, Root[]>();
    const virtualServices = resourcesOf(reader.mesh().resources, 'VirtualService').filter(isWritten);
    const byName = new Map(virtualServices.map((resource) => [fullName(resource), resource]));
    for (const resource of virtualServices) {
      if (!(resource.spec.http ?? []).some(({ delegate }) => delegate !== undefined)) continue;
      (resolve(resource).spec.http ?? []).forEach((rule, index) => {
        if (rule.delegate === undefined) return;
        const { namespace, name = '' } = rule.delegate;
        const home = namespace || resource.namespace;
        const leaf = byName.get(fullName({ namespace: home, name }));
        const trouble = troubleOf(reader, resource.namespace, leaf);
        if (leaf !== undefined && trouble === undefined) append(rootsByLeaf, leaf, { resource, rule, index });
        if (trouble === undefined) return;
        const field = `spec.http[${index}].delegate`;
        const subject = at(resource, ['spec', 'http', index, 'delegate']);
        report(delegateUnusable(subject, field, fullName({ namespace: home, name }), ...trouble));
      });
    }
    for (const [leaf, roots] of rootsByLeaf) reportDropped(resolve(leaf), roots, report);
  },
};

/** A rule that delegates. */
interface Root {
  readonly resource: ResourceOf<'VirtualService'>;
  readonly rule: HTTPRoute;
  readonly index: number;
}

/** Why a VirtualService cannot be the delegate of a rule in a namespace, and what to do. */
function troubleOf(
  { meshConfig }: Reader,
  namespace: string,
  leaf: ResourceOf<'VirtualService'> | undefined,
): readonly [why: string, fix: string] | undefined {
  if (leaf === undefined) return ['does not exist', 'correct the name or the namespace'];
  const { hosts = [], http = [], exportTo } = leaf.spec;
  if (hosts.length > 0) return ['has hosts of its own and so is no delegate', 'remove its hosts and gateways'];
  const visibility = visibilityOf(exportTo, leaf.namespace, meshConfig.defaultVirtualServiceExportTo);
  if (!isVisible({ ...visibility, nowhere: false }, namespace)) {
    return [`is not exported to namespace ${namespace}`, `add ${namespace} to its exportTo`];
  }
  return http.length === 0 ? ['has no http rules', 'add rules to it'] : undefined;
}

/** The rules of a delegate that none of the rules that delegate to it can use. */
function reportDropped(leaf: ResourceOf<'VirtualService'>, roots: readonly Root[], report: Report): void {
  (leaf.spec.http ?? []).forEach((rule, index) => {
    if (roots.some((root) => mergeDelegate(root.rule, [rule]).length > 0)) return;
    const conflict = roots.map((root) => conflictBetween(root, rule)).find((found) => found !== undefined);
    if (conflict === undefined) return;
    const { root, part, theirs, ours } = conflict;
    const name = `VirtualService ${fullName(root.resource)} spec.http[${root.index}]`;
    const others = roots.length > 1 ? `${name}, nor with any other that delegates to it` : name;
    report(
      delegateRuleDropped(
        at(leaf, ['spec', 'http', index]),
        `spec.http[${index}]`,
        others,
        part,
        textOf(theirs, part),
        textOf(ours, part),
      ),
    );
  });
}

interface Conflict {
  readonly root: Root;
  readonly part: string;
  readonly theirs: HTTPMatchRequest;
  readonly ours: HTTPMatchRequest;
}

/** The first match of a delegate's rule that no match of the root allows, and the part that contradicts. */
function conflictBetween(root: Root, rule: HTTPRoute): Conflict | undefined {
  for (const ours of rule.match ?? []) {
    const conflicts = (root.rule.match ?? []).map((theirs) => ({ theirs, part: conflictOfMatches(theirs, ours) }));
    const [first] = conflicts;
    if (first?.part === undefined || conflicts.some(({ part }) => part === undefined)) continue;
    return { root, part: first.part, theirs: first.theirs, ours };
  }
  return undefined;
}

function textOf(match: HTTPMatchRequest, part: string): string {
  return JSON.stringify(Object.entries(match).find(([name]) => name === part)?.[1]) ?? '';
}
