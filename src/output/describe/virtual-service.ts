import type { HTTPFaultInjection, HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import type {
  DescribedDestination,
  DescribedRoute,
  DescribedVirtualService,
  NamespacedName,
} from '../../operations/describe/description.ts';
import { assertNever } from '../../util/assert.ts';
import { own } from '../../util/object.ts';

/** The name of a resource for people: `name`, or `name.namespace` outside the namespace at hand. */
export type NameWriter = (resource: NamespacedName) => string;

/** What is told of routes: facts of those that reach the pods; of others why they do not, with warnings among that. */
interface Told {
  readonly text: string;
  readonly isWarning: boolean;
}

/** The lines of a VirtualService, as istioctl's printVirtualService has them. */
export function virtualServiceLines(virtualService: DescribedVirtualService, write: NameWriter): readonly string[] {
  const lines = routeLines(virtualService, write);
  return [`VirtualService: ${write(virtualService)}`, ...lines.map((line) => `   ${line}`)];
}

function routeLines({ routes, tlsRoutes }: DescribedVirtualService, write: NameWriter): readonly string[] {
  const number = (protocol: DescribedRoute['protocol']): number => routes.filter((route) => route.protocol === protocol).length;
  const [http, tcp] = [number('http'), number('tcp')];
  const reaching = routes.filter(({ reaches }) => reaches);
  const facts = reaching.flatMap(factsOf);
  const misses = routes.filter(({ reaches }) => !reaches).flatMap((route) => missesOf(route, write));
  const textsOf = (told: readonly Told[]): readonly string[] => told.map(({ text }) => `   ${text}`);
  if (reaching.length === 0) {
    return [
      ...(http > 0 ? [`WARNING: No destinations match pod subsets (checked ${http} HTTP routes)`] : []),
      ...(tcp > 0 ? [`WARNING: No destinations match pod subsets (checked ${tcp} TCP routes)`] : []),
      ...textsOf(misses),
    ];
  }
  const away = routes.length + tlsRoutes - reaching.length;
  if (away > 0) {
    const shown = facts.length === 0 ? misses : misses.filter(({ isWarning }) => isWarning);
    return [...facts, `${away} additional destination(s) that will not reach this pod`, ...textsOf(shown)];
  }
  if (facts.length > 0) return facts;
  return [...(http > 0 ? [`${http} HTTP route(s)`] : []), ...(tcp > 0 ? [`${tcp} TCP route(s)`] : [])];
}

/** What a route that reaches the pods does. */
function factsOf(route: DescribedRoute): readonly string[] {
  if (route.protocol === 'tcp') {
    return route.matches.map(({ port }) => (port === undefined ? 'Match: everything' : `Match: port ${port}`));
  }
  const shares = route.destinations.filter(
    ({ leads, weight }) => leads.to === 'other-host' || (leads.to === 'pods' && weight > 0),
  );
  const conditions = [
    ...(route.fault ? [`Fault injection ${faultText(route.fault)}`] : []),
    ...route.matches.map((match) => matchText(match)),
  ];
  return [...shares.map(shareText), ...(conditions.length > 0 ? [conditions.join(', ')] : [])];
}

/** Why a route does not reach the pods: first where it leads in their place. */
function missesOf(route: DescribedRoute, write: NameWriter): readonly Told[] {
  if (route.protocol === 'tcp') return [];
  const elsewhere = route.destinations.filter(({ leads }) => leads.to === 'other-host');
  return [
    ...elsewhere.map((destination) => ({ text: shareText(destination), isWarning: false })),
    ...route.destinations.flatMap((destination) => missOf(destination, route.matches, write)),
  ];
}

function missOf(
  { subset, leads }: DescribedDestination,
  matches: readonly HTTPMatchRequest[],
  write: NameWriter,
): readonly Told[] {
  switch (leads.to) {
    case 'pods':
    case 'other-host':
      return [];
    case 'other-subset': {
      const when = matches.length === 0 ? 'everything' : matches.map(matchText).join(', ');
      return [{ text: `Route to non-matching subset ${subset} for (${when})`, isWarning: false }];
    }
    case 'subset-without-rule':
      return [{ text: `Warning: Route to subset ${subset} but NO DESTINATION RULE defining subsets!`, isWarning: true }];
    case 'unknown-subset':
      return [
        {
          text: `Warning: Route to UNKNOWN subset ${subset}; check DestinationRule ${write(leads.destinationRule)}`,
          isWarning: true,
        },
      ];
    default:
      return assertNever(leads);
  }
}

function shareText({ host, subset, weight }: DescribedDestination): string {
  return `Route to host "${host}"${subset === '' ? '' : ` subset "${subset}"`} with weight ${weight}%`;
}

function faultText({ delay, abort }: HTTPFaultInjection): string {
  const share = (percent: number | undefined): string => ` for ${percent ?? 100}%`;
  return [
    ...(delay ? [`delay ${delay.fixedDelay ?? ''}${share(delay.percentage?.value ?? delay.percent)}`] : []),
    ...(abort ? [`abort ${abort.httpStatus ?? abort.grpcStatus ?? ''}${share(abort.percentage?.value)}`] : []),
  ].join(', ');
}

function matchText({ uri, ignoreUriCase, headers = {} }: HTTPMatchRequest): string {
  const conditions = Object.keys(headers)
    .sort()
    .map((name) => `${name}=${stringMatchText(own(headers, name))}`);
  const path = uri === undefined ? '' : `${stringMatchText(uri)}${ignoreUriCase ? ' uncased' : ''}`;
  return `Match: ${path}${conditions.length > 0 ? ` when headers are ${conditions.join('; ')}` : ''}`.trimEnd();
}

function stringMatchText({ exact, prefix, regex }: StringMatch = {}): string {
  if (exact !== undefined) return exact;
  if (prefix !== undefined) return `${prefix}*`;
  return regex === undefined ? '' : `regex:"${regex}"`;
}
