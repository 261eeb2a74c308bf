import type { Labels } from '../../resource/resource.ts';
import type { Locality } from './service.ts';

/** Labels of a workload's place; Kubernetes' own names and Istio's. */
export const REGION_LABEL = 'topology.kubernetes.io/region';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const SUBZONE_LABEL = 'topology.istio.io/subzone';
export const NODE_LABEL = 'kubernetes.io/hostname';
export const CLUSTER_LABEL = 'topology.istio.io/cluster';
export const NETWORK_LABEL = 'topology.istio.io/network';

/** The parts of `region/zone/subzone`; what is missing is empty. As istio util/label SplitLocalityLabel. */
export function parseLocality(label: string): Locality {
  const [region = '', zone = '', subzone = ''] = label.split('/');
  return { region, zone, subzone };
}

/** The locality that labels of a workload state themselves, with `.` for `/` as labels need it; `''` when they do not. */
export function statedLocality(labels: Labels): string {
  const label = labels['topology.istio.io/locality'] ?? labels['istio-locality'] ?? '';
  return label.includes('/') ? label : label.replaceAll('.', '/');
}

/** The locality of a node from its labels, `''` when it has none; istio kube controller getPodLocality. */
export function nodeLocality(labels: Labels): string {
  const region = labels[REGION_LABEL] || labels['failure-domain.beta.kubernetes.io/region'] || '';
  const zone = labels[ZONE_LABEL] || labels['failure-domain.beta.kubernetes.io/zone'] || '';
  const subzone = labels[SUBZONE_LABEL] ?? '';
  return region === '' && zone === '' && subzone === '' ? '' : `${region}/${zone}/${subzone}`;
}

/**
 * The locality of a proxy from its labels, those of its place included.
 * As istio pilot/pkg/xds/ads.go localityFromProxyLabels.
 */
export function localityOfProxy(labels: Labels): Locality {
  const [region, zone, subzone] = [labels[REGION_LABEL], labels[ZONE_LABEL], labels[SUBZONE_LABEL]];
  if (region === undefined && zone === undefined && subzone === undefined) {
    return parseLocality(labels['topology.istio.io/locality'] ?? labels['istio-locality'] ?? '');
  }
  return { region: region ?? '', zone: zone ?? '', subzone: subzone ?? '' };
}

/** Where a workload is. */
export interface EndpointPlace {
  /** `region/zone/subzone`. */
  readonly locality: string;
  readonly nodeName: string;
  readonly clusterId: string;
  readonly network: string;
}

/** Labels with those of the workload's place added; istio pilot/pkg/serviceregistry/util/label AugmentLabels. */
export function withPlaceLabels(labels: Labels, { locality, nodeName, clusterId, network }: EndpointPlace): Labels {
  const { region, zone, subzone } = parseLocality(locality);
  return {
    ...labels,
    ...(region !== '' && { [REGION_LABEL]: region }),
    ...(zone !== '' && { [ZONE_LABEL]: zone }),
    ...(subzone !== '' && { [SUBZONE_LABEL]: subzone }),
    [CLUSTER_LABEL]: clusterId,
    ...(nodeName !== '' && { [NODE_LABEL]: nodeName }),
    ...(network !== '' && !labels[NETWORK_LABEL] && { [NETWORK_LABEL]: network }),
  };
}

/** Whether a locality is one that a rule names: `region/zone/subzone` with `*` or nothing for any; istio LocalityMatch. */
export function localityMatches(locality: Locality, rule: string): boolean {
  const { region, zone, subzone } = parseLocality(rule);
  return (
    (region === '*' || locality.region === region) &&
    (zone === '*' || zone === '' || locality.zone === zone) &&
    (subzone === '*' || subzone === '' || locality.subzone === subzone)
  );
}

/** How far a locality is: 0 the same, 1 another subzone, 2 another zone, 3 another region; istio LbPriority. */
export function localityDistance(from: Locality, to: Locality): 0 | 1 | 2 | 3 {
  if (from.region !== to.region) return 3;
  if (from.zone !== to.zone) return 2;
  return from.subzone === to.subzone ? 0 : 1;
}
