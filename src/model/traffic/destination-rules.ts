import type { DestinationRule, MeshConfig, Subset, TrafficPolicy, TrafficPolicyPortTrafficPolicy } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { own } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { PARENTS_ANNOTATION } from '../gateways/gateways.ts';
import { compareByCreation } from '../order.ts';
import { expandShortName } from './host.ts';
import { buildHostIndex, type HostIndex, mostSpecificMatch } from './host-index.ts';

/** Destination rules of one host in one namespace, merged into one; istio ConsolidatedDestRule. */
export interface ConsolidatedDestinationRule {
  /** The merged rule: metadata and policy of the first in time, subsets of all (each with its origin). */
  readonly rule: ResourceOf<'DestinationRule'>;
  /** `exportTo` as written; empty where the mesh default applies. */
  readonly exportTo: ReadonlySet<string>;
  /** All the resources it was merged from. */
  readonly from: readonly ResourceOf<'DestinationRule'>[];
}

/** The destination rules of the mesh, ready for lookup. */
export interface DestinationRuleIndex {
  /**
   * The rules that a client in `clientNamespace` uses for a service: those of its own namespace, else those that the service's
   * namespace exports to it, else those of the root namespace. Several when workload selectors or exportTo keep them apart.
   * As istio pilot/pkg/model/push_context.go destinationRule.
   */
  rulesFor(clientNamespace: string, service: { hostname: string; namespace: string }): readonly ConsolidatedDestinationRule[];
  /**
   * Whether clients in a namespace certainly follow the rules that those of namespaces without any follow: what it has is for everybody,
   * and for services of its own (`isOwn`), and nothing is exported to it by name.
   */
  followsAsOthers(clientNamespace: string, isOwn: (hostname: string) => boolean): boolean;
}

/** What destination rules are made into; one that is kept makes the same of the same. */
export interface DestinationRuleMaker {
  /** The rule with its host's full name, and every subset with its origin. */
  resolve(resource: ResourceOf<'DestinationRule'>): ResourceOf<'DestinationRule'>;
  /** One that is merged of the same rules. */
  merged(rule: ConsolidatedDestinationRule): ConsolidatedDestinationRule;
}

/** One that makes everything anew. */
function plainMaker(domainSuffix: string): DestinationRuleMaker {
  return { resolve: (resource) => resolve(resource, domainSuffix), merged: (rule) => rule };
}

/** One that remembers what it has made; all that is given to it is of meshes whose settings are the same. */
export function createDestinationRuleMaker(domainSuffix: string): DestinationRuleMaker {
  // What is merged of the same rules in the same order is the same.
  const firstOf = memo((..._from: readonly ResourceOf<'DestinationRule'>[]) => {
    let first: ConsolidatedDestinationRule | undefined;
    return (rule: ConsolidatedDestinationRule): ConsolidatedDestinationRule => {
      first ??= rule;
      return first;
    };
  });
  return {
    resolve: memo((resource: ResourceOf<'DestinationRule'>) => resolve(resource, domainSuffix)),
    merged: (rule) => firstOf(...rule.from)(rule),
  };
}

/**
 * Indexes and merges the destination rules.
 * As istio pilot/pkg/model/push_context.go setDestinationRules and destination_rule.go mergeDestinationRule.
 */
export function buildDestinationRules(
  resources: readonly ResourceOf<'DestinationRule'>[],
  config: MeshConfig,
  rootNamespace: string,
  domainSuffix: string,
  behaviours: Behaviours,
  maker: DestinationRuleMaker = plainMaker(domainSuffix),
): DestinationRuleIndex {
  const ownNamespace = new Map<string, MergedRules>();
  const exportedByNamespace = new Map<string, MergedRules>();
  const privateInRoot: MergedRules = new Map();
  // The root namespace's own clients do not follow what it exports first.
  const followApart = new Set([rootNamespace]);
  const privateByDefault = config.defaultDestinationRuleExportTo?.includes('.') ?? false;

  for (const resource of [...resources].sort(compareForMerge)) {
    const rule = maker.resolve(resource);
    // A rule for selected workloads concerns its own namespace only.
    const exportTo = new Set(hasSelector(rule.spec) ? ['.'] : rule.spec.exportTo);
    const { namespace } = rule;
    const isForAll = exportTo.size === 0 ? !privateByDefault : exportTo.has('*');
    if (!isForAll) for (const target of [namespace, ...exportTo]) followApart.add(target);
    if (exportTo.size === 0 || exportTo.has('*') || exportTo.has('.') || exportTo.has(namespace)) {
      merge(obtain(ownNamespace, namespace), rule, exportTo, behaviours);
    }
    const isPrivate =
      exportTo.size === 0 ? privateByDefault : exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace));
    if (!isPrivate) merge(obtain(exportedByNamespace, namespace), rule, exportTo, behaviours);
    else if (namespace === rootNamespace) merge(privateInRoot, rule, exportTo, behaviours);
  }

  const freezeRules = (rules: MergedRules): RuleLists => freeze(rules, maker);
  const own = mapValues(ownNamespace, freezeRules);
  const exported = mapValues(exportedByNamespace, freezeRules);
  const rootOnly = freezeRules(privateInRoot);

  const exportedTo = (owner: string, hostname: string, client: string): readonly ConsolidatedDestinationRule[] => {
    const index = exported.get(owner);
    const rules = index && mostSpecificMatch(index, hostname)?.value;
    return rules?.filter(({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(client)) ?? [];
  };

  return {
    rulesFor(clientNamespace, service) {
      // Rules of the root namespace are meant for the whole mesh: for a client there, only private ones go before the service's.
      const local = clientNamespace === rootNamespace ? rootOnly : own.get(clientNamespace);
      const inOwn = local && mostSpecificMatch(local, service.hostname);
      if (inOwn) return inOwn.value;
      const ofService = exportedTo(service.namespace, service.hostname, clientNamespace);
      if (ofService.length > 0) return ofService;
      return exportedTo(rootNamespace, service.hostname, clientNamespace);
    },
    followsAsOthers(clientNamespace, isOwn) {
      if (followApart.has(clientNamespace)) return false;
      const local = own.get(clientNamespace);
      return local === undefined || (local.wildcard.size === 0 && [...local.exact.keys()].every(isOwn));
    },
  };
}

/** Rules by host, as they grow. */
type MergedRules = Map<string, Merging[]>;

interface Merging {
  rule: ResourceOf<'DestinationRule'>;
  readonly exportTo: ReadonlySet<string>;
  readonly from: ResourceOf<'DestinationRule'>[];
}

type RuleLists = HostIndex<readonly ConsolidatedDestinationRule[]>;

function freeze(rules: MergedRules, { merged }: DestinationRuleMaker): RuleLists {
  return buildHostIndex(mapValues(rules, (list) => list.map(merged)));
}

function obtain(table: Map<string, MergedRules>, namespace: string): MergedRules {
  const found = table.get(namespace) ?? new Map();
  table.set(namespace, found);
  return found;
}

function mapValues<K, A, B>(map: ReadonlyMap<K, A>, change: (value: A) => B): Map<K, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

/** Rules with a workload selector first, then the oldest. */
function compareForMerge(a: ResourceOf<'DestinationRule'>, b: ResourceOf<'DestinationRule'>): number {
  return Number(hasSelector(b.spec)) - Number(hasSelector(a.spec)) || compareByCreation(a, b);
}

function hasSelector(rule: DestinationRule): boolean {
  return rule.workloadSelector !== undefined;
}

function resolve(resource: ResourceOf<'DestinationRule'>, domainSuffix: string): ResourceOf<'DestinationRule'> {
  const { spec } = resource;
  const host = expandShortName(spec.host ?? '', resource.namespace, domainSuffix);
  const subsets = spec.subsets?.map((subset, index) => withOrigin(subset, resource, ['spec', 'subsets', index]));
  return { ...resource, spec: { ...spec, host, ...(subsets && { subsets }) } };
}

function merge(
  rules: MergedRules,
  incoming: ResourceOf<'DestinationRule'>,
  exportTo: ReadonlySet<string>,
  { enableEnhancedDestinationRuleMerge: looksAtExport, mergesBackendPolicies }: Behaviours,
): void {
  const host = incoming.spec.host ?? '';
  const existing = rules.get(host);
  const alone: Merging = { rule: incoming, exportTo, from: [incoming] };
  if (existing === undefined) {
    rules.set(host, [alone]);
    return;
  }
  let apart = true;
  for (const merging of existing) {
    if (looksAtExport) {
      const sameExport = sameSet(exportTo, merging.exportTo);
      const wider = merging.exportTo.size > 0 && [...merging.exportTo].every((target) => exportTo.has(target));
      apart = !sameExport;
      if (!sameExport && !wider) continue;
    }

    const [selected, selecting] = [hasSelector(merging.rule.spec), hasSelector(incoming.spec)];
    const sameSelector = sameLabels(merging.rule.spec.workloadSelector?.matchLabels, incoming.spec.workloadSelector?.matchLabels);
    if (selected && selecting && !sameSelector) {
      apart = true;
      continue;
    }
    if (selected === selecting) apart = false;

    merging.rule = mergeSpec(merging.rule, incoming, mergesBackendPolicies);
    merging.from.push(incoming);
  }
  if (apart) existing.push(alone);
}

/**
 * The first rule keeps its policy; the second adds the subsets that the first does not have. Where one of them stands for a policy of
 * the Gateway API, it only fills in what the other leaves out, in releases that do so.
 */
function mergeSpec(
  first: ResourceOf<'DestinationRule'>,
  second: ResourceOf<'DestinationRule'>,
  mergesBackendPolicies: boolean,
): ResourceOf<'DestinationRule'> {
  const names = new Set(first.spec.subsets?.map(({ name }) => name));
  const subsets: Subset[] = [...(first.spec.subsets ?? [])];
  for (const subset of second.spec.subsets ?? []) if (!names.has(subset.name)) subsets.push(subset);
  const isFilled = mergesBackendPolicies && isBackendPolicy(first) !== isBackendPolicy(second);
  const [winner, filler] = isFilled && isBackendPolicy(first) ? [second, first] : [first, second];
  const trafficPolicy = isFilled
    ? fillPolicy(winner.spec.trafficPolicy, filler.spec.trafficPolicy)
    : (winner.spec.trafficPolicy ?? filler.spec.trafficPolicy);
  return { ...first, spec: { ...first.spec, subsets, ...(trafficPolicy && { trafficPolicy }) } };
}

/** Whether a rule is made from a policy of the Gateway API. As istio isBackendPolicyDestinationRule. */
function isBackendPolicy({ annotations }: ResourceOf<'DestinationRule'>): boolean {
  return own(annotations, PARENTS_ANNOTATION) !== undefined;
}

/** A policy with what it leaves out from another one. As istio mergeBackendPolicyTrafficPolicy. */
function fillPolicy(policy: TrafficPolicy | undefined, from: TrafficPolicy | undefined): TrafficPolicy | undefined {
  if (policy === undefined || from === undefined) return policy ?? from;
  const portLevelSettings = fillPorts(policy.portLevelSettings, from.portLevelSettings);
  return { ...from, ...policy, ...(portLevelSettings && { portLevelSettings }) };
}

/** Of several settings of one port, the last is filled in. As istio mergeBackendPolicyPortLevelSettings. */
function fillPorts(
  settings: readonly TrafficPolicyPortTrafficPolicy[] | undefined,
  from: readonly TrafficPolicyPortTrafficPolicy[] | undefined,
): readonly TrafficPolicyPortTrafficPolicy[] | undefined {
  if (settings === undefined || from === undefined) return settings ?? from;
  const portOf = ({ port }: TrafficPolicyPortTrafficPolicy): number => port?.number ?? 0;
  const last = new Map(settings.map((setting) => [portOf(setting), setting]));
  const fillers = new Map(from.map((setting) => [portOf(setting), setting]));
  return [
    ...settings.map((setting) =>
      last.get(portOf(setting)) === setting ? { ...fillers.get(portOf(setting)), ...setting } : setting,
    ),
    ...from.filter((setting) => !last.has(portOf(setting))),
  ];
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => own(a, key) === own(b, key));
}
