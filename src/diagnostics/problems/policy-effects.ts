import { defineProblem, type Problem } from '../problem.ts';

/** Problems of policies that do otherwise than meant at the workloads to which they apply. */

export const preflightRefused: Problem<[field: string, lack: string, cors: string, action: string]> = defineProblem({
  code: 'MESH2270',
  name: 'preflight-refused',
  severity: 'warning',
  about:
    'A policy at a gateway refuses preflights, the requests with OPTIONS that browsers send before one of another origin. They carry no token, and authorization comes before CORS, so that corsPolicy never gets to answer them: browsers see 403 and send nothing else.',
  cause:
    'A VirtualService with a corsPolicy at a gateway, and an AuthorizationPolicy there with `requestPrincipals: ["*"]`, or one of action DENY with `notRequestPrincipals: ["*"]`',
  fix: 'Let OPTIONS through: a rule with to: [{operation: {methods: [OPTIONS]}}] in the ALLOW policy, notMethods: [OPTIONS] in the DENY policy; or ask for the token at the workloads behind the gateway.',
  message: (field, lack, cors, action) =>
    `${field}: the gateway answers 403 to the preflights of browsers (OPTIONS), ${lack}, before ${cors} can answer them, because authorization comes before CORS; ${
      action === 'DENY' ? 'add notMethods: [OPTIONS] to what the rule denies' : 'add a rule that allows methods: [OPTIONS]'
    }, or ask for it at the workloads behind the gateway`,
});

export const clientAddressHidden: Problem<[field: string, service: string, type: string]> = defineProblem({
  code: 'MESH2271',
  name: 'client-address-hidden',
  severity: 'info',
  about:
    'A policy at a gateway goes by the source address of connections, and the Service of the gateway hides it: without externalTrafficPolicy Local, kube-proxy puts the address of a node in place of that of the client.',
  cause: 'ipBlocks in an AuthorizationPolicy of a gateway whose Service of type LoadBalancer has no externalTrafficPolicy.',
  fix: 'Set externalTrafficPolicy: Local at the Service; behind a balancer that speaks the PROXY protocol set gatewayTopology.proxyProtocol, behind one of HTTP use remoteIpBlocks with numTrustedProxies.',
  message: (field, service, type) =>
    `${field}: the gateway may see addresses of nodes in place of those of clients, because Service ${service} of type ${type} has not externalTrafficPolicy: Local; set it, or have the load balancer tell the client's address (PROXY protocol, or X-Forwarded-For with remoteIpBlocks)`,
});

export const forwardedAddressUnknown: Problem<[field: string, proxy: string]> = defineProblem({
  code: 'MESH2272',
  name: 'forwarded-address-unknown',
  severity: 'info',
  about:
    'A policy at a gateway goes by the address that X-Forwarded-For tells, and the gateway is told to trust no proxy in front of it: it takes the address of whoever connects, a load balancer perhaps, and never looks into the header.',
  cause: 'remoteIpBlocks in an AuthorizationPolicy of a gateway without gatewayTopology.',
  fix: 'Set gatewayTopology.numTrustedProxies to the number of proxies in front of the gateway, in MeshConfig.defaultConfig or the annotation proxy.istio.io/config; or proxyProtocol.',
  message: (field, proxy) =>
    `${field}: gateway ${proxy} takes the address of whoever connects, not that of X-Forwarded-For, because its gatewayTopology has neither numTrustedProxies nor proxyProtocol; behind a load balancer or another proxy that is not the client's address: set numTrustedProxies to the number of proxies in front`,
});

export const policyRuleRefused: Problem<[field: string, by: readonly string[]]> = defineProblem({
  code: 'MESH2281',
  name: 'policy-rule-refused',
  severity: 'warning',
  about: 'All that a rule of an ALLOW policy allows is denied before by policies of action DENY, so that the rule has no effect.',
  cause: 'A DENY policy for `/api*` and an ALLOW rule for `/api/*` of the same workloads.',
  fix: 'Remove the rule, or make the DENY policy narrower: DENY is asked before ALLOW.',
  message: (field, by) =>
    `${field} allows nothing: ${by.join(' and ')} ${by.length < 2 ? 'denies' : 'deny'} every request that it asks for, and DENY comes before ALLOW; remove the rule, or make the other narrower`,
});

export const policyRuleIdle: Problem<[field: string, why: string, fix: string]> = defineProblem({
  code: 'MESH2282',
  name: 'policy-rule-idle',
  severity: 'warning',
  about:
    'A rule of an AuthorizationPolicy asks for what no request has at any of the workloads that it is for: claims of a token that none of their RequestAuthentications accepts, an identity where none is shown, a port that none of their connections has, or what excludes itself.',
  cause: '`requestPrincipals` in a policy of workloads that have no RequestAuthentication.',
  fix: 'Add what makes it known (a RequestAuthentication, mutual TLS), or remove the rule.',
  message: (field, why, fix) => `${field} matches no request: ${why}; ${fix}`,
});

export const portLevelServicePort: Problem<[field: string, port: number, service: string, targetPorts: string]> = defineProblem({
  code: 'MESH2276',
  name: 'port-level-service-port',
  severity: 'warning',
  about:
    'portLevelMtls of a PeerAuthentication names the port of a Service. The port of the workload is meant, which is another one here, so that the setting has no effect.',
  cause: '`portLevelMtls: {8000: {mode: STRICT}}` where the Service has port 8000 with targetPort 8080.',
  fix: 'Name the port of the container.',
  message: (field, port, service, targetPorts) =>
    `${field} has no effect: ${port} is a port of Service ${service}, and no port of the workload, which is ${targetPorts}; mutual TLS is set by the port of the container`,
});

export const mutualTlsMisjudged: Problem<[service: string, port: number, what: string, why: string, fix: string]> = defineProblem(
  {
    code: 'MESH2275',
    name: 'mutual-tls-misjudged',
    severity: 'warning',
    about:
      'Clients with sidecars do not speak as a workload demands, because they learn whether to speak mutual TLS from the policy of the namespace or mesh, and not from the one that selects the workload: plain text where STRICT is demanded, or mutual TLS where only plain text is taken. Their requests end with 503.',
    cause:
      'A PeerAuthentication with mode DISABLE for the mesh and one with STRICT for a workload; or portLevelMtls with DISABLE for a port of a headless Service.',
    fix: 'Give the clients a DestinationRule for the service that says the mode (ISTIO_MUTUAL or DISABLE), or make the policies agree.',
    message: (service, port, what, why, fix) =>
      `clients with sidecars cannot reach ${service} at port ${port} (503): ${what}, because ${why}; ${fix}`,
  },
);

export const identityNeverKnown: Problem<[field: string, key: string, proxy: string]> = defineProblem({
  code: 'MESH2277',
  name: 'identity-never-known',
  severity: 'warning',
  about:
    'An ALLOW policy asks for the identity of clients at a gateway that takes no mutual TLS. It never learns an identity, so that this part of the policy matches nobody, not even where it says "*".',
  cause:
    'An AuthorizationPolicy of an ingress gateway with `namespaces` or `principals`; all of its servers are HTTP or TLS of mode SIMPLE.',
  fix: 'Go by addresses, by tokens (requestPrincipals) or by hosts, or take mutual TLS at the gateway (mode MUTUAL or ISTIO_MUTUAL).',
  message: (field, key, proxy) =>
    `${field}: nobody matches at gateway ${proxy}, whatever ${key} it names, because no server there takes mutual TLS, so that clients have no identity; go by ipBlocks, requestPrincipals or hosts, or let the servers take mutual TLS (mode MUTUAL or ISTIO_MUTUAL)`,
});

export const httpFieldOnTcp: Problem<[field: string, key: string, port: number, protocol: string, workload: string]> =
  defineProblem({
    code: 'MESH2278',
    name: 'http-field-on-tcp',
    severity: 'warning',
    about:
      'An ALLOW rule asks for something that only HTTP requests have, and the workload has a port of TCP. There the rule is left out whole, and as no other rule is for that port, every connection to it is denied.',
    cause: '`methods: [GET]` in an ALLOW policy of a workload that has a port named tcp-data.',
    fix: 'Add a rule without fields of HTTP for the port (ports, principals, namespaces, ipBlocks), or name the protocol of the port if it is HTTP.',
    message: (field, key, port, protocol, workload) =>
      `${field}: at port ${port} of ${workload}, which is ${protocol}, the rule is left out, because ${key} exists in HTTP only, so that every connection there is denied; add a rule for the port without fields of HTTP, or declare the port as http if it is`,
  });

export const deniedIdentityPasses: Problem<[field: string, key: string, workload: string, mode: string]> = defineProblem({
  code: 'MESH2279',
  name: 'denied-identity-passes',
  severity: 'warning',
  about:
    'A DENY policy goes by identity, and the workload takes plain text too. A client that speaks plain text has no identity, so that the rule does not match it and it passes.',
  cause: 'An AuthorizationPolicy of action DENY with `namespaces: [dev]` where no PeerAuthentication sets STRICT.',
  fix: 'Set mutual TLS to STRICT for the workload with a PeerAuthentication, or deny plain text with notPrincipals: ["*"].',
  message: (field, key, workload, mode) =>
    `${field}: a client that calls ${workload} in plain text passes, whatever ${key} it is of, because mutual TLS is ${mode} there and plain text has no identity; set it to STRICT with a PeerAuthentication, or deny notPrincipals: ["*"] too`,
});

export const policyNamesServicePort: Problem<[field: string, port: string, service: string, targetPort: number]> = defineProblem({
  code: 'MESH2284',
  name: 'policy-names-service-port',
  severity: 'warning',
  about:
    'An AuthorizationPolicy names the port of a Service. The port of the workload is meant, which is another one here, so that this part of the policy matches no connection.',
  cause: '`ports: ["80"]` for the workloads of a Service whose port 80 has targetPort 8080.',
  fix: 'Name the port of the container.',
  message: (field, port, service, targetPort) =>
    `${field}: ${port} is a port of Service ${service}, and connections reach its workloads at port ${targetPort}, so that nothing matches it; write "${targetPort}"`,
});

export const gatewayDenied: Problem<[field: string, gateway: string, host: string, policies: string, identity: string]> =
  defineProblem({
    code: 'MESH2285',
    name: 'gateway-denied',
    severity: 'warning',
    about:
      'A gateway leads requests to workloads whose ALLOW policies let in others by their identity, and not the gateway. What clients send through it is denied: 403, RBAC: access denied.',
    cause:
      'An AuthorizationPolicy of a workload with `namespaces: [shop]`, and a VirtualService that leads to it from the gateway in istio-system.',
    fix: "Allow the gateway's identity, too.",
    message: (field, gateway, host, policies, identity) =>
      `${field}: what comes through gateway ${gateway} to "${host}" is denied (403, RBAC: access denied), because ${policies} of its workloads let in other identities alone; add the principal of the gateway, "${identity}"`,
  });

export const tokenTakenOff: Problem<[field: string, issuer: string, authentication: string, workload: string]> = defineProblem({
  code: 'MESH2286',
  name: 'token-taken-off',
  severity: 'warning',
  about:
    'A gateway checks tokens and takes them off, for its RequestAuthentication does not say forwardOriginalToken, and workloads behind it ask for a token of the same issuer. They get none and deny the request: 403, RBAC: access denied.',
  cause:
    'RequestAuthentications of one issuer at the gateway and at a workload, with `requestPrincipals` in the AuthorizationPolicy of the workload.',
  fix: 'Set forwardOriginalToken: true in the jwtRules of the gateway.',
  message: (field, issuer, authentication, workload) =>
    `${field}: the gateway takes tokens of "${issuer}" off once they are checked, and ${workload} behind it, which checks them by ${authentication}, denies what comes without (403, RBAC: access denied); set forwardOriginalToken: true`,
});
