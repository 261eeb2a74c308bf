import type {
  HTTPFaultInjection,
  HTTPMatchRequest,
  HTTPRoute,
  StringMatch,
  TCPRoute,
  VirtualService,
} from '../../api/istio.gen.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import type { Resource } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { type DescribeContext, indent, shortName } from './context.ts';
import type { Subsets } from './destination-rule.ts';

/** The service and pods that a VirtualService is looked at from. */
export interface RouteTarget {
  readonly hostname: string;
  readonly subsets: Subsets;
  /** Name of the DestinationRule that defines the subsets. */
  readonly destinationRule: string | undefined;
}

interface RouteFacts {
  readonly matches: boolean;
  readonly facts: readonly string[];
}

/** A VirtualService: which of its routes lead to the service (and a subset of the pods), and why others do not; istioctl printVirtualService. */
export function describeVirtualService(
  context: DescribeContext,
  resource: Resource<VirtualService>,
  target: RouteTarget,
): readonly string[] {
  const { http = [], tls = [], tcp = [] } = resource.spec;
  const isTarget = (host = ''): boolean =>
    expandShortName(host, resource.namespace, context.mesh.domainSuffix) === target.hostname;
  const routes = [...http.map((route) => httpFacts(route, target, isTarget)), ...tcp.map((route) => tcpFacts(route, isTarget))];
  const matching = routes.filter(({ matches }) => matches);
  const facts = matching.flatMap((route) => route.facts);
  const misses = routes.filter(({ matches }) => !matches).flatMap((route) => route.facts);
  const possible = http.length + tls.length + tcp.length;
  const lines = (): readonly string[] => {
    if (matching.length === 0) {
      return [
        ...(http.length > 0 ? [`WARNING: No destinations match pod subsets (checked ${http.length} HTTP routes)`] : []),
        ...(tcp.length > 0 ? [`WARNING: No destinations match pod subsets (checked ${tcp.length} TCP routes)`] : []),
        ...indent(3, misses),
      ];
    }
    const warnings = misses.filter((miss) => miss.startsWith('Warning: '));
    if (matching.length < possible) {
      const away = `${possible - matching.length} additional destination(s) that will not reach this pod`;
      return [...facts, away, ...indent(3, facts.length === 0 ? misses : warnings)];
    }
    if (facts.length > 0) return facts;
    return [
      ...(http.length > 0 ? [`${http.length} HTTP route(s)`] : []),
      ...(tcp.length > 0 ? [`${tcp.length} TCP route(s)`] : []),
    ];
  };
  return [`VirtualService: ${shortName(context, resource)}`, ...indent(3, lines())];
}

function httpFacts(
  route: HTTPRoute,
  { subsets, destinationRule }: RouteTarget,
  isTarget: (host?: string) => boolean,
): RouteFacts {
  const facts: string[] = [];
  const misses: string[] = [];
  let matches = false;
  for (const { destination, weight = 0 } of route.route ?? []) {
    const { host = '', subset = '' } = destination ?? {};
    if (!isTarget(host)) {
      // A destination elsewhere says something only beside one that is here.
      facts.push(
        subset === ''
          ? `Route to host "${host}" with weight ${weight}%`
          : `Route to host "${host}" subset "${subset}" with weight ${weight}%`,
      );
    } else if (subset !== '' && subsets.others.includes(subset)) {
      misses.push(`Route to non-matching subset ${subset} for (${describeMatches(route.match)})`);
    } else if (subset !== '' && !subsets.matching.includes(subset)) {
      misses.push(
        destinationRule === undefined
          ? `Warning: Route to subset ${subset} but NO DESTINATION RULE defining subsets!`
          : `Warning: Route to UNKNOWN subset ${subset}; check DestinationRule ${destinationRule}`,
      );
    } else {
      matches = true;
      if (weight > 0) facts.push(`Route to host "${host}"${subset === '' ? '' : ` subset "${subset}"`} with weight ${weight}%`);
    }
  }
  if (!matches) return { matches, facts: [...facts, ...misses] };
  const conditions = [
    ...(route.fault ? [`Fault injection ${describeFault(route.fault)}`] : []),
    ...(route.match ?? []).map(describeMatch),
  ];
  return { matches, facts: conditions.length > 0 ? [...facts, conditions.join(', ')] : facts };
}

function tcpFacts({ route = [], match = [] }: TCPRoute, isTarget: (host?: string) => boolean): RouteFacts {
  const matches = route.some(({ destination }) => isTarget(destination?.host));
  return {
    matches,
    facts: matches ? match.map(({ port }) => (port === undefined ? 'Match: everything' : `Match: port ${port}`)) : [],
  };
}

function describeFault({ delay, abort }: HTTPFaultInjection): string {
  const share = (percent: number | undefined): string => ` for ${percent ?? 100}%`;
  return [
    ...(delay ? [`delay ${delay.fixedDelay ?? ''}${share(delay.percentage?.value ?? delay.percent)}`] : []),
    ...(abort ? [`abort ${abort.httpStatus ?? abort.grpcStatus ?? ''}${share(abort.percentage?.value)}`] : []),
  ].join(', ');
}

function describeMatches(matches: readonly HTTPMatchRequest[] = []): string {
  return matches.length === 0 ? 'everything' : matches.map(describeMatch).join(', ');
}

function describeMatch({ uri, ignoreUriCase, headers = {} }: HTTPMatchRequest): string {
  const conditions = Object.keys(headers)
    .sort()
    .map((name) => `${name}=${describeText(own(headers, name))}`);
  const path = uri === undefined ? '' : `${describeText(uri)}${ignoreUriCase ? ' uncased' : ''}`;
  return `Match: ${path}${conditions.length > 0 ? ` when headers are ${conditions.join('; ')}` : ''}`.trimEnd();
}

function describeText({ exact, prefix, regex }: StringMatch = {}): string {
  if (exact !== undefined) return exact;
  if (prefix !== undefined) return `${prefix}*`;
  return regex === undefined ? '' : `regex:"${regex}"`;
}
