import type { Explanations } from './explanation.ts';

/** Explanations of Istio's codes; each example makes the analyzers report the code (test/unit/findings/analyzers/explanations.test.ts). */

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: [shop.example.com]
`;

const service = `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80}]
`;

const cartPod = `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  containers: [{name: cart, image: example.com/cart}]
`;

const telemetry = (name: string, spec: string): string => `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

const sidecar = (name: string, spec: string): string => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

const envoyFilter = (name: string, patch: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: shop}
spec:
  configPatches:
  - ${patch}
`;

const insertBefore = `applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: example.filter}`;

const webhook = (name: string, clientConfig: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: ${name}}
webhooks:
- name: rev.namespace.sidecar-injector.istio.io
  clientConfig: ${clientConfig}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
`;

const injector = (values: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '${values}'
`;

const join = (...documents: readonly string[]): string => documents.join('---\n');

export const istioExplanations: Explanations = {
  IST0001: { cause: 'A mistake in the tool itself.', fix: 'Report it to the makers of the tool.' },
  IST0002: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - fault: {delay: {percent: 10, fixedDelay: 5s}}
    route: [{destination: {host: cart}}]
`,
    fix: 'Use what the message names instead.',
  },
  IST0101: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart.example.com]
  gateways: [istio-system/shop]
  http:
  - route: [{destination: {host: cart, subset: v2}}]
`,
    fix: 'Correct the name, with its namespace where the other resource stands in another one, or add what is missing. When it is defined elsewhere, analyze both together, or use --partial.',
  },
  IST0102: {
    example: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    fix: 'Label the namespace istio-injection=enabled, or istio-injection=disabled if its pods are to stay out of the mesh.',
  },
  IST0103: {
    example: join('apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n', cartPod),
    fix: 'Restart the pod, so that the injector sees it; label it sidecar.istio.io/inject: "false" if it is to stay out of the mesh.',
  },
  IST0106: {
    example: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
`,
    fix: 'Correct the field that the message names. mesh validate says the same without a whole mesh.',
  },
  IST0107: {
    example: `apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  annotations: {proxy.istio.io/config: "concurrency: 2"}
spec:
  ports: [{name: http, port: 80}]
`,
    fix: 'Move the annotation to the kind that the message names; on a Deployment, into the template of its pods.',
  },
  IST0108: {
    example: `apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  annotations: {networking.istio.io/exportsTo: "."}
spec:
  ports: [{name: http, port: 80}]
`,
    fix: 'Correct the name of the annotation.',
  },
  IST0109: {
    example: join(
      ...['a', 'b'].map(
        (name) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart}}]}]
`,
      ),
    ),
    fix: 'Put the rules for the host into one VirtualService, or keep one from the namespaces of the other with exportTo.',
  },
  IST0110: {
    example: join(
      cartPod,
      sidecar('a', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
      sidecar('b', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
    ),
    fix: 'Merge the Sidecars, or make their selectors different.',
  },
  IST0111: {
    example: join(sidecar('a', '{egress: [{hosts: ["./*"]}]}'), sidecar('b', '{egress: [{hosts: ["./*"]}]}')),
    fix: 'Merge the Sidecars, or give all but one a workloadSelector.',
  },
  IST0112: {
    example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports: [{name: http, port: 80}, {name: http-admin, port: 81}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart}}]}]
`,
    fix: 'Write destination.port.number.',
  },
  IST0116: {
    example: `apiVersion: apps/v1
kind: Deployment
metadata: {name: dns, namespace: shop}
spec:
  selector: {matchLabels: {app: dns}}
  template:
    metadata: {labels: {app: dns, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: dns, image: example.com/dns}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns-tcp, namespace: shop}
spec: {selector: {app: dns}, ports: [{name: tcp, port: 53, protocol: TCP}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns-udp, namespace: shop}
spec: {selector: {app: dns}, ports: [{name: udp, port: 53, protocol: UDP}]}
`,
    fix: 'Use different port numbers, or one Service with both ports.',
  },
  IST0118: {
    example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports: [{name: web, port: 80}]
`,
    fix: 'Begin the name with the protocol (http, http-web, grpc, tcp...) or set appProtocol.',
  },
  IST0123: {
    example: `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled, istio.io/rev: canary}}
`,
    fix: 'Keep one of the labels.',
  },
  IST0125: {
    example: `apiVersion: v1
kind: Pod
metadata:
  name: cart
  namespace: shop
  annotations: {traffic.sidecar.istio.io/excludeInboundPorts: http}
spec:
  containers: [{name: cart, image: example.com/cart}]
`,
    fix: 'Correct the value; the message says what is wrong with it.',
  },
  IST0126: {
    example: `apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  meshNetworks: |
    networks:
      north:
        endpoints: [{fromRegistry: cluster-1}]
        gateways: [{address: 192.0.2.1, port: 15443}]
`,
    fix: 'Name a cluster for which there is a remote Secret, or Kubernetes.',
  },
  IST0127: {
    example: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: crat}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
`,
    fix: 'Correct the labels or the namespace of the policy, or add the workload. Pods count only when they are in the mesh.',
  },
  IST0128: {
    example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy: {tls: {mode: SIMPLE}}
`,
    fix: 'Name the certificates of the authorities to trust: caCertificates: system, a file, or credentialName with a workloadSelector.',
  },
  IST0129: {
    example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy:
    portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE}}]
`,
    fix: 'Name the certificates of the authorities to trust: caCertificates: system, a file, or credentialName with a workloadSelector.',
  },
  IST0130: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - route: [{destination: {host: cart}}]
  - match: [{uri: {prefix: /api}}]
    route: [{destination: {host: cart-api}}]
`,
    fix: 'Put the rule before the one that takes its requests, or remove it. A rule without a match goes last.',
  },
  IST0131: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - match: [{uri: {prefix: /api}}]
    route: [{destination: {host: cart-api}}]
  - match: [{uri: {prefix: /api}}, {uri: {prefix: /old}}]
    route: [{destination: {host: cart}}]
`,
    fix: 'Remove the match.',
  },
  IST0132: {
    example: join(
      gateway,
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart.example.com]
  gateways: [istio-system/shop]
  http: [{route: [{destination: {host: cart}}]}]
`,
    ),
    fix: 'Add the host to a server of the Gateway, in a form that the namespace of the VirtualService may use.',
  },
  IST0133: {
    example: envoyFilter('cart', insertBefore),
    fix: 'Correct what the message names; where it warns of an EnvoyFilter as such, use another kind of resource if one can do it.',
  },
  IST0134: {
    example: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: database, namespace: shop}
spec:
  hosts: [db.example.com]
  ports: [{number: 5432, name: tcp, protocol: TCP}]
  resolution: DNS
`,
    fix: 'Add addresses, or switch automatic addresses on (ISTIO_META_DNS_CAPTURE and PILOT_ENABLE_IP_AUTOALLOCATE in proxyMetadata).',
  },
  IST0135: {
    example: `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, annotations: {sidecar.istio.io/inject: "true"}}
spec:
  containers: [{name: cart, image: example.com/cart}]
`,
    fix: 'Use what replaces the annotation: a label, or a field of ProxyConfig.',
  },
  IST0136: {
    example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {networking.istio.io/exportTo: "."}}
spec:
  ports: [{name: http, port: 80}]
`,
    fix: 'Know that its behaviour may change. Reported only with --analyzer annotations.AlphaAnalyzer.',
  },
  IST0137: {
    example: `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: cart, image: example.com/cart}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-old, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 81, targetPort: 8080}]}
`,
    fix: 'Lead to the target port from one port number only.',
  },
  IST0138: {
    example: join(
      ...['shop', 'cart'].map(
        (name) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [${name}.example.com]
    tls: {mode: SIMPLE, credentialName: wildcard}
`,
      ),
    ),
    fix: 'Put the hosts of one certificate into one Gateway, or give each its own certificate.',
  },
  IST0139: {
    example: webhook('istio-sidecar-injector', '{service: {name: istiod, namespace: istio-system}}'),
    fix: 'Install the control plane that the webhook calls, or remove the webhook; of two that overlap, remove one or narrow its selectors.',
  },
  IST0140: {
    example: join(
      gateway,
      service,
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: subsets, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart, subset: v1}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: entry, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/shop]
  http: [{route: [{destination: {host: cart}}]}]
`,
    ),
    fix: 'Choose the subset in the VirtualService of the gateway too: rules for sidecars do not apply there.',
  },
  IST0141: { cause: 'istioctl precheck of a live cluster.', fix: 'Give the user the permission.' },
  IST0142: { cause: 'istioctl precheck of a live cluster.', fix: 'Upgrade Kubernetes.' },
  IST0143: { cause: 'istioctl precheck, which asks running proxies.', fix: 'Listen on all addresses, or on that of the pod.' },
  IST0144: {
    example: `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec:
  containers: [{name: cart, image: example.com/cart, securityContext: {runAsUser: 1337}}]
`,
    fix: 'Run the container as another user.',
  },
  IST0145: {
    example: join(gateway, gateway.replace('name: shop', 'name: cart')),
    fix: 'Put the host into one Gateway only, or serve it on another port or bind address.',
  },
  IST0146: {
    example: `apiVersion: apps/v1
kind: Deployment
metadata: {name: egress, namespace: shop}
spec:
  selector: {matchLabels: {app: egress}}
  template:
    metadata: {labels: {app: egress}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
`,
    fix: 'Label the namespace or the pods so that an injector takes them, or write the image.',
  },
  IST0147: {
    example: `apiVersion: v1
kind: Pod
metadata: {name: egress, namespace: shop}
spec: {containers: [{name: istio-proxy, image: auto}]}
`,
    fix: 'Let a Deployment make the pod, in a namespace that is injected, or write the image.',
  },
  IST0148: {
    example: join(
      injector('{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    ),
    fix: 'Label the namespace istio-injection=disabled if its pods are to stay out of the mesh.',
  },
  IST0149: {
    example: join(
      gateway,
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: istio-system}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
  - match: [{headers: {"@request.auth.claims.group": {exact: staff}}}]
    route: [{destination: {host: cart.shop.svc.cluster.local}}]
`,
    ),
    fix: 'Add a RequestAuthentication that selects the pods of the gateway.',
  },
  IST0150: {
    example: `apiVersion: v1
kind: Service
metadata: {name: partner, namespace: shop}
spec:
  type: ExternalName
  externalName: api.example.com
  ports: [{name: tcp, port: 443}]
`,
    fix: 'Name the port after what is spoken there (https, http...), or remove the ports.',
  },
  IST0151: {
    example: envoyFilter('cart', insertBefore),
    fix: 'Set spec.priority, or use INSERT_FIRST.',
  },
  IST0152: {
    example: envoyFilter('cart', 'applyTo: CLUSTER\n    patch: {operation: REPLACE, value: {name: x}}'),
    fix: 'Use MERGE, or REMOVE and ADD.',
  },
  IST0153: {
    example: envoyFilter('cart', 'applyTo: HTTP_ROUTE\n    patch: {operation: ADD, value: {name: x}}'),
    fix: 'Use INSERT_FIRST, INSERT_BEFORE or MERGE.',
  },
  IST0154: {
    example: envoyFilter('cart', 'applyTo: HTTP_ROUTE\n    patch: {operation: REMOVE}'),
    fix: 'Change the VirtualService from which the route comes.',
  },
  IST0155: {
    example: join(
      envoyFilter('a', insertBefore.replace('match: {', "match: {proxy: {proxyVersion: '^1\\.30.*'}, ")),
      envoyFilter('b', insertBefore),
    ),
    fix: 'Set spec.priority, or use INSERT_FIRST.',
  },
  IST0156: { cause: 'Istio no longer reports it.', fix: 'Upgrade the Gateway API.' },
  IST0157: {
    example: telemetry('logs', '{accessLogging: [{disabled: false}]}'),
    fix: 'Name a provider: accessLogging: [{providers: [{name: envoy}]}], or set defaultProviders.accessLogging in MeshConfig.',
  },
  IST0158: {
    example: join(
      injector('{"global": {"hub": "docker.io/istio", "tag": "1.27.1", "proxy": {"image": "proxyv2"}}}'),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n',
      cartPod.replace('containers: [', 'containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.27.0"}, '),
    ),
    fix: 'Restart the pods.',
  },
  IST0159: {
    example: join(
      cartPod,
      telemetry('a', '{selector: {matchLabels: {app: cart}}}'),
      telemetry('b', '{selector: {matchLabels: {app: cart}}}'),
    ),
    fix: 'Merge the resources, or make their selectors different.',
  },
  IST0160: {
    example: join(telemetry('a', '{}'), telemetry('b', '{}')),
    fix: 'Merge the resources, or give all but one a selector.',
  },
  IST0161: {
    example: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
    tls: {mode: SIMPLE, credentialName: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: istio-system}
type: kubernetes.io/tls
stringData: {tls.crt: none, tls.key: none}
`,
    fix: 'Put a certificate that is valid now and its key into the Secret: tls.crt and tls.key.',
  },
  IST0162: {
    example: gateway.replace('number: 80', 'number: 8888'),
    fix: 'Add the port to the Service of the gateway, or use one of its ports.',
  },
  IST0163: {
    example: webhook('istio-sidecar-injector', '{}'),
    fix: 'Write the URL of the control plane, or the Service that stands for it.',
  },
  IST0164: {
    example: webhook('istio-sidecar-injector', '{url: "https://192.0.2.1:15017/inject"}'),
    fix: 'Name the control plane by a host name that its certificate holds.',
  },
  IST0165: {
    example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [shop~istio-autogenerated-k8s-gateway~http]
  http: [{route: [{destination: {host: cart}}]}]
`,
    fix: 'Attach an HTTPRoute to the Gateway of the Gateway API instead.',
  },
  IST0166: {
    example: `apiVersion: v1
kind: Pod
metadata: {name: shop-istio-0, namespace: shop, labels: {gateway.networking.k8s.io/gateway-name: shop}}
spec:
  containers: [{name: istio-proxy, image: example.com/proxy}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: shop}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
`,
    fix: 'Replace the selector by targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: shop}].',
  },
  IST0167: {
    example: join(
      cartPod.replace('labels:', 'annotations: {ambient.istio.io/redirection: enabled}, labels:'),
      sidecar('cart', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
    ),
    fix: 'Remove the policy; pods in ambient mode have no sidecar.',
  },
  IST0168: { cause: 'istioctl precheck of a live cluster.', fix: 'Follow the notes of the release that the message names.' },
  IST0169: { cause: 'istioctl precheck of a live cluster.', fix: 'Follow the notes of the release that the message names.' },
  IST0170: { cause: 'Several clusters, which mesh does not read.', fix: 'Define the service in the same way in all clusters.' },
  IST0171: {
    example: `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
status:
  conditions: [{type: Programmed, status: "False", reason: Pending, message: no address yet}]
`,
    fix: 'Do what the message of the condition asks for.',
  },
  IST0172: { cause: 'Istio no longer reports it.', fix: 'Upgrade the Gateway API.' },
  IST0173: {
    example: join(
      service,
      cartPod,
      `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  subsets: [{name: v2, labels: {version: v2}}]
`,
    ),
    fix: 'Correct the labels of the subset, or add the workload.',
  },
  IST0174: {
    example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: crat}
`,
    fix: 'Correct the host; a short name is one of a Service in the namespace of the DestinationRule. Hosts outside of the mesh need a ServiceEntry.',
  },
  IST0175: {
    example: `apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    spec: {containers: [{name: discovery, image: example.com/pilot}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: shop}
spec:
  jwtRules: [{issuer: "https://id.example.com", jwksUri: "https://id.example.com/keys"}]
`,
    fix: 'Set the variable BLOCKED_CIDRS_IN_JWKS_URIS of istiod to the networks from which no keys come.',
  },
  IST0176: {
    example: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tlsroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: v1.4.0}
spec: {group: gateway.networking.k8s.io, names: {kind: TLSRoute}}
`,
    fix: 'Install a newer Gateway API.',
  },
};
