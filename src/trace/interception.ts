import { cidrContains, isIpv6Text } from '../util/ip-address.ts';
import { own } from '../util/object.ts';
import type { Interception, TracePod } from './pod.ts';

/** Why the rules of a pod leave a connection alone. */
export type LeftAlone = 'IPv6' | 'annotations';

interface Destination {
  readonly ip: string;
  readonly port: number;
}

const PREFIX = 'traffic.sidecar.istio.io/';

/** What annotations leave to the pod; undefined where they say nothing of it. */
export function interceptionOf(annotations: Readonly<Record<string, string>>): Interception | undefined {
  const listOf = (name: string): readonly string[] | undefined =>
    own(annotations, `${PREFIX}${name}`)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const portsOf = (name: string): readonly number[] | undefined => listOf(name)?.map(Number);
  const unlessAll = <Part>(name: string, parts: readonly Part[] | undefined): readonly Part[] | undefined =>
    listOf(name)?.includes('*') ? undefined : parts;
  if (!Object.keys(annotations).some((name) => name.startsWith(PREFIX))) return undefined;
  return {
    includeInboundPorts: unlessAll('includeInboundPorts', portsOf('includeInboundPorts')),
    excludeInboundPorts: portsOf('excludeInboundPorts') ?? [],
    includeOutboundRanges: unlessAll('includeOutboundIPRanges', listOf('includeOutboundIPRanges')),
    excludeOutboundRanges: listOf('excludeOutboundIPRanges') ?? [],
    includeOutboundPorts: portsOf('includeOutboundPorts') ?? [],
    excludeOutboundPorts: portsOf('excludeOutboundPorts') ?? [],
  };
}

/** Why what arrives at a pod with a sidecar does not go through it; undefined where it does. */
export function leftAloneAtServer(pod: TracePod, { ip, port }: Destination): LeftAlone | undefined {
  if (isOfOtherFamily(pod, ip)) return 'IPv6';
  const { includeInboundPorts, excludeInboundPorts = [] } = pod.interception ?? {};
  const isLed = includeInboundPorts === undefined ? !excludeInboundPorts.includes(port) : includeInboundPorts.includes(port);
  return isLed ? undefined : 'annotations';
}

/** Why what the application of a pod with a sidecar opens does not go through it; undefined where it does. */
export function leftAloneAtClient(pod: TracePod, { ip, port }: Destination): LeftAlone | undefined {
  if (isOfOtherFamily(pod, ip)) return 'IPv6';
  if (pod.interception === undefined) return undefined;
  const { includeOutboundRanges, excludeOutboundRanges, includeOutboundPorts, excludeOutboundPorts } = pod.interception;
  const isIn = (ranges: readonly string[]): boolean => ranges.some((range) => cidrContains(range, ip));
  if (excludeOutboundPorts.includes(port) || isIn(excludeOutboundRanges)) return 'annotations';
  const isLed = includeOutboundPorts.includes(port) || includeOutboundRanges === undefined || isIn(includeOutboundRanges);
  return isLed ? undefined : 'annotations';
}

/** Why what the proxy of a pod sends to that pod does not come back to it; undefined where it does. */
export function leftAloneOnReturn(pod: TracePod, { ip, port }: Destination): LeftAlone | undefined {
  if (isOfOtherFamily(pod, ip)) return 'IPv6';
  return pod.interception?.excludeOutboundPorts.includes(port) === true ? 'annotations' : undefined;
}

function isOfOtherFamily({ isIpv6Intercepted }: TracePod, ip: string): boolean {
  return !isIpv6Intercepted && isIpv6Text(ip);
}
