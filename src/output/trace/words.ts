import type { ConnectionFacts, Fact, HeaderChange } from '../../trace/step.ts';
import { assertNever } from '../../util/assert.ts';
import { securityWords, tunnelWords, ztunnelWords } from './tunnel-words.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { readonly kind: Kind }>;

/** What happened in a step of a trace, in words. */
export function wordsOf(fact: Fact): string {
  switch (fact.kind) {
    case 'listener': {
      const { destination, handedOverBy } = fact;
      return `takes the connection to ${destination}${handedOverBy === undefined ? '' : ` from ${handedOverBy}`}`;
    }
    case 'listener filter':
      return listenerFilterWords(fact);
    case 'filter chain':
      return filterChainWords(fact);
    case 'tls':
      return tlsWords(fact);
    case 'filter':
      return filterWords(fact);
    case 'policy':
      return policyWords(fact);
    case 'virtual host':
      return fact.event === 'chosen'
        ? `of ${fact.routeConfiguration}, by its domain ${fact.domain}`
        : `none is for ${fact.authority}`;
    case 'route':
      return routeWords(fact);
    case 'rewrite':
      return `${fact.event} ${fact.before} becomes ${fact.after}`;
    case 'headers':
      return fact.changes.map(headerWords).join('; ');
    case 'cluster':
      return clusterWords(fact);
    case 'endpoint':
      return endpointWords(fact);
    case 'mirror':
      return fact.event === 'copied' ? 'gets a copy, its answer is ignored' : 'there is no such cluster, nothing is mirrored';
    case 'retry':
      return `attempt ${fact.attempt} of ${fact.attempts} fails (${fact.details})`;
    case 'response':
      return responseWords(fact);
    case 'note':
      return noteWords(fact);
    case 'name':
      return nameWords(fact);
    case 'service':
      return serviceWords(fact);
    case 'ztunnel':
      return ztunnelWords(fact);
    case 'tunnel':
      return tunnelWords(fact);
    case 'server':
      return serverWords(fact);
    default:
      return assertNever(fact);
  }
}

function listenerFilterWords(fact: FactOf<'listener filter'>): string {
  switch (fact.event) {
    case 'off':
      return `off for port ${fact.port}`;
    case 'waits for the client':
      return `waits for the first bytes of the client, which waits for those of the server: ${fact.seconds === 0 ? 'for ever' : `for ${fact.seconds}s`}`;
    case 'finds TLS': {
      const { serverName, applicationProtocols } = fact;
      const protocols = applicationProtocols.length === 0 ? '' : `, protocols ${applicationProtocols.join(', ')}`;
      return `finds TLS${serverName === '' ? '' : ` for ${serverName}`}${protocols}`;
    }
    case 'finds HTTP':
      return `finds ${fact.version}`;
    case 'not simulated':
      return 'not simulated';
    default:
      return assertNever(fact);
  }
}

function filterChainWords(fact: FactOf<'filter chain'>): string {
  switch (fact.event) {
    case 'passed over':
      return `passed over: ${fact.condition}`;
    case 'none fits':
      return `none fits ${connectionWords(fact.connection)}: the connection is closed`;
    case 'fits':
      return `fits ${connectionWords(fact.connection)}`;
    case 'default':
      return 'the default one, no other fits';
    default:
      return assertNever(fact);
  }
}

function connectionWords({ port, isTls, serverName, applicationProtocols }: ConnectionFacts): string {
  const parts = [`port ${port}`, isTls ? 'TLS' : 'no TLS'];
  if (serverName !== '') parts.push(`server name ${serverName}`);
  if (applicationProtocols.length > 0) parts.push(`protocol ${applicationProtocols.join(' or ')}`);
  return parts.join(', ');
}

function tlsWords(fact: FactOf<'tls'>): string {
  switch (fact.event) {
    case 'client speaks none':
      return 'the chain demands TLS and the client speaks none';
    case 'secret missing':
      return `the proxy has no ${fact.secret}, which is not among the manifests: TLS is not established`;
    case 'client refuses':
      return `the client refuses the certificate: ${fact.reason}`;
    case 'proxy refuses':
      return fact.reason;
    case 'established':
      return fact.isMutual ? `mutual TLS with ${fact.identities.join(', ')}` : 'TLS, the client shows no certificate';
    default:
      return assertNever(fact);
  }
}

function filterWords(fact: FactOf<'filter'>): string {
  switch (fact.event) {
    case 'no upgrade over HTTP/2':
      return 'takes no upgrade over HTTP/2 (extended CONNECT): the connection is closed';
    case 'expects HTTP':
      return `expects HTTP and gets ${fact.got}`;
    case 'name not resolved':
      return `nobody knows the address of ${fact.host}`;
    case 'CORS policy not enforced':
      return 'the CORS policy is not enforced';
    case 'CORS preflight answered':
      return `answers the preflight: ${corsWords(fact)}`;
    case 'CORS origin checked':
      return corsWords(fact);
    case 'delay':
      return `delays the request by ${fact.seconds}s`;
    case 'abort':
      return `aborts the request with ${fact.httpStatus ?? `gRPC status ${fact.grpcStatus}`}`;
    case 'token refused':
      return `refuses the token: ${fact.problem}`;
    case 'token accepted':
      return `accepts the token of ${fact.issuers.join(', ')}`;
    case 'token absent':
      return 'no token: passes';
    case 'authorizer not asked':
      return 'no CUSTOM policy for this authorizer matches';
    case 'authorizer allows':
      return 'the authorizer allows the request';
    case 'authorizer denies':
      return `the authorizer denies the request with ${fact.status}`;
    case 'authorizer fails':
      if (fact.of === 'connection') return `the authorizer does not understand: ${fact.isAllowed ? 'allowed' : 'denied'}`;
      return `the authorizer fails: the request ${fact.isAllowed ? 'passes' : 'is denied'}`;
    case 'cluster by server name':
      return `takes the server name ${fact.serverName} for the cluster`;
    default:
      return assertNever(fact);
  }
}

function corsWords({ requestOrigin, isAllowed }: { readonly requestOrigin: string; readonly isAllowed: boolean }): string {
  return `origin ${requestOrigin} is ${isAllowed ? '' : 'not '}allowed`;
}

function policyWords({ event, of, action, isMatch, isAllowed, demands }: FactOf<'policy'>): string {
  if (demands !== undefined)
    return `PeerAuthentication asks for ${demands}, and the client comes without: the connection is closed`;
  if (event === 'would decide') {
    const would = isAllowed ? 'would allow' : 'would deny';
    return of === 'connection' ? `shadow rules: ${would}` : `shadow rules (${action}) match: ${would}`;
  }
  if (of === 'connection') {
    const end = isAllowed ? 'the connection passes' : 'the connection is closed';
    return `${isMatch ? `${action} matches` : `no policy of ${action} matches`}: ${end}`;
  }
  if (isMatch) return `${action} policy matches: ${isAllowed ? 'allowed' : 'denied'}`;
  return `no ${action} policy matches: ${isAllowed ? 'not denied' : 'denied'}`;
}

function routeWords(fact: FactOf<'route'>): string {
  switch (fact.event) {
    case 'chosen anew':
      return 'the route is chosen anew, with the claims of the token';
    case 'no configuration':
      return 'there is no route configuration';
    case 'passed over':
      return `passed over: ${fact.condition}`;
    case 'none matches':
      return 'no route matches';
    case 'matches':
      return 'matches';
    case 'weight':
      return `weight ${fact.weight} of ${fact.total}: ${fact.cluster}`;
    case 'limits': {
      const { timeout, retries } = fact;
      const again = retries === undefined ? 'no retries' : `up to ${retries.most} retries on ${retries.on}`;
      return `${timeout === undefined ? 'no timeout' : `timeout ${timeout}s`}, ${again}`;
    }
    default:
      return assertNever(fact);
  }
}

function headerWords({ operation, header, value }: HeaderChange): string {
  return operation === 'remove' ? `remove ${header}` : `${operation} ${header}: ${value}`;
}

function clusterWords(fact: FactOf<'cluster'>): string {
  switch (fact.event) {
    case 'missing':
      return `there is no such cluster${fact.status === undefined ? '' : `: ${fact.status}`}`;
    case 'takes the request':
      return fact.loadBalancing === undefined ? fact.type : `${fact.type}, ${fact.loadBalancing}`;
    case 'takes the connection':
      return 'takes the connection as it is (TCP)';
    default:
      return assertNever(fact);
  }
}

function endpointWords(fact: FactOf<'endpoint'>): string {
  if (fact.event === 'none') {
    return fact.of === 'connection' ? 'the cluster has no endpoint' : 'the cluster has no endpoint that can take the request';
  }
  const security = securityWords(fact.security);
  return fact.version === undefined ? security : `${security}, ${fact.version}`;
}

function responseWords(fact: FactOf<'response'>): string {
  switch (fact.event) {
    case 'redirect to TLS':
      return `demands TLS: redirects to ${fact.location}`;
    case 'redirect':
      return `redirects to ${fact.location} (${fact.status})`;
    case 'direct':
      return `answers ${fact.status} itself`;
    case 'timeout':
      return `no answer within the ${fact.seconds}s of the route`;
    case 'no upgrade':
      return `neither the connection manager nor the route allows the upgrade to ${fact.upgrade}: 403`;
    case 'no tunnel':
      return 'the servers know no CONNECT, so that there is no tunnel';
    case 'no connection':
      return `no connection: ${fact.reason}`;
    default:
      return assertNever(fact);
  }
}

function noteWords(fact: FactOf<'note'>): string {
  switch (fact.event) {
    case 'HTTP filter not simulated':
      return `this filter is not simulated${unknownWords(fact.does)}: the request passes`;
    case 'network filter not simulated':
      return 'this network filter is not simulated: taken to let the connection pass';
    case 'authorizer unknown':
      return fact.of === 'connection'
        ? 'an external authorizer decides; taken to allow'
        : 'an external authorizer decides, what it says is not known: taken to allow';
    case 'tunnel not simulated':
      return 'the tunnel through HTTP CONNECT is not simulated: taken to pass bytes on';
    case 'header cut':
      return 'these changes make a header longer than is followed (64 KiB, more than servers take): its rest is left out';
    case 'text cut':
      return 'what this makes is longer than is followed (64 KiB): its rest is left out';
    case 'past the sidecar':
      if (fact.because === 'annotations')
        return `it goes past the sidecar of ${fact.pod}: annotations of the pod leave it out (traffic.sidecar.istio.io/...)`;
      return `over IPv6 it goes past the sidecar of ${fact.pod}, which redirects IPv4 alone (its first address is of IPv4, and proxyMetadata sets no ISTIO_DUAL_STACK)`;
    case 'secret unknown':
      return `the manifests hold no Secrets: ${fact.secret} is taken to be there`;
    default:
      return assertNever(fact);
  }
}

function unknownWords(does: 'rate limits' | 'Lua' | 'WebAssembly' | undefined): string {
  if (does === undefined) return '';
  return does === 'rate limits' ? ', and it may limit the rate of requests' : `, and its ${does} code may change anything`;
}

function nameWords({ because, near }: FactOf<'name'>): string {
  if (because === 'of other clusters') {
    return `does not resolve: only ${near.join(', ')} ${near.length === 1 ? 'has' : 'have'} this Service, and the DNS of the cluster does not know it; it takes a Service of the same name here, or DNS by the proxy (ISTIO_META_DNS_CAPTURE)`;
  }
  if (because === 'no ready pods') return 'does not resolve: the Service is headless and has no ready pod';
  const meant = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
  return `does not resolve: no Service and no ServiceEntry has this name${meant}`;
}

function serviceWords(fact: FactOf<'service'>): string {
  switch (fact.event) {
    case 'forwards':
      return `its address leads to one of its endpoints: ${fact.to}`;
    case 'no endpoints':
      return 'no endpoint is ready: the connection is refused';
    case 'no such port':
      return `the Service has no port ${fact.port}: nobody answers`;
    default:
      return assertNever(fact);
  }
}

function serverWords(fact: FactOf<'server'>): string {
  switch (fact.event) {
    case 'request':
      return `gets ${fact.method} ${fact.path}`;
    case 'connection':
      return 'gets the connection';
    case 'no HTTP':
      return 'gets a connection that carries no HTTP';
    case 'outside':
      return 'lies outside of what is known: taken to answer 200';
    case 'on another network':
      return `the address is that of ${fact.owner}, on the network ${fact.within}, which is not reached from here: nobody answers`;
    case 'of another cluster':
      return `the address is that of the Service ${fact.owner}, which leads on in the cluster ${fact.within} alone: nobody answers`;
    case 'of the other side':
      return `the address is that of the Service ${fact.owner}, which is not here: nobody answers`;
    case 'TLS in TLS':
      return "ends one layer of TLS, the proxy's, and finds another, the client's, where a request should be: no answer";
    default:
      return assertNever(fact);
  }
}
