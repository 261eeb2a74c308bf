import type { Locality, LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import { parseLocality } from '../../model/registry/locality.ts';
import type { Endpoint, Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { compareText } from '../../util/text.ts';
import { buildLbEndpoint, type MetadataSharer, type Reached } from './lb-endpoint.ts';
import type { LocalityGroup } from './locality-balance.ts';

/** A locality with the whole of what is known of its endpoints. */
export interface EndpointGroup extends LocalityGroup {
  readonly endpoints: readonly Endpoint[];
}

/**
 * The endpoints by locality, localities in the order of their names. `reached` tells how the client gets to an endpoint.
 * As istio pilot/pkg/xds/endpoints EndpointBuilder.generate.
 */
export function groupByLocality(
  service: Service,
  endpoints: readonly Endpoint[],
  reached: (endpoint: Endpoint) => Reached,
  behaviours: Behaviours,
  share: MetadataSharer,
): readonly EndpointGroup[] {
  const byLabel = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const list = byLabel.get(endpoint.localityLabel);
    if (list === undefined) byLabel.set(endpoint.localityLabel, [endpoint]);
    else list.push(endpoint);
  }
  return [...byLabel]
    .sort(([a], [b]) => compareText(a, b))
    .map(([label, members]) => {
      const lbEndpoints = members.map((endpoint) => buildLbEndpoint(endpoint, reached(endpoint), service, behaviours, share));
      const value = { locality: envoyLocality(label), lbEndpoints, ...groupWeight(lbEndpoints) };
      return { endpoints: members, value: withOrigin(value, service.resource) };
    });
}

/** A group with other endpoints; where none is left, its weight goes too. As istio LocalityEndpoints.refreshWeight. */
export function withEndpoints(
  group: EndpointGroup,
  endpoints: EndpointGroup['endpoints'],
  lbEndpoints: NonNullable<LocalityLbEndpoints['lbEndpoints']>,
): EndpointGroup {
  const { lbEndpoints: _, loadBalancingWeight: __, ...rest } = group.value;
  const value = lbEndpoints.length === 0 ? rest : { ...rest, lbEndpoints, ...groupWeight(lbEndpoints) };
  return { endpoints, value };
}

/** The group without the endpoints that take plain text: an SNI passthrough gateway cannot tell what it forwards. */
export function onlyMutualTls(group: EndpointGroup): EndpointGroup {
  const kept = (group.value.lbEndpoints ?? []).flatMap((lbEndpoint, index) => {
    const endpoint = group.endpoints[index];
    return endpoint !== undefined && takesMutualTls(lbEndpoint) ? [{ endpoint, lbEndpoint }] : [];
  });
  return withEndpoints(
    group,
    kept.map(({ endpoint }) => endpoint),
    kept.map(({ lbEndpoint }) => lbEndpoint),
  );
}

/** Whether clients speak Istio's mutual TLS to an endpoint, as its metadata tells clusters. */
export function takesMutualTls(endpoint: NonNullable<LocalityLbEndpoints['lbEndpoints']>[number]): boolean {
  return endpoint.metadata?.filterMetadata?.['envoy.transport_socket_match']?.tlsMode === 'istio';
}

const MAX_WEIGHT = 0xffffffff;

function groupWeight(endpoints: NonNullable<LocalityLbEndpoints['lbEndpoints']>): { loadBalancingWeight: number } {
  const sum = endpoints.reduce((total, { loadBalancingWeight = 0 }) => total + loadBalancingWeight, 0);
  return { loadBalancingWeight: Math.min(sum, MAX_WEIGHT) };
}

function envoyLocality(label: string): Locality {
  const { region, zone, subzone } = parseLocality(label);
  return compact({ region: region || undefined, zone: zone || undefined, subZone: subzone || undefined });
}
