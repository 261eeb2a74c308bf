import type { Mesh } from '../../model/mesh.ts';
import { expandShortName, hostCovers } from '../../model/traffic/host.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';

/** A DestinationRule that a proxy does not use. */
export interface UnusedRule {
  readonly rule: string;
  readonly why: string;
  readonly fix: string;
}

/** Finds the DestinationRules that define a subset, whoever uses them. */
export interface SubsetFinder {
  /** The DestinationRules for a host that define the subset. */
  definedBy(host: string, subset: string): readonly ResourceOf<'DestinationRule'>[];
  /** Of these the likeliest to be meant, why the proxy does not use it (in words that follow "for"), and what to do. */
  unusedBy(proxy: { readonly namespace: string }, host: string, subset: string): UnusedRule;
}

/** A finder over the DestinationRules of a mesh. */
export function createSubsetFinder(mesh: Mesh): SubsetFinder {
  const bySubset = groupBy(
    resourcesOf(mesh.resources, 'DestinationRule').flatMap((rule) =>
      (rule.spec.subsets ?? []).map(({ name = '' }) => ({
        rule,
        name,
        host: expandShortName(rule.spec.host ?? '', rule.namespace, mesh.domainSuffix),
      })),
    ),
    ({ name }) => name,
  );
  const definedBy = (host: string, subset: string): readonly ResourceOf<'DestinationRule'>[] =>
    (bySubset.get(subset) ?? []).filter((one) => hostCovers(one.host, host)).map(({ rule }) => rule);
  return {
    definedBy,
    unusedBy(proxy, host, subset) {
      const homes = mesh.registry.servicesOf(host).map(({ namespace }) => namespace);
      const near = [proxy.namespace, ...homes, mesh.rootNamespace];
      const candidates = definedBy(host, subset);
      const rule = candidates.find(({ namespace }) => near.includes(namespace)) ?? candidates[0];
      if (rule === undefined) return { rule: '', why: '', fix: '' };
      return { rule: `${rule.namespace}/${rule.name}`, ...reasonFor(mesh, proxy, rule, homes, host) };
    },
  };
}

function reasonFor(
  mesh: Mesh,
  proxy: { readonly namespace: string },
  { namespace, name, spec }: ResourceOf<'DestinationRule'>,
  homes: readonly string[],
  host: string,
): Omit<UnusedRule, 'rule'> {
  const visibility = visibilityOf(spec.exportTo, namespace, mesh.config.defaultDestinationRuleExportTo);
  if (!isVisible(visibility, proxy.namespace)) {
    return { why: `it is not exported to namespace ${proxy.namespace} (exportTo)`, fix: `export it to ${proxy.namespace}` };
  }
  if (![proxy.namespace, ...homes, mesh.rootNamespace].includes(namespace)) {
    return {
      why: `its namespace ${namespace} is neither that of the client (${proxy.namespace}) nor of the service (${homes.join(', ')}) nor the root namespace`,
      fix: `move it to namespace ${homes[0] ?? proxy.namespace}`,
    };
  }
  if (spec.workloadSelector !== undefined) {
    return {
      why: 'its workloadSelector does not select this client',
      fix: 'define the subset in a rule without workloadSelector',
    };
  }
  const used = homes
    .flatMap((home) => mesh.destinationRules.rulesFor(proxy.namespace, { hostname: host, namespace: home }))
    .find(({ rule }) => rule.name !== name || rule.namespace !== namespace);
  const other = used === undefined ? 'another one' : `DestinationRule ${used.rule.namespace}/${used.rule.name}`;
  return { why: `${other} for "${used?.rule.spec.host ?? host}" goes before it for this client`, fix: 'define the subset there' };
}
