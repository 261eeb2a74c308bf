import { any } from '../../envoy/any.ts';
import type { Any, CidrRange, XdsMatcher, XdsMatcherOnMatch, XdsTypedExtensionConfig } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { CONNECT_AUTHORITY, REQUEST_SOURCE } from '../http-filters/tunnel.ts';
import { plainHttpProtocols } from './filter-chain.ts';

/** Trees that choose among the filter chains of a listener; istio core/match/match.go. */

/** The chain of a name. */
export function toChain(name: string): XdsMatcherOnMatch {
  return { action: { name, typedConfig: any('type.googleapis.com/google.protobuf.StringValue', { value: name }) } };
}

/** One chain for what turns out to be HTTP, and one for all else. */
export function byContent(chains: { readonly tcp: string; readonly http: string }, behaviours: Behaviours): XdsMatcherOnMatch {
  const protocols = plainHttpProtocols(behaviours).map((protocol) => [`'${protocol}'`, toChain(chains.http)] as const);
  return { matcher: { ...exactly(applicationProtocol, protocols), onNoMatch: toChain(chains.tcp) } };
}

/** By the port that a connection is for. */
export function byPort(ports: readonly (readonly [port: number, onMatch: XdsMatcherOnMatch])[]): XdsMatcherOnMatch {
  return {
    matcher: exactly(
      destinationPort,
      ports.map(([port, onMatch]) => [String(port), onMatch]),
    ),
  };
}

/** By the host and port that the tunnel was asked for; what is for none of these, another matcher decides. */
export function byAuthority(
  authorities: readonly (readonly [authority: string, onMatch: XdsMatcherOnMatch])[],
  otherwise: XdsMatcher,
): XdsMatcher {
  if (authorities.length === 0) return otherwise;
  return { ...exactly(stateInput('authority-filter-state', CONNECT_AUTHORITY), authorities), onNoMatch: { matcher: otherwise } };
}

/** By what kind of proxy sent a connection to a gateway between networks, as far as it says so; `otherwise` is the chain for others. */
export function bySource(
  sources: readonly (readonly [source: 'gateway' | 'waypoint', chain: string])[],
  otherwise: string,
): XdsMatcherOnMatch {
  const branches = sources.map(([source, chain]) => [source, toChain(chain)] as const);
  return {
    matcher: {
      ...exactly(stateInput('request-source-filter-state', REQUEST_SOURCE), branches),
      onNoMatch: toChain(otherwise),
    },
  };
}

/** What is for some addresses. */
export interface AddressBranch {
  readonly ranges: readonly CidrRange[];
  readonly onMatch: XdsMatcherOnMatch;
}

/** By the address that a connection is for; of overlapping ranges the narrower counts. */
export function byAddress(branches: readonly AddressBranch[]): XdsMatcher {
  const rangeMatchers = branches.map(({ ranges, onMatch }) => ({ ...(ranges.length > 0 && { ranges }), onMatch }));
  const matcher = any('type.googleapis.com/xds.type.matcher.v3.IPMatcher', rangeMatchers.length > 0 ? { rangeMatchers } : {});
  return { matcherTree: { input: destinationAddress, customMatch: { name: 'ip', typedConfig: matcher } } };
}

function exactly(
  input: XdsTypedExtensionConfig,
  branches: readonly (readonly [value: string, onMatch: XdsMatcherOnMatch])[],
): XdsMatcher {
  return { matcherTree: { input, exactMatchMap: { map: Object.fromEntries(branches) } } };
}

const applicationProtocol = networkInput('application-protocol', 'ApplicationProtocolInput');
const destinationPort = networkInput('port', 'DestinationPortInput');
const destinationAddress = networkInput('ip', 'DestinationIPInput');

function stateInput(name: string, key: string): XdsTypedExtensionConfig {
  return {
    name,
    typedConfig: any('type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.FilterStateInput', { key }),
  };
}

function networkInput(
  name: string,
  message: 'ApplicationProtocolInput' | 'DestinationPortInput' | 'DestinationIPInput',
): XdsTypedExtensionConfig {
  const typedConfig: Any = any(`type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.${message}`, {});
  return { name, typedConfig };
}
