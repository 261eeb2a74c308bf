import type { LocalityLoadBalancerSetting, ZoneAwareLoadBalancerSetting } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { error, type Findings, warning } from './finding.ts';

const topologyLabels = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

/**
 * How traffic is spread over localities; istio agent/validation.go ValidateLocalityLbSetting. `detectsOutliers`: whether the same
 * policy has outlier detection, without which there is no failover.
 */
export function* checkLocality(
  path: Path,
  locality: LocalityLoadBalancerSetting | undefined,
  detectsOutliers: boolean,
): Findings {
  if (locality === undefined) return;
  const { distribute = [], failover = [], failoverPriority = [] } = locality;
  if (distribute.length > 0 && failover.length > 0) {
    yield error(path, "can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const topology = failover.length > 0 ? failoverPriority.findIndex((label) => topologyLabels.includes(label)) : -1;
  if (topology !== -1) {
    const label = `topology label '${failoverPriority[topology]}'`;
    yield error(
      [...path, 'failoverPriority', topology],
      `can not simultaneously set 'failover' and ${label} in 'failover_priority'`,
    );
    return;
  }
  for (const [index, { to = {} }] of distribute.entries()) {
    const at = [...path, 'distribute', index, 'to'];
    const outOfRange = Object.entries(to).find(([, weight]) => weight <= 0 || weight > 100);
    if (outOfRange !== undefined) {
      yield error([...at, outOfRange[0]], 'locality weight must be in range [1, 100]');
      return;
    }
    const total = Object.values(to).reduce((sum, weight) => sum + weight, 0);
    if (total !== 100) {
      yield error(at, `total locality weight ${total} != 100`);
      return;
    }
    const [bad, problem] = localitiesProblem(Object.keys(to)) ?? [];
    if (bad !== undefined && problem !== undefined) yield error([...at, bad], problem);
  }
  const sources = distribute.map(({ from = '' }) => from);
  const [bad, problem] = localitiesProblem(sources) ?? [];
  if (bad !== undefined && problem !== undefined) yield error([...path, 'distribute', sources.lastIndexOf(bad), 'from'], problem);
  if (!detectsOutliers) yield* checkOutlierDetection(path, locality);
  for (const [index, { from = '', to = '' }] of failover.entries()) {
    const at = [...path, 'failover', index];
    if (from === to) yield error(at, 'locality lb failover settings must specify different regions');
    if (from.includes('/') || to.includes('/')) yield error(at, 'locality lb failover only specify region');
    if (from.includes('*') || to.includes('*')) yield error(at, "locality lb failover region should not contain '*' wildcard");
  }
}

/**
 * How traffic keeps to zones; istio agent/validation.go ValidateZoneAwareLbSetting. `detectsOutliers`: whether the same policy has
 * outlier detection.
 */
export function* checkZones(path: Path, zones: ZoneAwareLoadBalancerSetting | undefined, detectsOutliers: boolean): Findings {
  if (zones === undefined) return;
  const { failover = [], failoverPriority = [] } = zones;
  for (const [index, label] of failoverPriority.entries())
    if (topologyLabels.includes(label))
      yield error(
        [...path, 'failoverPriority', index],
        `'failover_priority' for zone aware lb must not use topology label '${label}'; region- and zone-level routing are handled automatically`,
      );
  if (!detectsOutliers) yield* checkOutlierDetection(path, zones);
  for (const [index, { from = '', to = '' }] of failover.entries()) {
    const at = [...path, 'failover', index];
    const subject = 'zone aware lb failover';
    if (from === to) yield error(at, `${subject} settings must specify different regions`);
    if (from.includes('/') || to.includes('/'))
      yield error(at, `${subject} only specifies region; zone and subzone failover are handled automatically`);
    if (from.includes('*') || to.includes('*')) yield error(at, `${subject} region should not contain '*' wildcard`);
  }
}

/** Failover needs outlier detection, which is not there. */
function* checkOutlierDetection(
  path: Path,
  { failover = [], failoverPriority = [] }: Pick<LocalityLoadBalancerSetting, 'failover' | 'failoverPriority'>,
): Findings {
  if (failover.length === 0 && failoverPriority.length === 0) return;
  const field = failover.length > 0 ? 'failover' : 'failoverPriority';
  yield warning([...path, field], 'outlier detection policy must be provided for failover');
}

/** The first locality of a list that is not well-formed or covers one before it, with what is wrong; istio validateLocalities. */
function localitiesProblem(localities: readonly string[]): readonly [locality: string, problem: string] | undefined {
  /** Regions, their zones and their subzones so far; `*` where all below is taken. */
  const seen = new Map<string, Map<string, Set<string>>>();
  for (const locality of localities) {
    const wildcards = locality.split('*').length - 1;
    if (wildcards > 1 || (wildcards === 1 && !locality.endsWith('*')))
      return [locality, `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`];
    const overlaps = [locality, `locality ${locality} overlap with previous specified ones`] as const;
    if (seen.has('*')) return overlaps;
    const [region = '', zone, ...rest] = locality.split('/');
    const subzone = rest.length === 0 ? undefined : rest.join('/');
    if (region === '' || zone === '' || subzone === '')
      return [locality, `locality ${locality} must not contain empty region/zone/subzone info`];
    const zones = seen.get(region);
    if (zones === undefined) {
      seen.set(region, new Map([[zone ?? '*', new Set([subzone ?? '*'])]]));
      continue;
    }
    if (zone === undefined || zones.has('*')) return overlaps;
    const subzones = zones.get(zone);
    if (subzones === undefined) zones.set(zone, new Set([subzone ?? '*']));
    else if (subzone === undefined || subzones.has('*') || subzones.has(subzone)) return overlaps;
    else subzones.add(subzone);
  }
  return undefined;
}
