import type { L4MatchAttributes, TCPRoute, TLSMatchAttributes, TLSRoute, VirtualService } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { hostCovers, hostsOverlap } from '../model/traffic/host.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { checkDestinations } from './destination.ts';
import { error, errorIf, errorsOf, type Findings, quote, warning } from './finding.ts';
import { isClaimHeader } from './headers.ts';
import { gatewayNameProblem, subnetProblem, wildcardNameProblem } from './hosts.ts';
import { checkHttpRoute } from './http-route.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkPort } from './numbers.ts';
import { checkExportTo, checkGatewayNames } from './references.ts';
import { checkReachability } from './route-reachability.ts';

/** Marks what istiod made of a route of the Gateway API, which may do more. */
const CONVERTED = 'internal.istio.io/route-semantics';

/** A VirtualService; istio pkg/config/validation/validation.go ValidateVirtualService. */
export function* checkVirtualService({ spec, namespace, annotations }: ResourceOf<'VirtualService'>): Findings {
  const { hosts = [], gateways = [], http = [], tcp = [], tls = [] } = spec;
  const isConverted = annotations[CONVERTED] === 'gateway';
  const isDelegate = hosts.length === 0;
  if (isDelegate) yield* checkDelegate(spec);
  yield* checkGatewayNames(['spec', 'gateways'], gateways, isConverted);
  const isBound = gateways.length > 0 && !gateways.includes('mesh');
  if (!isBound) yield* checkClaimRoutes(spec);
  yield* checkHosts(spec, isBound);
  if (http.length === 0 && tcp.length === 0 && tls.length === 0)
    yield error(['spec'], 'http, tcp or tls must be provided in virtual service');
  for (const [index, route] of http.entries()) yield* checkHttpRoute(['spec', 'http', index], route, { isDelegate, isConverted });
  for (const [index, route] of tls.entries()) yield* checkTlsRoute(['spec', 'tls', index], route, spec, isConverted);
  for (const [index, route] of tcp.entries()) yield* errorsOf(checkTcpRoute(['spec', 'tcp', index], route, isConverted));
  yield* checkExportTo(spec.exportTo, namespace, 'plain');
  yield* checkReachability(spec);
}

/** Without hosts, it is taken for one to which others delegate. */
function* checkDelegate({ gateways = [], tls = [], tcp = [] }: VirtualService): Findings {
  const rule = 'delegate virtual service must have no';
  if (gateways.length > 0) yield error(['spec', 'gateways'], `${rule} gateways specified`);
  if (tls.length > 0) yield error(['spec', 'tls'], `${rule} tls route specified`);
  if (tcp.length > 0) yield error(['spec', 'tcp'], `${rule} tcp route specified`);
}

/** Only gateways see the claims of tokens when they choose a route. */
function* checkClaimRoutes({ http = [], gateways = [] }: VirtualService): Findings {
  for (const [index, { match = [] }] of http.entries()) {
    for (const [ordinal, request] of match.entries()) {
      for (const field of ['headers', 'withoutHeaders'] as const) {
        for (const key of Object.keys(request[field] ?? {}).filter(isClaimHeader))
          yield error(
            ['spec', 'http', index, 'match', ordinal, field, key],
            `JWT claim based routing (key: ${key}) is only supported for gateway, found no gateways: [${gateways.join(' ')}]`,
          );
      }
    }
  }
}

function matchesSni({ tls = [] }: VirtualService): boolean {
  return tls.some(({ match = [] }) => match.some(({ sniHosts = [] }) => sniHosts.length > 0));
}

/** `isBound`: to gateways only, not to the mesh. */
function* checkHosts(spec: VirtualService, isBound: boolean): Findings {
  const { hosts = [] } = spec;
  let allValid = true;
  for (const [index, host] of hosts.entries()) {
    const problem = isBound ? gatewayNameProblem(matchesSni(spec), host) : wildcardNameProblem(host);
    if (problem === undefined && (isBound || host !== '*')) continue;
    if (problem !== undefined && isIpAddress(host)) continue;
    allValid = false;
    yield error(
      ['spec', 'hosts', index],
      problem ?? 'wildcard host * is not allowed for virtual services bound to the mesh gateway',
    );
  }
  if (!allValid) return;
  for (const [index, host] of hosts.entries()) {
    for (const [further, other] of hosts.slice(index + 1).entries()) {
      if (hostsOverlap(host, other))
        yield error(['spec', 'hosts', index + 1 + further], `duplicate hosts in virtual service: ${host} & ${other}`);
    }
  }
}

function* checkTlsRoute(path: Path, route: TLSRoute, spec: VirtualService, isConverted: boolean): Findings {
  const { match = [], route: destinations = [] } = route;
  if (match.length === 0) yield error([...path, 'match'], 'TLS route must have at least one match condition');
  for (const [index, attributes] of match.entries()) yield* checkTlsMatch([...path, 'match', index], attributes, spec);
  if (destinations.length === 0) yield error([...path, 'route'], 'TLS route is required');
  yield* checkDestinations([...path, 'route'], destinations, isConverted);
}

function* checkTlsMatch(path: Path, match: TLSMatchAttributes, spec: VirtualService): Findings {
  const { sniHosts = [] } = match;
  if (sniHosts.length === 0) yield error([...path, 'sniHosts'], 'TLS match must have at least one SNI host');
  for (const [index, host] of sniHosts.entries()) yield* checkSniHost([...path, 'sniHosts', index], host, spec);
  yield* checkConnectionMatch(path, match);
}

function* checkSniHost(path: Path, sniHost: string, { hosts = [], gateways = [] }: VirtualService): Findings {
  const problem = gateways.includes('mesh') ? wildcardNameProblem(sniHost) : gatewayNameProblem(true, sniHost);
  if (problem !== undefined) {
    if (!isIpAddress(sniHost)) yield error(path, problem);
    else
      yield warning(path, `using an IP address (${quote(sniHost)}) goes against SNI spec and most clients do not support this`);
    return;
  }
  if (hosts.some((host) => hostCovers(host, sniHost))) return;
  const among = `[${hosts.join(', ')}]`;
  yield error(path, `SNI host ${quote(sniHost)} is not a compatible subset of any of the virtual service hosts: ${among}`);
}

function* checkTcpRoute(path: Path, { match = [], route = [] }: TCPRoute, isConverted: boolean): Findings {
  for (const [index, attributes] of match.entries()) yield* checkConnectionMatch([...path, 'match', index], attributes);
  if (route.length === 0) yield error([...path, 'route'], 'TCP route is required');
  yield* checkDestinations([...path, 'route'], route, isConverted);
}

/** What TLS and TCP routes match of a connection. */
function* checkConnectionMatch(path: Path, match: TLSMatchAttributes | L4MatchAttributes): Findings {
  for (const [index, subnet] of (match.destinationSubnets ?? []).entries())
    yield* errorIf([...path, 'destinationSubnets', index], subnetProblem(subnet));
  if ((match.port ?? 0) !== 0) yield* checkPort([...path, 'port'], match.port ?? 0);
  yield* checkWorkloadLabels([...path, 'sourceLabels'], match.sourceLabels);
  yield* checkGatewayNames([...path, 'gateways'], match.gateways);
}
