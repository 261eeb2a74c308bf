import { defineProblem, type Problem } from '../problem.ts';

/** Problems that show when proxies are compiled: what is not served, what is not computed, what depends on the order of creation. */

export const gatewayServerRejected: Problem<[index: number, reason: string]> = defineProblem({
  code: 'MESH1220',
  name: 'gateway-server-rejected',
  severity: 'warning',
  about:
    'A server of a Gateway is not served by a gateway to which the Gateway applies, because it conflicts with another server.',
  cause: 'Two servers of one port whose protocols do not go together.',
  fix: 'Use another port, or agree on the protocol.',
  message: (index, reason) => `spec.servers[${index}] is not served: ${reason}`,
});

export const notComputed: Problem<[what: string]> = defineProblem({
  code: 'MESH1501',
  name: 'not-computed',
  severity: 'info',
  about: 'A resource asks for something that mesh does not compute, so that istiod would send something else.',
  cause: 'A feature that mesh does not compute.',
  fix: 'Know that istiod would send something else there.',
  message: (what) => what,
});

export const creationOrderDecides: Problem<[other: string, request: string, before: string, after: string]> = defineProblem({
  code: 'MESH2010',
  name: 'creation-order-decides',
  severity: 'warning',
  about:
    'Which of two resources was created first decides what a proxy does, so that the same manifests behave differently in two clusters. mesh compiles both ways and names a difference.',
  cause: 'Two resources that compete, without creationTimestamp.',
  fix: 'Merge the resources, so that the order of their creation does not matter.',
  message: (other, request, before, after) =>
    `the time of creation decides between this and ${other}: ${request} ${before}; were the other created first, it ${after}; merge the two or make them disjoint`,
});

export const clusterMissing: Problem<[field: string, consequence: string, reason: string, fix: string]> = defineProblem({
  code: 'MESH2093',
  name: 'cluster-missing',
  severity: 'warning',
  about:
    'A rule or a provider names a port that the service does not have, or a service that the proxy does not see. Requests of a rule get status 503; what a provider is asked for fails.',
  cause:
    'A route to a port that its Service does not have, or to a Service of another namespace that is not exported; an extension provider whose Service a Sidecar hides.',
  fix: 'Correct the host or the port, or export the service.',
  message: (field, consequence, reason, fix) => `${field}: ${consequence}, because ${reason}; ${fix}`,
});

export const verificationSkipped: Problem<[reason: string]> = defineProblem({
  code: 'MESH2110',
  name: 'verification-skipped',
  severity: 'info',
  about: 'Checks that compile the configuration of the proxies were left out, because the input is large.',
  cause: 'An input of very many resources and proxies.',
  fix: 'Analyze it in parts, or nothing.',
  message: (reason) =>
    `what Envoy would refuse and what depends on the order of creation is not checked: ${reason}; --verify always checks it anyway`,
});
