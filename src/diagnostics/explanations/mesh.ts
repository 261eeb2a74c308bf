import type { Explanations } from './explanation.ts';

/** A Service with a pod, for examples that are about what proxies get. */
const reviews = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: bookinfo}
spec: {selector: {app: reviews}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-0, namespace: bookinfo, labels: {app: reviews}}
spec: {containers: [{name: app}]}
---
`;

/** Explanations of mesh's own codes: of reading and decoding, of what Istio leaves out, and of its own findings. */
export const meshExplanations: Explanations = {
  MESH0001: { cause: 'mesh analyze missing.yaml', fix: 'Correct the path, or the permissions of the file.' },
  MESH0002: {
    cause: 'mesh analyze folder, where the folder has no .yaml, .yml or .json file',
    fix: 'Name the folder of the manifests.',
  },
  MESH0003: {
    example: 'kind: [\n',
    fix: 'Correct the syntax at the place that is named; templates (Helm) must be rendered first.',
  },
  MESH0004: { example: 'a: &a [*a]\n', fix: 'Write the values out instead of referring to them.' },
  MESH0005: {
    example: 'replicas: 2\n',
    fix: 'Move files that hold no Kubernetes objects elsewhere, or leave them out; --ignore-unknown keeps the exit status.',
  },
  MESH0006: { example: 'apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n', fix: 'Write metadata.name.' },
  MESH0007: {
    example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: http}]}\n',
    fix: 'Write a value of the type that is asked for; quotes make a text of a number.',
  },
  MESH0008: {
    example:
      'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cart}\n',
    fix: 'Remove one of the two. Variants of a resource belong in folders that are analyzed apart.',
  },
  MESH0009: {
    example: 'apiVersion: networking.istio.io/v1alpha1\nkind: Gateway\nmetadata: {name: shop}\n',
    fix: 'Write one of the versions that are named.',
  },
  MESH0010: {
    cause: 'More pods than 10.244.0.0/16 has addresses.',
    fix: 'Write status.podIP or spec.clusterIP, or lower the number of replicas.',
  },
  MESH0011: {
    example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: 80, protocol: HTTP}]}\n',
    fix: 'Write one of the values that are named.',
  },
  MESH0012: {
    example:
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: cart}\nspec: {hosts: [cart], htttp: []}\n',
    fix: 'Correct the name of the field; Istio ignores it as it is.',
  },
  MESH0013: { cause: '--mesh-config together with a ConfigMap istio among the manifests.', fix: 'Give MeshConfig in one way.' },
  MESH0014: {
    example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{name: http}]}\n',
    fix: 'Write the field.',
  },
  MESH0015: {
    cause: 'MeshConfig with one value that istiod refuses, such as connectTimeout: 0s',
    fix: 'Correct the value; until then every other setting beside it is lost too.',
  },
  MESH0016: {
    cause: 'MeshConfig with default_config or default_providers',
    fix: 'Write defaultConfig and defaultProviders.',
  },
  MESH0040: {
    cause: 'mesh analyze folder, where folder/x.yaml is a link to a file outside of the folder',
    fix: 'Name the link itself, or the folder that it leads to, with -f; or put the file into the folder.',
  },
  MESH0041: {
    cause: 'A folder above the current one that others may not search.',
    fix: 'Allow searching it (chmod +x), or work in another folder.',
  },
  MESH0101: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart]
  http: [{timeout: soon, route: [{destination: {host: cart}}]}]
`,
    fix: 'Correct the value: Istio drops the whole resource because of it.',
  },
  MESH0102: {
    cause: 'A misspelt field in spec.configPatches[].patch.value.',
    fix: 'Correct the name of the field, or remove it.',
  },
  MESH0103: { cause: 'Something that istioctl validate warns of and istiod takes.', fix: 'Do as the message says, or leave it.' },
  MESH0110: {
    example: 'apiVersion: v1\nkind: Service\nmetadata: {name: Cart}\nspec: {ports: [{name: http, port: 70000}]}\n',
    fix: 'Write a value that the message allows; kubectl apply says the same of it.',
  },
  MESH1101: {
    cause: 'An Ingress with a part that Istio does not read.',
    fix: 'Use a Gateway and VirtualService, or an HTTPRoute.',
  },
  MESH1102: { cause: 'spec.ingressClassName of a class that is not among the manifests.', fix: 'Add the IngressClass.' },
  MESH1201: {
    cause: 'A Gateway whose gatewayClassName is not istio.',
    fix: 'Write gatewayClassName: istio if Istio is to serve it.',
  },
  MESH1202: {
    cause: 'Two listeners of one name or port, or one whose TLS settings do not hold.',
    fix: 'Correct the listener as the message says.',
  },
  MESH1203: {
    cause: 'A route in a namespace that the listener does not admit, or of hostnames that it does not serve.',
    fix: 'Correct parentRefs or hostnames of the route, or allowedRoutes of the listener.',
  },
  MESH1204: { cause: 'A filter or match that Istio cannot convert.', fix: 'Correct the rule that the message names.' },
  MESH1205: {
    cause: 'A backendRef to a Service that does not exist, or in another namespace without a ReferenceGrant.',
    fix: 'Correct the reference, or add the ReferenceGrant.',
  },
  MESH1206: {
    cause: 'A RequestMirror filter whose backend does not exist.',
    fix: 'Correct the reference, or add the ReferenceGrant.',
  },
  MESH1207: { cause: 'A field that only other implementations support.', fix: 'Remove the field, or do without its effect.' },
  MESH1208: {
    cause: 'allowedRoutes.kinds with TCPRoute on a listener of protocol HTTP.',
    fix: 'Correct the kinds or the protocol.',
  },
  MESH1209: { cause: 'A Gateway with two addresses of type IPAddress.', fix: 'Name Services by their hostnames.' },
  MESH1210: { cause: 'A ListenerSet whose Gateway does not allow it.', fix: 'Set spec.allowedListeners of the Gateway.' },
  MESH1211: {
    cause: 'A BackendTLSPolicy without a CA certificate that can be read.',
    fix: 'Correct the policy as the message says.',
  },
  MESH1212: { cause: 'A TCPRoute.', fix: 'Set PILOT_ENABLE_ALPHA_GATEWAY_API on istiod, or use a VirtualService.' },
  MESH1213: {
    cause: 'A Gateway of class istio without its Service and Deployment.',
    fix: 'Nothing, or add them to the manifests if they differ from what istiod makes.',
  },
  MESH1214: {
    cause: 'spec.infrastructure.parametersRef of a Gateway.',
    fix: 'Add the Service and Deployment of the gateway to the manifests.',
  },
  MESH1215: { cause: 'A UDPRoute, or an InferencePool.', fix: 'Nothing, if another controller reads it.' },
  MESH1216: {
    cause: 'spec.addresses of a Gateway with the Service of another namespace.',
    fix: 'Put the Gateway into the namespace of the Service.',
  },
  MESH1220: {
    cause: 'Two servers of one port whose protocols do not go together.',
    fix: 'Use another port, or agree on the protocol.',
  },
  MESH1301: { cause: 'A rule about HTTP for a port of TCP.', fix: 'Remove the part, or apply the policy to HTTP only.' },
  MESH1302: {
    cause: 'An action CUSTOM whose provider is not in MeshConfig.',
    fix: 'Define the provider in MeshConfig.extensionProviders.',
  },
  MESH1303: { cause: 'A jwtRule with jwksUri.', fix: 'Nothing, or write the keys into jwks.' },
  MESH1304: {
    cause: 'A policy that is hidden by an older one, or has no part that Istio reads.',
    fix: 'Do as the message says.',
  },
  MESH1401: { cause: 'A provider that MeshConfig does not define.', fix: 'Define it in MeshConfig.extensionProviders.' },
  MESH1402: { cause: 'A header of a provider with envName.', fix: 'Nothing; know that the value is missing from the result.' },
  MESH1501: { cause: 'A feature that mesh does not compute.', fix: 'Know that istiod would send something else there.' },
  MESH1601: { cause: 'A patch value whose name or type is not that of the object.', fix: 'Correct the value.' },
  MESH1602: { cause: 'A MERGE whose match has objects of several types.', fix: 'Match one filter or one type.' },
  MESH1603: {
    cause: 'A workloadSelector or match that fits nothing.',
    fix: 'Correct the selector or the match; mesh proxy-config shows what the proxies have.',
  },
  MESH2001: { cause: 'Two VirtualServices without gateways for one host.', fix: 'Put the rules into one VirtualService.' },
  MESH2002: {
    cause: 'Two VirtualServices with one host on one gateway.',
    fix: 'Merge the two if the order of their rules matters.',
  },
  MESH2003: { cause: 'A rule for /api/v1 after a rule for /api.', fix: 'Put the narrower rule first.' },
  MESH2004: { cause: 'A match for /api/v1 after a rule for /api.', fix: 'Remove the match, or put its rule first.' },
  MESH2005: {
    cause: 'A younger VirtualService for a host of a gateway whose older one has a rule for all paths.',
    fix: 'Merge the two and put the narrower rule first.',
  },
  MESH2010: {
    cause: 'Two resources that compete, without creationTimestamp.',
    fix: 'Merge the resources, so that the order of their creation does not matter.',
  },
  MESH2020: { cause: 'Two DestinationRules of one host with a subset v1 each.', fix: 'Define each subset once.' },
  MESH2021: {
    cause: 'Two DestinationRules of one host with a trafficPolicy each.',
    fix: 'Keep the trafficPolicy in one of them.',
  },
  MESH2022: {
    cause: 'Two DestinationRules of one host with different exportTo.',
    fix: 'Give them the same exportTo, or merge them.',
  },
  MESH2030: { cause: 'Two ServiceEntries of one host and port, one HTTP and one TCP.', fix: 'Agree on the protocol.' },
  MESH2031: {
    cause: 'A ServiceEntry for cart.shop.svc.cluster.local beside the Service cart.',
    fix: 'Use another host, or remove one of the two.',
  },
  MESH2040: {
    cause: 'A principal other.domain/ns/shop/sa/cart.',
    fix: 'Write cluster.local, or add an alias of the trust domain to MeshConfig.',
  },
  MESH2041: { cause: 'A principal with a service account that no pod has.', fix: 'Correct the name.' },
  MESH2042: { cause: 'A principal that begins with spiffe://.', fix: 'Write <trust domain>/ns/<namespace>/sa/<account>.' },
  MESH2043: { cause: 'methods: [get]', fix: 'Write it in capitals.' },
  MESH2044: {
    cause: 'A path without a slash at its start, or with a * in the middle.',
    fix: 'Correct the path; * is allowed at one end, {*} and {**} in templates.',
  },
  MESH2045: { cause: 'A DENY policy with hosts: [shop.example.com].', fix: 'Add shop.example.com:*.' },
  MESH2046: { cause: 'An ALLOW policy with an empty spec.', fix: 'Nothing if that is meant; rules: [{}] allows all.' },
  MESH2047: { cause: 'A selector with a label that no pod has.', fix: 'Correct the labels.' },
  MESH2048: { cause: 'A rule with a value in both values and notValues.', fix: 'Remove one of the two.' },
  MESH2050: {
    cause: 'tls.mode: DISABLE for workloads under PeerAuthentication STRICT.',
    fix: 'Remove the tls of the DestinationRule, or write ISTIO_MUTUAL.',
  },
  MESH2051: {
    cause: 'tls.mode: ISTIO_MUTUAL for workloads under PeerAuthentication DISABLE.',
    fix: 'Remove the tls of the DestinationRule.',
  },
  MESH2070: { cause: 'A Sidecar whose egress hosts leave out a host of the namespace.', fix: 'Add the host to egress.hosts.' },
  MESH2071: { cause: 'A Sidecar whose egress hosts leave out a host of the namespace.', fix: 'Add the host to egress.hosts.' },
  MESH2080: {
    cause: 'A regular expression with (?=...).',
    fix: 'Write it in the syntax of RE2, which has no look-around and no back references.',
  },
  MESH2081: { cause: 'A regular expression with large counted repetitions.', fix: 'Make it shorter, or use several matches.' },
  MESH2101: { cause: 'mirror with the host of the route.', fix: 'Mirror to another service or subset.' },
  MESH2102: { cause: 'timeout: 1s with three attempts of 1s.', fix: 'Lengthen the timeout, or shorten perTryTimeout.' },
  MESH2103: { cause: 'A RequestAuthentication alone.', fix: 'Add an AuthorizationPolicy that demands requestPrincipals.' },
  MESH2090: {
    cause: 'Two VirtualServices of a gateway whose hosts differ in capitals only.',
    fix: 'Keep the host in one place.',
  },
  MESH2091: {
    cause: 'Two servers of a Gateway, or an EnvoyFilter, with filter chains for the same names.',
    fix: 'Make them different, or remove one.',
  },
  MESH2092: { cause: 'An EnvoyFilter that adds a listener at an address that is taken.', fix: 'Use another port.' },
  MESH2093: {
    cause:
      'A route to a port that its Service does not have, or to a Service of another namespace that is not exported; an extension provider whose Service a Sidecar hides.',
    fix: 'Correct the host or the port, or export the service.',
  },
  MESH2094: {
    cause: 'An EnvoyFilter that inserts a filter after envoy.filters.http.router, or that removes the router.',
    fix: 'Use INSERT_BEFORE, and leave the router.',
  },
  MESH2095: { cause: 'An EnvoyFilter that adds a filter by its name alone.', fix: 'Write typed_config with "@type".' },
  MESH2096: { cause: 'A match on @request.auth.claims without exact, prefix or regex.', fix: 'Say what the claim must be.' },
  MESH2097: {
    example: `${reviews}apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpHeaderName: x-user
        ringHash: {minimumRingSize: 99999999}
`,
    fix: 'Write a value that Envoy takes; the message says which.',
  },
  MESH2098: {
    example: `${reviews}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: bookinfo}
spec:
  hosts: [reviews]
  http:
  - headers: {request: {set: {x-from: "%DOWNSTREAM_REMOTE_ADRESS%"}}}
    route: [{destination: {host: reviews}}]
`,
    fix: 'Correct the text; a percent sign in a format is written as %%.',
  },
  MESH2099: {
    cause: 'A Telemetry that names a zipkin or datadog provider whose Service a Sidecar or exportTo hides from the proxy.',
    fix: 'Let the Sidecar import the Service of the provider, or trace elsewhere.',
  },
  MESH2110: { cause: 'An input of very many resources and proxies.', fix: 'Analyze it in parts, or nothing.' },
  MESH2201: {
    cause: 'match uri prefix /shop with rewrite uri /: /shop/cart becomes //cart.',
    fix: 'Put a match of prefix /shop/ before it, with the same rewrite, and keep /shop as exact.',
  },
  MESH2202: {
    cause: 'A regex match with rewrite.uri.',
    fix: 'Use rewrite.uriRegexRewrite, or a prefix match.',
  },
  MESH2203: {
    cause: 'fault, retries and timeout in one rule, to try whether the retries work.',
    fix: 'Inject the fault at a server, e.g. by a VirtualService of a service behind it.',
  },
  MESH2204: { cause: 'retries with perTryTimeout and no timeout.', fix: 'Set timeout, or leave perTryTimeout out.' },
  MESH2205: {
    cause: 'A VirtualService with rules for clients of one version only.',
    fix: 'Add a last rule without sourceLabels that says what the others get.',
  },
  MESH2206: {
    cause: 'A canary by weights of a service with sticky sessions.',
    fix: 'Split by a header or a cookie, or accept that a client changes versions.',
  },
  MESH2211: {
    cause: 'A load balancer for one port beside connection limits for all.',
    fix: 'Write the connection limits into the settings of the port, too.',
  },
  MESH2221: {
    cause: 'A dash before "to": two rules where one with from and to was meant.',
    fix: 'Remove the dash, or leave it where both rules are meant.',
  },
  MESH2222: {
    cause: 'request.auth.claims[realm_access.roles] for a list inside of realm_access.',
    fix: 'Write request.auth.claims[realm_access][roles].',
  },
  MESH2223: { cause: 'A misspelt name in targetRefs, or a Gateway of another namespace.', fix: 'Correct the name.' },
  MESH2231: {
    cause: 'accessLogging with disabled: true alone, beside MeshConfig.accessLogFile.',
    fix: 'Name the provider: providers: [{name: envoy}].',
  },
};
