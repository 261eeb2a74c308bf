import type {
  LocalityLoadBalancerSetting,
  LocalityLoadBalancerSettingDistribute,
  ZoneAwareLoadBalancerSetting,
} from '../../api/istio.gen.ts';
import type { Locality as EnvoyLocality, LbEndpoint, LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import { localityDistance, localityMatches, NETWORK_LABEL } from '../../model/registry/locality.ts';
import type { Endpoint, Locality } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact, own } from '../../util/object.ts';

/** The endpoints of one locality: what Envoy gets, and the labels that each of them has. */
export interface LocalityGroup {
  readonly value: LocalityLbEndpoints;
  /** In the order of `value.lbEndpoints`. */
  readonly endpoints: readonly Pick<Endpoint, 'labels'>[];
}

/** The client for which localities are balanced. */
export interface LocalityClient {
  readonly locality: Locality;
  readonly label: (name: string) => string | undefined;
  readonly behaviours: Behaviours;
}

/**
 * The localities of a cluster with weights or priorities as the client sees them: distributed as a rule says, or by distance when
 * `failover` is on. `groups` are the localities whose endpoints can be told apart by label; they replace `localities` where
 * priorities go by label.
 * As istio pilot/pkg/networking/core/loadbalancer ApplyLocalityLoadBalancer.
 */
export function balanceLocalities(
  localities: readonly LocalityLbEndpoints[],
  groups: readonly LocalityGroup[],
  client: LocalityClient,
  setting: LocalityLoadBalancerSetting,
  failover: boolean,
): readonly LocalityLbEndpoints[] {
  if (setting.distribute !== undefined && setting.distribute.length > 0) {
    return distribute(localities, client.locality, setting.distribute);
  }
  if (!failover) return localities;
  const labels = setting.failoverPriority ?? [];
  const failovers = setting.failover ?? [];
  if (labels.length === 0) return byDistance(localities, client.locality, failovers);
  const byLabel = groups.length === 0 ? localities : byLabels(groups, client, labels);
  return failovers.length === 0 ? byLabel : byDistance(byLabel, client.locality, failovers);
}

/**
 * The localities of a cluster whose traffic Envoy keeps to zones: those of the client's region first, then the region that takes over,
 * then all others; labels decide before that. As istio pilot/pkg/networking/core/loadbalancer ApplyZoneAwareLoadBalancer.
 */
export function balanceRegions(
  localities: readonly LocalityLbEndpoints[],
  groups: readonly LocalityGroup[],
  client: LocalityClient,
  { failover = [], failoverPriority = [] }: ZoneAwareLoadBalancerSetting,
): readonly LocalityLbEndpoints[] {
  const byLabel = failoverPriority.length === 0 || groups.length === 0 ? localities : byLabels(groups, client, failoverPriority);
  const { region } = client.locality;
  const next = failover.find(({ from = '' }) => from === region);
  const ranks = byLabel.map(({ locality, priority = 0 }) => {
    const other = placeOf(locality).region;
    // Three ranks fit between two priorities that labels have given.
    return priority * 3 + (other === region ? 0 : next !== undefined && other === (next.to ?? '') ? 1 : 2);
  });
  return withPriorities(byLabel, ranks);
}

/** Gives localities the weights of the first distribution for the client's locality, and empties those it does not name. */
function distribute(
  localities: readonly LocalityLbEndpoints[],
  from: Locality,
  distributions: readonly LocalityLoadBalancerSettingDistribute[],
): readonly LocalityLbEndpoints[] {
  const chosen = distributions.find((distribution) => localityMatches(from, distribution.from ?? ''));
  if (chosen === undefined) return localities;
  const weights = new Map<LocalityLbEndpoints, number | undefined>();
  for (const [rule, weight] of Object.entries(chosen.to ?? {})) {
    const matched = localities.filter(
      (candidate) => !weights.has(candidate) && localityMatches(placeOf(candidate.locality), rule),
    );
    const total = matched.reduce((sum, { loadBalancingWeight = 1 }) => sum + loadBalancingWeight, 0);
    // Localities that one rule covers share its weight by their own.
    for (const candidate of matched) {
      const share = ((candidate.loadBalancingWeight ?? 1) * weight) / total;
      weights.set(candidate, share > 0 ? Math.ceil(share) : candidate.loadBalancingWeight);
    }
  }
  return localities.map((candidate) => {
    if (weights.has(candidate)) return compact({ ...candidate, loadBalancingWeight: weights.get(candidate) });
    const { lbEndpoints: _, ...emptied } = candidate;
    return emptied;
  });
}

/** Gives localities priorities by their distance; a failover names the region that comes before other regions. */
function byDistance(
  localities: readonly LocalityLbEndpoints[],
  from: Locality,
  failovers: readonly { readonly from?: string; readonly to?: string }[],
): readonly LocalityLbEndpoints[] {
  const ranks = localities.map((candidate) => {
    const to = placeOf(candidate.locality);
    const distance = localityDistance(from, to);
    const failover = distance === 3 ? failovers.find((candidate) => (candidate.from ?? '') === from.region) : undefined;
    const rank = failover !== undefined && to.region !== (failover.to ?? '') ? 4 : distance;
    // Five ranks fit between two priorities that labels have given.
    return (candidate.priority ?? 0) * 5 + rank;
  });
  return withPriorities(localities, ranks);
}

/** Splits localities by how many of the labels their endpoints share with the client; the first that differs decides. */
function byLabels(
  groups: readonly LocalityGroup[],
  { label, behaviours }: Pick<LocalityClient, 'label' | 'behaviours'>,
  priorities: readonly string[],
): readonly LocalityLbEndpoints[] {
  const wanted = priorities.map((text): readonly [string, string] => {
    const [name = '', value, ...rest] = text.split('=');
    return [name, value !== undefined && rest.length === 0 ? value : (label(name) ?? '')];
  });
  const prefersNetwork = behaviours.prefersNetworks && priorities[0] === NETWORK_LABEL;
  const rankOf = (endpoint: Pick<Endpoint, 'labels'>): number => {
    const differs = ([label, value]: readonly [string, string]): boolean => value !== (own(endpoint.labels, label) ?? '');
    // All of another network come after all of this one, ordered by the other labels among themselves.
    const [network, ...others] = wanted;
    const isFar = prefersNetwork && network !== undefined && differs(network);
    const differing = isFar ? others.findIndex(differs) + 1 || -1 : wanted.findIndex(differs);
    return (differing < 0 ? 0 : wanted.length - differing) + (isFar ? wanted.length : 0);
  };
  const parts = groups.flatMap(({ value, endpoints }) => splitByRank(value, endpoints.map(rankOf)));
  return withPriorities(
    parts.map(({ value }) => value),
    parts.map(({ rank }) => rank),
  );
}

function splitByRank(value: LocalityLbEndpoints, ranks: readonly number[]): { value: LocalityLbEndpoints; rank: number }[] {
  const byRank = new Map<number, LbEndpoint[]>();
  for (const [index, endpoint] of (value.lbEndpoints ?? []).entries()) {
    const rank = ranks[index] ?? 0;
    const list = byRank.get(rank);
    if (list === undefined) byRank.set(rank, [endpoint]);
    else list.push(endpoint);
  }
  return [...byRank]
    .sort(([a], [b]) => a - b)
    .map(([rank, lbEndpoints]) => {
      const weight = lbEndpoints.reduce((sum, { loadBalancingWeight = 0 }) => sum + loadBalancingWeight, 0);
      return { rank, value: { ...value, lbEndpoints, loadBalancingWeight: weight } };
    });
}

/** Priorities are the ranks without gaps; the highest, 0, is not written. */
function withPriorities(localities: readonly LocalityLbEndpoints[], ranks: readonly number[]): readonly LocalityLbEndpoints[] {
  const order = [...new Set(ranks)].sort((a, b) => a - b);
  return localities.map((candidate, index) => {
    const priority = order.indexOf(ranks[index] ?? 0);
    return compact({ ...candidate, priority: priority > 0 ? priority : undefined });
  });
}

function placeOf(locality: EnvoyLocality | undefined): Locality {
  return { region: locality?.region ?? '', zone: locality?.zone ?? '', subzone: locality?.subZone ?? '' };
}
