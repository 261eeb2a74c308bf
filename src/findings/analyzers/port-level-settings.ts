import type { TrafficPolicy } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { portLevelDropsRest } from '../../diagnostics/problems/destination-rules.ts';
import type { Resource } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** What a port can have of its own; istio core/cluster_traffic_policy.go selectTrafficPolicyComponents. */
const PARTS = ['connectionPool', 'loadBalancer', 'outlierDetection', 'tls'] as const;

/** Settings for a port replace those for the destination as a whole. */
export const portLevelSettings: Analyzer = {
  name: 'mesh.destinationrule.PortLevelSettings',
  about: 'Settings for a port that drop those for the whole destination',
  reads: ['DestinationRule'],
  codes: [portLevelDropsRest.code],
  run: (reader, report) => {
    for (const resource of reader.list('DestinationRule')) {
      const { trafficPolicy, subsets = [] } = resource.spec;
      check(resource, trafficPolicy, ['spec', 'trafficPolicy'], [trafficPolicy], report);
      subsets.forEach((subset, index) => {
        const path = ['spec', 'subsets', index, 'trafficPolicy'];
        check(resource, subset.trafficPolicy, path, [trafficPolicy, subset.trafficPolicy], report);
      });
    }
  },
};

function check(
  resource: Resource,
  policy: TrafficPolicy | undefined,
  path: Path,
  beside: readonly (TrafficPolicy | undefined)[],
  report: Report,
): void {
  (policy?.portLevelSettings ?? []).forEach((settings, index) => {
    const lost = PARTS.filter((part) => settings[part] === undefined && beside.some((level) => level?.[part] !== undefined));
    if (lost.length === 0) return;
    const place = [...path, 'portLevelSettings', index];
    const finding = portLevelDropsRest(at(resource, place), formatField(place), settings.port?.number ?? 0, lost.join(', '));
    // How endpoints are chosen is seldom what somebody relies on.
    report(lost.every((part) => part === 'loadBalancer') ? { ...finding, severity: 'info' } : finding);
  });
}
