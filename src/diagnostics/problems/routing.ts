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

export const httpAtPort443: Problem<[field: string, host: string, protocol: string, port: number]> = defineProblem({
  code: 'MESH2242',
  name: 'http-at-port-443',
  severity: 'warning',
  about:
    'A ServiceEntry declares port 443 of a host outside of the mesh as HTTP, or leads a port of HTTP there, and nothing opens TLS to it. Clients that speak HTTPS are passed on unread, without routes and policies; plain HTTP goes to a TLS port.',
  cause: '`ports: [{number: 443, name: http, protocol: HTTP}]`',
  fix: 'Declare the port HTTPS or TLS; or add a DestinationRule with tls for it, if clients speak plain HTTP.',
  message: (field, host, protocol, port) =>
    port === 443
      ? `${field}: port 443 of "${host}" is declared ${protocol}, and no DestinationRule opens TLS to it: HTTPS of clients is not read as HTTP, so that routes and policies do not apply, and plain HTTP goes to a TLS port; declare the port HTTPS, or add tls to a DestinationRule for clients that speak plain HTTP`
      : `${field}: port ${port} of "${host}" is declared ${protocol} and leads to port 443, and no DestinationRule opens TLS to it, so that plain HTTP goes to a TLS port; add a DestinationRule with tls mode SIMPLE for port ${port}`,
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

export const meshRulesBehindGateway: Problem<[field: string, host: string, other: string]> = defineProblem({
  code: 'MESH2248',
  name: 'mesh-rules-behind-gateway',
  severity: 'info',
  about:
    'Rules for a gateway send to a host whose own VirtualService is for the mesh only: a gateway does not run its rules, so that its timeouts, faults, splits and matches are not for requests that come through the gateway.',
  cause:
    'One VirtualService brings requests from the gateway to `barge`, another one for `barge`, without gateways, sets a timeout.',
  fix: 'Repeat the settings in the rules of the gateway, or bind one VirtualService with both hosts to the gateway and to mesh.',
  message: (field, host, other) =>
    `${field}: the rules of ${other} for "${host}" are for the mesh only and do not run for requests that come through the gateway; repeat what is needed here, or bind that one to the gateway too, with the host of this one`,
});

export const gatewayFindsNoEndpoints: Problem<[field: string, host: string, other: string]> = defineProblem({
  code: 'MESH2249',
  name: 'gateway-finds-no-endpoints',
  severity: 'error',
  about:
    'Rules for a gateway send to a service without endpoints, for which a VirtualService of the mesh has rules that lead on. A gateway does not run them: requests get 503.',
  cause: 'Chained VirtualServices: the gateway sends to a Service without pods, from where one for the mesh should lead on.',
  fix: 'Let the rules of the gateway send to the services that have pods.',
  message: (field, host, other) =>
    `${field}: requests get status 503: "${host}" has no endpoints, and the rules of ${other}, which would lead on, are for the mesh only and do not run at the gateway; send to their destinations from here`,
});

export const rulesOfWrongKind: Problem<
  [field: string, list: string, hosts: string, gateway: string, server: string, takes: string, fix: string]
> = defineProblem({
  code: 'MESH2250',
  name: 'rules-of-wrong-kind',
  severity: 'error',
  about:
    'A VirtualService has rules of a kind that the server of its Gateway cannot use: a server that passes TLS through takes tls rules only, one that ends TLS of protocol TLS takes tcp rules, an HTTP or HTTPS server takes http rules. Nothing answers there.',
  cause: 'A server of mode PASSTHROUGH (also where no mode is written), and http rules.',
  fix: 'Write rules of the kind that the server takes, or change its protocol or tls mode.',
  message: (field, list, hosts, gateway, server, takes, fix) =>
    `${field}: ${list} rules for "${hosts}" are not used by Gateway ${gateway}, whose ${server} takes ${takes} rules only, and no other rules are for it, so that nothing answers there; ${fix}`,
});

export const rulesForOtherProtocol: Problem<[field: string, list: string, host: string, ports: string, fix: string]> =
  defineProblem({
    code: 'MESH2251',
    name: 'rules-for-other-protocol',
    severity: 'warning',
    about:
      'A VirtualService has rules of a kind that the ports of its hosts do not use: http rules act on HTTP ports, tls rules on ports of HTTPS or TLS, tcp rules on TCP ports. Sidecars never look at them.',
    cause: 'http rules for a Service whose port is named `tcp-80`.',
    fix: 'Name the port for its protocol (http-...), or write rules of the kind that the port uses.',
    message: (field, list, host, ports, fix) =>
      `${field}: sidecars never look at these ${list} rules, because "${host}" has ${ports}; ${fix}`,
  });

export const hostWithoutService: Problem<[hosts: string, lists: readonly string[], nearest: string | undefined]> = defineProblem({
  code: 'MESH2252',
  name: 'host-without-service',
  severity: 'info',
  about:
    'A VirtualService for the mesh has a host that neither a Service nor a ServiceEntry has. Its http rules act only on requests with that Host header to port 80, tcp and tls rules on nothing; calls to the services that they lead to know nothing of them.',
  cause: 'hosts: `[shop.example.com]` without gateways, and no ServiceEntry for it.',
  fix: 'Name the service that clients call (its full name, if it is of another namespace), or add a ServiceEntry for the host.',
  message: (hosts, lists, nearest) => {
    const effect = lists.includes('http')
      ? 'sidecars use the http rules only for requests to port 80 with that Host header'
      : `sidecars use the ${lists.join(' and ')} rules for nothing`;
    const hint =
      nearest === undefined ? 'name the service that clients call, or add a ServiceEntry' : `did you mean "${nearest}"?`;
    return `spec.hosts: no Service or ServiceEntry is known as "${hosts}": ${effect}; ${hint}`;
  },
});

export const hiddenFromGateway: Problem<[gateway: string, namespaces: string]> = defineProblem({
  code: 'MESH2253',
  name: 'hidden-from-gateway',
  severity: 'error',
  about:
    'A VirtualService is bound to a Gateway whose proxies run in namespaces that it is not exported to: they never get its rules, and requests get 404.',
  cause: '`exportTo: ["."]` and `gateways: [istio-system/front]`',
  fix: 'Add the namespace of the proxies to exportTo.',
  message: (gateway, namespaces) =>
    `spec.exportTo: the proxies of Gateway ${gateway} run in namespace ${namespaces}, to which this VirtualService is not exported, so that they do not get its rules and requests get 404; add ${namespaces} to exportTo`,
});

export const connectionRulesCompete: Problem<
  [field: string, what: string, gateway: string, port: number, winner: string, fix: string]
> = defineProblem({
  code: 'MESH2254',
  name: 'connection-rules-compete',
  severity: 'warning',
  about:
    'Several tcp rules are for one port of a gateway, or several tls rules for one server name: only the first, of the oldest VirtualService, is ever used. Hosts mean nothing for TCP.',
  cause: 'Two VirtualServices with tcp rules for port 9000 of one Gateway.',
  fix: 'Give each its own port, or its own server name with TLS.',
  message: (field, what, gateway, port, winner, fix) =>
    `${field}: ${what} at port ${port} of Gateway ${gateway} are all taken by ${winner}, which comes first, so that this rule is never used there; ${fix}`,
});

export const gatewayToNoAddresses: Problem<[field: string, host: string, entry: string, consequence: string]> = defineProblem({
  code: 'MESH2255',
  name: 'gateway-to-no-addresses',
  severity: 'error',
  about:
    'Rules for a gateway send to a ServiceEntry of resolution NONE: only a sidecar knows the address that its client called, a gateway has no endpoint to send to.',
  cause: 'An egress gateway that sends to `*.example.com` of `resolution: NONE`.',
  fix: 'Use resolution DNS or STATIC, or DYNAMIC_DNS for a wildcard.',
  message: (field, host, entry, consequence) =>
    `${field}: ${consequence}: ServiceEntry ${entry} has resolution NONE for "${host}", which leaves a gateway without any endpoint address (only sidecars know where their client wanted to go); use resolution DNS or STATIC, or DYNAMIC_DNS for a wildcard`,
});

export const httpOnPort443: Problem<[field: string, gateway: string, protocol: string, port: number]> = defineProblem({
  code: 'MESH2256',
  name: 'http-on-port-443',
  severity: 'warning',
  about:
    'A gateway serves port 443 as HTTP: clients that speak TLS there, as browsers do, get nothing. It is right only where something before the gateway ends TLS, which annotations of its Service would say.',
  cause: '`port: {number: 443, protocol: HTTP}`, and a Service without annotations for TLS at the load balancer.',
  fix: 'Use protocol HTTPS with tls settings.',
  message: (field, gateway, protocol, port) =>
    `${field}: Gateway ${gateway} serves port ${port} as ${protocol}, without TLS, and clients of port 443 speak TLS, so that their handshakes fail; use protocol HTTPS with tls settings, unless a load balancer ends TLS before it`,
});

export const redirectLoop: Problem<[field: string, gateway: string, port: number]> = defineProblem({
  code: 'MESH2257',
  name: 'redirect-loop',
  severity: 'warning',
  about:
    'A server that is reached by port 443 in plain HTTP redirects to https. Where a load balancer ends TLS, the redirected request comes back the same way, again and again; where nothing ends TLS, handshakes fail.',
  cause: 'A load balancer ends TLS and sends HTTP to a server with `httpsRedirect: true`.',
  fix: 'Redirect only on the port of plain HTTP (80); or trust the x-forwarded-proto header of the balancer (gatewayTopology.numTrustedProxies).',
  message: (field, gateway, port) =>
    `${field}: Gateway ${gateway} redirects to https what reaches it by port 443 (server port ${port}) in plain HTTP: behind a load balancer that ends TLS this is a redirect loop, for the same request comes back; remove httpsRedirect here and keep it on port 80`,
});

export const hiddenButReached: Problem<[service: string, others: number, otherSidecars?: number]> = defineProblem({
  code: 'MESH2258',
  name: 'hidden-but-reached',
  severity: 'info',
  about:
    'A Sidecar leaves out services of the mesh while outbound traffic is ALLOW_ANY: calls to them are not refused but pass through as plain TCP, without mutual TLS, routes and policies of clients; servers with STRICT mutual TLS close them.',
  cause: '`egress: [{hosts: ["./*"]}]` without `outboundTrafficPolicy: {mode: REGISTRY_ONLY}`',
  fix: 'Set outboundTrafficPolicy to REGISTRY_ONLY to refuse such calls, or import what is called.',
  message: (service, others, otherSidecars = 0) =>
    `spec.egress: ${otherSidecars > 0 ? `of this and ${otherSidecars} other Sidecars, here ` : ''}"${service}"${others > 0 ? ` and ${others} other service${others > 1 ? 's' : ''} of the mesh` : ''} can still be called, for outbound traffic is ALLOW_ANY: calls pass through as plain TCP without mutual TLS (which STRICT servers close) and without rules; set outboundTrafficPolicy to REGISTRY_ONLY to refuse them, or import what is called`,
});

export const entryHidesPorts: Problem<[host: string, namespace: string, other: string, ports: string]> = defineProblem({
  code: 'MESH2259',
  name: 'entry-hides-ports',
  severity: 'warning',
  about:
    'A ServiceEntry has a host that a ServiceEntry of another namespace has too, with other ports. Clients of its namespace see only their own entry, and not the ports of the other one.',
  cause: 'Namespace north has an entry for port 80 of a host, namespace south one for port 443.',
  fix: 'Add the ports to the own entry, or keep one entry for all.',
  message: (host, namespace, other, ports) =>
    `spec.ports: clients of namespace ${namespace} see only this ServiceEntry for "${host}", which hides port ${ports} of ServiceEntry ${other} from them; add the port here, or keep one entry for both`,
});

export const targetPortProtocols: Problem<
  [targetPort: number, workload: string, mine: string, other: string, theirs: string, isTcp: boolean]
> = defineProblem({
  code: 'MESH2260',
  name: 'target-port-protocols',
  severity: 'warning',
  about:
    'Two Services lead to one port of the same pods, one as HTTP and one as TCP. Inbound, the protocol of the first Service counts for both: as TCP, policies, routes and metrics of HTTP end; as HTTP, other connections are refused.',
  cause: 'Service `grain` has port `http`, Service `grain-tcp` port `tcp`, both with targetPort 8080.',
  fix: 'Name both ports for the protocol that the application speaks.',
  message: (targetPort, workload, mine, other, theirs, isTcp) => {
    const effect = isTcp
      ? 'HTTP policies and metrics do not work for either'
      : 'connections of the other that are not HTTP are refused';
    return `spec.ports: port ${targetPort} of ${workload} is ${mine} here and ${theirs} in Service ${other}; its sidecar serves the port as ${isTcp ? 'TCP' : 'HTTP'} for both, so that ${effect}; name both ports for the protocol that the application speaks`;
  },
});

export const nameDoesNotResolve: Problem<[host: string]> = defineProblem({
  code: 'MESH2261',
  name: 'name-does-not-resolve',
  severity: 'info',
  about:
    'A ServiceEntry gives a host to fixed endpoints and has no address, and no proxy answers DNS queries (DNS capture). A client asks DNS first: where it does not know the name, the sidecar never sees a request.',
  cause: 'A made-up host `moth.internal` with `resolution: STATIC` and endpoints.',
  fix: 'Let DNS know the name, or switch DNS capture on (ISTIO_META_DNS_CAPTURE in proxyMetadata).',
  message: (host) =>
    `spec.hosts: clients have to resolve "${host}" before their sidecar sees a request, and this entry has no address while DNS capture is off, so that the name must be in DNS; add it there, or set ISTIO_META_DNS_CAPTURE to "true" in proxyMetadata`,
});

export const policyPathRewritten: Problem<[field: string, path: string, rule: string, service: string, seen: string]> =
  defineProblem({
    code: 'MESH2262',
    name: 'policy-path-rewritten',
    severity: 'info',
    about:
      'A policy at a workload names a path that a VirtualService rewrites on the way, in the proxy of the client or in a gateway. Policies of the workload see the path after that.',
    cause: 'A policy denies `/old`, and the VirtualService of the service rewrites `/old` to `/new`.',
    fix: 'Name the path after the rewrite in the policy.',
    message: (field, path, rule, service, seen) =>
      `${field}: requests for "${path}" that come by ${rule} reach "${service}" as "${seen}", for the rule rewrites the path before this policy sees it; name the path after the rewrite`,
  });

export const redirectToItself: Problem<[field: string, place: string, fix: string]> = defineProblem({
  code: 'MESH2263',
  name: 'redirect-to-itself',
  severity: 'warning',
  about:
    'A rule at a gateway redirects to the URL that was asked for: scheme, host, port and path stay as they are, so that clients who follow it come back until they give up (ERR_TOO_MANY_REDIRECTS).',
  cause:
    'A redirect to `scheme: https` in a VirtualService, or an HTTPRoute with RequestRedirect, bound to the servers of both port 80 and port 443.',
  fix: 'Bind the redirect to plain HTTP alone: httpsRedirect of the server, a match with port 80, or sectionName of the listener.',
  message: (field, place, fix) =>
    `${field}: a request that comes by ${place} is redirected to the URL that it asked for, again and again (too many redirects); ${fix}`,
});

export const plainFromBalancer: Problem<[field: string, service: string, port: number]> = defineProblem({
  code: 'MESH2265',
  name: 'plain-from-balancer',
  severity: 'warning',
  about:
    'The load balancer of a gateway ends TLS, as annotations of its Service say, and sends plain text on to a server of the gateway that expects TLS. Every request fails.',
  cause:
    'A Service with `aws-load-balancer-ssl-cert`, whose port 443 leads to a server of protocol HTTPS, and no `aws-load-balancer-backend-protocol: ssl`.',
  fix: 'Declare the server HTTP, let the balancer open TLS again (backend-protocol ssl), or remove its certificate.',
  message: (field, service, port) =>
    `${field}: the server expects TLS, and the load balancer of Service ${service} ends it at port ${port} (aws-load-balancer-ssl-cert) and sends plain text on, so that connections fail; declare the server HTTP, or set aws-load-balancer-backend-protocol: ssl`,
});

export const hostHeaderKept: Problem<[field: string, host: string, own: string]> = defineProblem({
  code: 'MESH2266',
  name: 'host-header-kept',
  severity: 'info',
  about:
    'A rule sends requests to a host outside of the mesh and leaves the Host header, and with it the server name of TLS, as the client has sent it. Public servers know their own names alone and answer 404, 403 or 421, or end the handshake.',
  cause: 'A VirtualService for `shop.example.com` with a destination `api.other.com`, without `rewrite.authority`.',
  fix: 'Set rewrite: {authority: <host>}.',
  message: (field, host, own) =>
    `${field}: requests reach "${host}" outside of the mesh with the Host header of the client (${own}), which it may not know (404, 403, or a failed handshake); if so, set rewrite.authority: "${host}"`,
});

export const gatewayHasNoRule: Problem<[field: string, gateway: string, hosts: string]> = defineProblem({
  code: 'MESH2267',
  name: 'gateway-has-no-rule',
  severity: 'warning',
  about:
    'A rule for the mesh leads requests to a gateway of the mesh (an egress gateway), and no rule for that gateway has their host, so that it answers 404.',
  cause: 'A VirtualService that leads `www.example.com` to istio-egressgateway, with `gateways: [mesh]` alone.',
  fix: 'Add the Gateway to `gateways`, and a rule with a match of it that leads to the host.',
  message: (field, gateway, hosts) =>
    `${field}: requests are led to gateway ${gateway}, and no rule there has the host ${hosts}, so that it answers 404; add a Gateway for the host to gateways, and a rule that leads on from it`,
});

export const grpcOverHttp1: Problem<[field: string, service: string, port: number, name: string]> = defineProblem({
  code: 'MESH2264',
  name: 'grpc-over-http1',
  severity: 'warning',
  about:
    'A GRPCRoute leads to a port that is declared HTTP, to which proxies send HTTP/1.1. gRPC needs HTTP/2, so that calls fail.',
  cause: 'A GRPCRoute to a Service port named `http`, or of appProtocol http.',
  fix: 'Name the port grpc-..., or set appProtocol: kubernetes.io/h2c (or grpc).',
  message: (field, service, port, name) =>
    `${field}: port ${port} of Service ${service} is declared HTTP (${name}), so that calls are sent on as HTTP/1.1, and gRPC needs HTTP/2; name the port grpc or set appProtocol: grpc`,
});

export const routeBesideVirtualService: Problem<[field: string, host: string, route: string]> = defineProblem({
  code: 'MESH2268',
  name: 'route-beside-virtual-service',
  severity: 'warning',
  about:
    'A VirtualService and an HTTPRoute (or GRPCRoute) are for the same Service in the mesh. Sidecars use the rules of one of the two alone, those of the older, and pass over the other.',
  cause: 'A VirtualService for `reviews` beside an HTTPRoute whose parentRef is Service reviews.',
  fix: 'Keep one of the two.',
  message: (field, host, route) =>
    `${field}: ${route} is for "${host}" in the mesh, too, and sidecars use the rules of one of the two alone, those of the older; keep one`,
});
