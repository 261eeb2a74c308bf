import type { FilterChain, Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import { chainVerdicts } from '../../exploration/chain-verdicts.ts';
import type { ConnectionExample, UsualEnds, UsualEndsOf } from '../../exploration/chain-walk.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { CLIENT_PORT, STRANGER } from '../../trace/strangers.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { OUTSIDE, unknownAddress } from '../../workbench/addresses.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { looksIntoHttp, type WrittenLine } from './unmet-parts.ts';

/** A connection that a filter chain of a proxy takes. */
export interface ProxyConnection {
  /** The client: the pod of the proxy, or `outside` for what comes to the proxy. */
  readonly from: string;
  /** The address of the client, where it is another than clients have as a rule. */
  readonly source: string | undefined;
  readonly example: ConnectionExample;
}

/** The connection of an example at a listener of a pod's proxy. */
export function connectionAt(pod: TracePod, listener: Listener, example: ConnectionExample): ProxyConnection {
  const { ip, port } = example.source;
  const { from, ips } = clientOf(pod, listener);
  const isUsual = ips.includes(ip) && port === CLIENT_PORT;
  return { from, source: isUsual ? undefined : port === CLIENT_PORT ? ip : formatHostPort(ip, port), example };
}

/** Who connects to a listener of a pod's proxy as a rule. */
function clientOf(pod: TracePod, { trafficDirection }: Listener): { readonly from: string; readonly ips: readonly string[] } {
  return pod.proxy === 'sidecar' && trafficDirection === 'OUTBOUND'
    ? { from: podKey(pod), ips: pod.ips }
    : { from: OUTSIDE, ips: [STRANGER] };
}

/** The ends that connections to a listener of a pod's proxy have as a rule: what comes to the proxy is for the pod, other names are resolved. */
export function usualEndsAt(pod: TracePod, listener: Listener, { resolve }: Pick<Surroundings, 'resolve'>): UsualEndsOf {
  const { from, ips } = clientOf(pod, listener);
  return (serverName, port): UsualEnds => {
    const own = listener.address?.socketAddress?.address ?? '';
    const isBound = own !== '0.0.0.0' && own !== '::';
    if (from === OUTSIDE) return { sources: ips, destinations: [...(isBound ? [own] : []), ...pod.ips] };
    const found = serverName === '' ? undefined : resolve(serverName, port, pod);
    const named = found === undefined || 'unresolved' in found ? [] : [found.ip];
    return { sources: ips, destinations: [...named, unknownAddress(pod)] };
  };
}

/** For some filter chains of a pod's proxy lines with a connection that the chain takes, the likeliest first, as far as tables have words for it. */
export function linesForChains(
  pod: TracePod,
  surroundings: Surroundings,
  isAsked: (chain: FilterChain) => boolean,
): readonly (readonly WrittenLine[])[] {
  // Nothing is proven here, so what nobody knows may be as it is taken to be.
  const trust = { arePortsKnown: true, isKnownAddress: () => true };
  return (surroundings.dataPlane.snapshotOf(pod)?.listeners ?? []).flatMap((listener) => {
    const chains = chainsOf(listener);
    const verdicts = chainVerdicts(listener, trust, isAsked, usualEndsAt(pod, listener, surroundings));
    return verdicts.flatMap((verdict, place) => {
      const chain = chains[place];
      if (chain === undefined || verdict === undefined || !('witness' in verdict)) return [];
      return [linesOf(connectionAt(pod, listener, verdict.witness), chain)];
    });
  });
}

function linesOf({ from, source, example }: ProxyConnection, chain: FilterChain): readonly WrittenLine[] {
  const { destination, serverName, transportProtocol, applicationProtocols } = example;
  const common = {
    from,
    to: formatHostPort(destination.ip, destination.port),
    ...(serverName !== '' && { host: serverName }),
    ...(source !== undefined && { source }),
    expect: {},
  };
  const [protocol] = applicationProtocols;
  const isTls = transportProtocol === 'tls';
  const spoken = { scheme: isTls ? ('https' as const) : ('http' as const) };
  const opaque = { scheme: isTls ? ('tls' as const) : ('tcp' as const) };
  if (protocol === undefined) return [...(looksIntoHttp(chain) ? [spoken] : []), opaque].map((one) => ({ ...common, ...one }));
  if (protocol === 'http/1.1') return [{ ...common, ...spoken }];
  return protocol === (isTls ? 'h2' : 'h2c') ? [{ ...common, ...spoken, speaks: 'HTTP/2' }] : [];
}
