import type { ConnectionSecurity, Fact } from '../../trace/step.ts';
import { assertNever } from '../../util/assert.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { readonly kind: Kind }>;

/** What ztunnel did with a connection. */
export function ztunnelWords(fact: FactOf<'ztunnel'>): string {
  switch (fact.event) {
    case 'takes the connection':
      return `takes the connection to ${fact.destination}`;
    case 'takes plain text':
      return `takes the connection to ${fact.destination}, which comes without a tunnel: nobody knows the identity of the client`;
    case 'finds the service':
      return `the address is that of this service, port ${fact.port}`;
    case 'no endpoint':
      return `no endpoint of port ${fact.port} is healthy: the connection is closed`;
    case 'no such port':
      return `the service has no port ${fact.port}: the connection is closed`;
    case 'goes to the waypoint':
      return `the waypoint of the ${fact.of} takes the connection`;
    case 'no waypoint':
      return fact.because === 'unknown'
        ? `the ${fact.of} has this waypoint, and nobody knows it: the connection is closed`
        : `the ${fact.of} has this waypoint, and none of its pods is healthy: the connection is closed`;
    case 'passes through':
      return fact.because === 'unknown'
        ? 'neither service nor workload has the address: passed through as it is'
        : 'the service leaves the choice to the client: passed through as it is';
    case 'sends plainly':
      return 'the workload takes no tunnels: sent as it is, without mutual TLS';
    case 'opens a tunnel':
      return `tunnel (HBONE) for ${fact.target}, as ${fact.identity}`;
    case 'no tunnel':
      return `no tunnel, the connection is closed: ${fact.reason}`;
    case 'takes no tunnel':
      return `only tunnels end on this port: ${fact.reason}`;
    case 'takes the tunnel':
      return `takes the tunnel for ${fact.target} of ${fact.identity}`;
    case 'no address':
      return 'the workload has no address: the connection is closed';
    case 'not meant for it':
      return 'the tunnel is for somebody else: 400';
    case 'own port':
      return `nobody may come to port ${fact.port}, which is ztunnel's own`;
    case 'opens two tunnels':
      return `the endpoint is on network ${fact.network}, of which this is the gateway: a tunnel (HBONE) to it and in that another one, both for ${fact.target}, as ${fact.identity}`;
    case 'no network gateway':
      return `the endpoint is on this other network, ${gatewayWords[fact.because]}: the connection is closed`;
    default:
      return assertNever(fact);
  }
}

/** Why no gateway of a network is reached. */
const gatewayWords = {
  none: 'of which ztunnel knows no gateway (a Gateway of class istio-remote with its label topology.istio.io/network)',
  unknown: 'whose gateway has a name that nobody knows',
  'no endpoint': 'whose gateway has no endpoint that is healthy',
} as const;

/** Why ztunnel closes a connection, in few words; undefined for what does not end it. */
export function shortWords(fact: FactOf<'ztunnel'>): string | undefined {
  switch (fact.event) {
    case 'no endpoint':
      return `no endpoint of ${fact.name} is healthy`;
    case 'no such port':
      return `${fact.name} has no port ${fact.port}`;
    case 'no waypoint':
      return `waypoint ${fact.name} ${fact.because === 'unknown' ? 'is not known' : 'has no pod that is ready'}`;
    case 'no address':
      return `${fact.name} has no address`;
    case 'no network gateway':
      return `no gateway leads to network ${fact.name}`;
    case 'no tunnel':
      return `no tunnel to ${fact.name}`;
    case 'own port':
      return `port ${fact.port} is ztunnel's own`;
    case 'takes the connection':
    case 'takes plain text':
    case 'finds the service':
    case 'goes to the waypoint':
    case 'passes through':
    case 'sends plainly':
    case 'opens a tunnel':
    case 'opens two tunnels':
    case 'takes the tunnel':
    case 'takes no tunnel':
    case 'not meant for it':
      return undefined;
    default:
      return assertNever(fact);
  }
}

/** What became of a tunnel that Envoy opens or ends. */
export function tunnelWords(fact: FactOf<'tunnel'>): string {
  switch (fact.event) {
    case 'opens':
      return `tunnel (HBONE) for ${fact.target}, ${securityWords(fact.security)}`;
    case 'ends':
      return `the tunnel for ${fact.target} ends, what is in it goes on inside of the proxy`;
    case 'fails':
      return `no tunnel, the connection is closed: ${fact.reason}`;
    default:
      return assertNever(fact);
  }
}

/** How a connection of a proxy is secured. */
export function securityWords({ hasProxyProtocol, isInternal, tls }: ConnectionSecurity): string {
  const words = [
    ...(hasProxyProtocol ? ['PROXY protocol'] : []),
    ...(isInternal === true ? ['through a tunnel'] : []),
    ...(tls === undefined
      ? isInternal === true
        ? []
        : ['plain text']
      : [
          tls.isMutual ? 'mutual TLS' : 'TLS',
          tls.serverName === '' ? 'without server name' : `server name ${tls.serverName}`,
          ...(tls.applicationProtocols.length === 0 ? [] : [`protocols ${tls.applicationProtocols.join(', ')}`]),
        ]),
  ];
  return words.join(', ');
}
