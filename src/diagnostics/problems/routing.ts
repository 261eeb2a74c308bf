import { defineProblem, type Problem } from '../problem.ts';

/** Problems of the way from a client to a service: layers of TLS, rules that do not join, destinations that are not there. */

export const tlsInTls: Problem<[field: string, host: string, port: number, mode: string, why: string]> = defineProblem({
  code: 'MESH2240',
  name: 'tls-in-tls',
  severity: 'warning',
  about:
    'A DestinationRule opens TLS to a port where connections are TLS already, because clients speak HTTPS to it or a tls rule passes their TLS on. The server finds TLS inside of TLS, and handshakes fail.',
  cause: '`tls: {mode: SIMPLE}` for a host whose port 443 is declared HTTPS.',
  fix: 'Remove the tls setting, or declare a port of protocol HTTP, with targetPort 443, that clients call in clear text.',
  message: (field, host, port, mode, why) =>
    `${field}: connections to port ${port} of "${host}" are TLS already (${why}), and mode ${mode} wraps a second TLS around it: the server gets TLS inside of TLS and handshakes fail; remove the tls setting, or let clients speak plain HTTP to a port of protocol HTTP`,
});

export const plainToTlsPort: Problem<[field: string, host: string, port: number, protocol: string, clients: string]> =
  defineProblem({
    code: 'MESH2241',
    name: 'plain-to-tls-port',
    severity: 'warning',
    about:
      'An http rule sends requests to a port that is declared HTTPS or TLS, and no DestinationRule opens TLS to it: the server gets plain HTTP on a TLS port.',
    cause: 'A gateway ends TLS and sends to port 443 of a Service, named `https`, without a DestinationRule.',
    fix: 'Add a DestinationRule with `tls: {mode: SIMPLE}` for that port, or send to a port of protocol HTTP.',
    message: (field, host, port, protocol, clients) =>
      `${field}: requests to "${host}" leave ${clients} as plain HTTP without TLS, and port ${port} is declared ${protocol}, so that the server gets plain text where it expects a handshake; add a DestinationRule with tls mode SIMPLE for port ${port}, or send to a port of protocol HTTP`,
  });

export const httpAtPort443: Problem<[field: string, host: string, protocol: string]> = defineProblem({
  code: 'MESH2242',
  name: 'http-at-port-443',
  severity: 'warning',
  about:
    'A ServiceEntry declares port 443 of a host outside of the mesh as HTTP, and nothing opens TLS to it. Clients that speak HTTPS are passed on unread, without routes and policies; plain HTTP goes to a TLS port.',
  cause: '`ports: [{number: 443, name: http, protocol: HTTP}]`',
  fix: 'Declare the port HTTPS or TLS; or add a DestinationRule with tls for it, if clients speak plain HTTP.',
  message: (field, host, protocol) =>
    `${field}: port 443 of "${host}" is declared ${protocol}, and no DestinationRule opens TLS to it: HTTPS of clients is not read as HTTP, so that routes and policies do not apply, and plain HTTP goes to a TLS port; declare the port HTTPS, or add tls to a DestinationRule for clients that speak plain HTTP`,
});

export const subsetNotUsedHere: Problem<
  [
    field: string,
    consequence: string,
    subset: string,
    unused: { readonly rule: string; readonly why: string; readonly fix: string },
  ]
> = defineProblem({
  code: 'MESH2243',
  name: 'subset-not-used-here',
  severity: 'error',
  about:
    'A rule sends to a subset, and a proxy that has the rule does not use the DestinationRule that defines the subset: its namespace is neither that of the proxy nor of the service nor the root namespace, it is not exported, or another DestinationRule goes before it. The proxy has no cluster for the subset: requests get 503, connections are closed.',
  cause:
    'VirtualService and DestinationRule stand in a namespace for configuration: every sidecar has the rules of the VirtualService, and none those of the DestinationRule.',
  fix: 'Put the DestinationRule into the namespace of the service, or of the client, and export it there.',
  message: (field, consequence, subset, { rule, why, fix }) =>
    `${field}: ${consequence}, because it has no cluster for subset "${subset}": DestinationRule ${rule}, which defines it, is not used there, for ${why}; ${fix}`,
});

export const hostUnderWildcard: Problem<[field: string, consequence: string, host: string, wildcard: string]> = defineProblem({
  code: 'MESH2244',
  name: 'host-under-wildcard',
  severity: 'error',
  about:
    'A rule sends to a host that no service has; only a wildcard of a ServiceEntry covers it. There is a cluster for the wildcard and none for the host: requests get 503, connections are closed.',
  cause: 'A ServiceEntry for `*.market.example`, and a route to `monday.market.example`.',
  fix: 'Add a ServiceEntry for the host itself, or send to the wildcard.',
  message: (field, consequence, host, wildcard) =>
    `${field}: ${consequence}, because no service is exactly "${host}": "${wildcard}" covers it, which makes a cluster for the wildcard only; add a ServiceEntry for "${host}"`,
});

export const destinationRuleForNobody: Problem<[field: string, host: string, namespace: string, home: string]> = defineProblem({
  code: 'MESH2245',
  name: 'destination-rule-for-nobody',
  severity: 'warning',
  about:
    'A DestinationRule stands in a namespace that is neither that of the service nor the root namespace and that has no proxies: no client looks for it there, and it has no effect.',
  cause: 'A DestinationRule for `milk.farm.svc.cluster.local` in namespace `settings`, where nothing runs.',
  fix: 'Move it to the namespace of the service, or of the clients that it is for.',
  message: (field, host, namespace, home) =>
    `${field}: no proxy uses this rule for "${host}": clients look for DestinationRules in their own namespace, in that of the service (${home}) and in the root namespace, and no proxy is in namespace ${namespace}; move the rule to namespace ${home}`,
});

export const delegateUnusable: Problem<[field: string, delegate: string, why: string, fix: string]> = defineProblem({
  code: 'MESH2246',
  name: 'delegate-unusable',
  severity: 'error',
  about:
    'An http rule delegates to a VirtualService that does not exist, has hosts of its own, or is not exported to the namespace of the rule. The rule is dropped, and its requests are taken by other rules or get 404; with its last rule the whole VirtualService vanishes.',
  cause: '`delegate: {name: bell, namespace: towr}`, where no VirtualService of that name is.',
  fix: 'Correct the name, remove hosts and gateways from the delegate, or export it.',
  message: (field, delegate, why, fix) =>
    `${field}: the rule is dropped, because its delegate VirtualService ${delegate} ${why}, and its requests get 404 unless another rule takes them; ${fix}`,
});

export const delegateRuleDropped: Problem<[field: string, roots: string, part: string, theirs: string, ours: string]> =
  defineProblem({
    code: 'MESH2247',
    name: 'delegate-rule-dropped',
    severity: 'error',
    about:
      'A rule of a delegate has a match that cannot be joined with that of any rule that delegates to it: it must be narrower in a way that Istio can see, so that a regular expression joins with nothing, and a prefix only with a longer one. The rule is dropped.',
    cause: 'The root matches `regex: /ring/.*`, the delegate `prefix: /ring/slow`.',
    fix: 'Match by prefix in the root and by a longer prefix in the delegate, or leave that part of the match out of one of them.',
    message: (field, roots, part, theirs, ours) =>
      `${field}: the rule of this delegate is dropped, and its requests get 404 unless another rule takes them: its match ${part} ${ours} cannot be joined with ${part} ${theirs} of ${roots}; match a longer prefix here than there, or leave ${part} out of one of the two`,
  });
