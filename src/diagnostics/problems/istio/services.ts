import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';

/** Findings of Istio about Services and ServiceEntries. */

export const deploymentAssociatedToMultipleServices: Problem<[deployment: string, port: number, services: readonly string[]]> =
  defineProblem({
    code: 'IST0116',
    name: 'deployment-associated-to-multiple-services',
    severity: 'warning',
    about: 'Services that select the same pods use one port number with different transport protocols.',
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
    message: (deployment, port, services) =>
      `This deployment ${deployment} is associated with multiple services using port ${port} but different protocols: ${goList(services)}`,
  });

export const portNameIsNotUnderNamingConvention: Problem<[portName: string, port: number, targetPort: string]> = defineProblem({
  code: 'IST0118',
  name: 'port-name-is-not-under-naming-convention',
  severity: 'info',
  about: 'The name of a service port does not begin with a protocol, so Envoy has to guess what is spoken there.',
  example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports: [{name: web, port: 80}]
`,
  fix: 'Begin the name with the protocol (http, http-web, grpc, tcp...) or set appProtocol.',
  message: (portName, port, targetPort) =>
    `Port name ${portName} (port: ${port}, targetPort: ${targetPort}) doesn't follow the naming convention of Istio port.`,
});

export const serviceEntryAddressesRequired: Problem<[]> = defineProblem({
  code: 'IST0134',
  name: 'service-entry-addresses-required',
  severity: 'warning',
  about: 'A ServiceEntry has a TCP port but no address by which Envoy could tell its traffic from that of others.',
  example: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: database, namespace: shop}
spec:
  hosts: [db.example.com]
  ports: [{number: 5432, name: tcp, protocol: TCP}]
  resolution: DNS
`,
  fix: 'Add addresses, or switch automatic addresses on (ISTIO_META_DNS_CAPTURE and PILOT_ENABLE_IP_AUTOALLOCATE in proxyMetadata).',
  message: () => 'ServiceEntry addresses are required for this protocol.',
});

export const deploymentConflictingPorts: Problem<
  [deployment: string, services: readonly string[], targetPort: string, ports: readonly number[]]
> = defineProblem({
  code: 'IST0137',
  name: 'deployment-conflicting-ports',
  severity: 'warning',
  about: 'Services that select the same pods lead from different ports to one target port.',
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
  message: (deployment, services, targetPort, ports) =>
    `This deployment ${deployment} is associated with multiple services ${goList(services)} using targetPort ${goQuote(targetPort)} but different ports: ${goList(ports)}.`,
});

export const localhostListener: Problem<[port: string]> = defineProblem({
  code: 'IST0143',
  name: 'localhost-listener',
  severity: 'error',
  about: 'A pod listens on localhost only, at a port that a Service exposes.',
  cause: 'istioctl precheck, which asks running proxies.',
  fix: 'Listen on all addresses, or on that of the pod.',
  message: (port) => `Port ${port} is exposed in a Service but listens on localhost. It will not be exposed to other pods.`,
});

export const externalNameServiceTypeInvalidPortName: Problem<[]> = defineProblem({
  code: 'IST0150',
  name: 'external-name-service-type-invalid-port-name',
  severity: 'warning',
  about: 'A port of an ExternalName service is named as TCP, which can keep other traffic from its destination.',
  example: `apiVersion: v1
kind: Service
metadata: {name: partner, namespace: shop}
spec:
  type: ExternalName
  externalName: api.example.com
  ports: [{name: tcp, port: 443}]
`,
  fix: 'Name the port after what is spoken there (https, http...), or remove the ports.',
  message: () =>
    'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
});

export const conflictingServiceEntryProtocol: Problem<
  [entries: readonly string[], host: string, port: number, protocols: readonly string[]]
> = defineProblem({
  code: 'IST0177',
  name: 'conflicting-service-entry-protocol',
  severity: 'warning',
  about: 'ServiceEntries that one namespace sees give a port of the same host different protocols.',
  example: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec:
  hosts: [api.example.com]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner-http, namespace: shop}
spec:
  hosts: [api.example.com]
  ports: [{number: 443, name: http, protocol: HTTP}]
  resolution: DNS
`,
  fix: 'Give the port one protocol, or keep the entries in their own namespaces with exportTo.',
  message: (entries, host, port, protocols) =>
    `Multiple ServiceEntries (${entries.join(', ')}) define the same host ${goQuote(host)} and port ${port} with conflicting protocols (${protocols.join(', ')}).`,
});
