import type { WhyNotFact } from '../../operations/why/reason.ts';
import { assertNever } from '../../util/assert.ts';

/** Why something is not there, in words. */
export function whyNotWords(fact: WhyNotFact): string {
  switch (fact.kind) {
    case 'no such host':
      return `no Service and no ServiceEntry has the host ${fact.host}${meant(fact.near)}`;
    case 'host only by wildcard':
      return `only ${fact.wildcard} of a ServiceEntry covers ${fact.host}; a destination needs a host that is written out, or the wildcard itself`;
    case 'service not exported':
      return `${fact.service} is not exported to the namespace ${fact.client} (exportTo)`;
    case 'service not imported':
      return `the Sidecar ${fact.sidecar} does not import ${fact.service} (egress.hosts)`;
    case 'no such port':
      return `${fact.host} has no port ${fact.port}, only ${list(fact.ports)}`;
    case 'no endpoints':
      return `${fact.service} has no endpoints: ${selection(fact.selector)}`;
    case 'subset not defined':
      return `DestinationRule ${fact.rule} is the one in use here and has no subset ${fact.subset}, only ${list(fact.subsets)}`;
    case 'no rule defines subset':
      return `no DestinationRule for ${fact.host} has a subset ${fact.subset}`;
    case 'destination rule not exported':
      return `DestinationRule ${fact.rule} defines the subset and is not exported to the namespace ${fact.client}`;
    case 'destination rule of a stranger':
      return (
        `DestinationRule ${fact.rule} defines the subset and does not count here: rules are looked for in the namespaces of the client ` +
        `(${fact.client}), of the service (${fact.service}) and in ${fact.root}`
      );
    case 'destination rule replaced':
      return `DestinationRule ${fact.rule} defines the subset; ${fact.by} goes before it here, and rules of different namespaces are not merged`;
    case 'destination rule for other workloads':
      return `DestinationRule ${fact.rule} defines the subset and is for other clients (workloadSelector)`;
    case 'no virtual service':
      return `no VirtualService has the host ${fact.host}${meant(fact.near)}`;
    case 'virtual service not exported':
      return `VirtualService ${fact.virtualService} has the host and is not exported to the namespace ${fact.client} (exportTo)`;
    case 'virtual service for others':
      return `VirtualService ${fact.virtualService} has the host and is bound to ${list(fact.gateways)}, not to this proxy`;
    case 'no such gateway':
      return `VirtualService ${fact.virtualService} has the host and is bound to the Gateway ${fact.gateway}, which does not exist${meant(fact.near)}`;
    case 'server does not take the host':
      return `VirtualService ${fact.virtualService} has the host, and no server of Gateway ${fact.gateway} takes it: its hosts are ${list(fact.hosts)}`;
    case 'rules of another kind':
      return `VirtualService ${fact.virtualService} has only ${list(fact.has)} rules, and ${fact.needs} rules would be needed`;
    case 'delegate dropped':
      return `VirtualService ${fact.virtualService} delegates to ${fact.delegate}, ${delegateWords(fact)}: the rule is dropped`;
    case 'rule passed over':
      return `${fact.rule}: ${fact.condition}`;
    case 'gateway selects nothing':
      return `Gateway ${fact.gateway} has a server at port ${fact.port}, and its selector fits no gateway pod`;
    case 'server without rules':
      return `Gateway ${fact.gateway} has a server at port ${fact.port}; it needs ${fact.needs} rules of a VirtualService and has none`;
    case 'port not of the service':
      return `the Service of Gateway ${fact.gateway} has no port ${fact.port}`;
    case 'no server at port':
      return fact.ports.length === 0
        ? 'there is no Gateway'
        : `no Gateway has a server at port ${fact.port}, only at ${list(fact.ports)}`;
    case 'no server for the name':
      return `no server at port ${fact.port} takes the server name ${fact.name === '' ? '(none)' : fact.name}, only ${list(fact.names)}`;
    case 'port takes TLS only':
      return `the servers at port ${fact.port} take TLS, and the client speaks none`;
    case 'secret elsewhere':
      return secretWords(fact);
    case 'secret incomplete':
      return `the Secret ${fact.namespace}/${fact.secret} has not all that is needed (tls.crt and tls.key, or ca.crt)`;
    case 'nobody speaks first':
      return fact.inspects === 'protocol'
        ? 'the port says no protocol, so that the proxy waits for the first bytes of the client: name it tcp-..., or set appProtocol'
        : 'the port takes plain text and mutual TLS (PERMISSIVE), so that the proxy waits for the first bytes of the client: only STRICT and DISABLE do not';
    case 'HTTP rules at ztunnel':
      return `AuthorizationPolicy ${fact.policy} asks for ${list(fact.attributes)}, of which ztunnel knows nothing: its rules with them allow nobody there; it needs a waypoint and targetRefs`;
    case 'waypoint not admitted':
      return `the pod is behind waypoint ${fact.waypoint} and sees its identity, ${fact.identity}, which none of these policies allows: ${list(fact.policies)}`;
    case 'mutual TLS only':
      return fact.isTunnelMissing === true
        ? `PeerAuthentication ${fact.policy} demands mutual TLS at port ${fact.port} of ${fact.workload}, and ztunnel speaks plain text to a sidecar that takes no tunnels: set ISTIO_META_ENABLE_HBONE in proxyMetadata, as the profile ambient does, or move the workload too`
        : `PeerAuthentication ${fact.policy} demands mutual TLS at port ${fact.port} of ${fact.workload}, and the client speaks plain text`;
    default:
      return assertNever(fact);
  }
}

type FactOf<Kind extends WhyNotFact['kind']> = Extract<WhyNotFact, { readonly kind: Kind }>;

function delegateWords({ because, near }: FactOf<'delegate dropped'>): string {
  switch (because) {
    case 'missing':
      return `which does not exist${meant(near)}`;
    case 'has hosts':
      return 'which has hosts of its own and so is no delegate';
    case 'not exported':
      return 'which is not exported to it (exportTo)';
    case 'does not join':
      return 'some of whose matches cannot be joined with those of the rule';
    default:
      return assertNever(because);
  }
}

function secretWords({ secret, namespace, others }: FactOf<'secret elsewhere'>): string {
  const there = others.length === 0 ? 'no namespace has a Secret of that name' : `there is one in ${list(others)}`;
  return `the Secret ${secret} is looked for in ${namespace}, the namespace of the proxy; ${there}`;
}

function selection(selector: FactOf<'no endpoints'>['selector']): string {
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? 'it selects no pods' : `no ready pod has the labels ${labels.join(', ')}`;
}

function meant(near: readonly string[]): string {
  return near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
}

function list(items: readonly (string | number)[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
