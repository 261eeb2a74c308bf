import { defineProblem, type Problem } from '../problem.ts';

/** Problems of services: what ServiceEntries and Services say of the same host. */

export const protocolsConflict: Problem<[host: string, port: number, protocol: string, other: string, otherProtocol: string]> =
  defineProblem({
    code: 'MESH2030',
    name: 'protocols-conflict',
    severity: 'warning',
    about:
      'Two ServiceEntries have the same host and port with different protocols; proxies that see both treat the port as only one of them.',
    cause: 'ServiceEntries for `api.example.com` say port 443 is TLS and HTTP.',
    fix: 'Agree on the protocol.',
    message: (host, port, protocol, other, otherProtocol) =>
      `spec.ports: port ${port} of host "${host}" is ${protocol} here and ${otherProtocol} in ServiceEntry ${other}; a proxy that sees both takes one of them for all traffic; give both the same protocol`,
  });

export const hostOfKubernetesService: Problem<[host: string, service: string]> = defineProblem({
  code: 'MESH2031',
  name: 'host-of-kubernetes-service',
  severity: 'warning',
  about:
    'A ServiceEntry has the host of a Kubernetes Service; Istio keeps two services of one name, of which a proxy sees only one.',
  cause: 'A ServiceEntry has host `reviews.bookinfo.svc.cluster.local`, which is a Kubernetes Service.',
  fix: 'Use another host, or remove one of the two.',
  message: (host, service) =>
    `spec.hosts: "${host}" is the name of Kubernetes Service ${service}; a proxy uses the ports and endpoints of only one of the two; give the ServiceEntry a host of its own`,
});

export const serviceSelectsNothing: Problem<[selector: string, workload: string, labels: string]> = defineProblem({
  code: 'MESH2032',
  name: 'service-selects-nothing',
  severity: 'warning',
  about:
    'A Service selects no pod, and there is a workload in its namespace that it seems to be meant for. It has no endpoints, so that requests to it get 503, no healthy upstream (UH).',
  cause:
    'A Service web with `selector: {app: web}` beside a Deployment web whose pods are labelled `app.kubernetes.io/name: web`.',
  fix: 'Make the selector that of the pods.',
  message: (selector, workload, labels) =>
    `spec.selector: no pod of the namespace has the labels ${selector}, so that the Service has no endpoints and requests to it get 503 (no healthy upstream, UH); ${workload}, which no Service selects, has ${labels}`,
});

export const targetPortUnknown: Problem<[field: string, name: string, workload: string, names: string]> = defineProblem({
  code: 'MESH2033',
  name: 'target-port-unknown',
  severity: 'warning',
  about:
    'A Service names a target port that no container of its pods has. The port has no endpoints, so that requests to it get 503, no healthy upstream (UH).',
  cause: '`targetPort: http` for pods whose container port is named `web`.',
  fix: 'Write the name of the container port, or its number.',
  message: (field, name, workload, names) =>
    `${field}: no container of ${workload} has a port named "${name}" (${names}), so that this port has no endpoints and requests to it get 503 (no healthy upstream, UH)`,
});

export const targetPortUndeclared: Problem<[field: string, port: number, workload: string, declared: number]> = defineProblem({
  code: 'MESH2034',
  name: 'target-port-undeclared',
  severity: 'info',
  about:
    'A Service leads to a port that its pods do not declare, while they declare a single other one. Undeclared ports work; if nothing listens there, requests get 503, connection refused (UF, delayed connect error: 111).',
  cause: 'A Service with `port: 80` and no targetPort, for containers with `containerPort: 8080`.',
  fix: 'Set targetPort to the port on which the application listens.',
  message: (field, port, workload, declared) =>
    `${field}: requests go to port ${port} of the pods, and the only port that the containers of ${workload} declare is ${declared}; if nothing listens on ${port}, they get 503 (connection refused, UF): set targetPort: ${declared}`,
});

export const injectionLabelUnknown: Problem<[value: string]> = defineProblem({
  code: 'MESH2036',
  name: 'injection-label-unknown',
  severity: 'warning',
  about:
    'The label istio-injection of a namespace has another value than `enabled` or `disabled`. The injector looks for `enabled`, so that the pods get no sidecar.',
  cause: '`istio-injection: "true"`',
  fix: 'Write enabled.',
  message: (value) =>
    `metadata.labels: istio-injection is "${value}", and the injector looks for "enabled", so that pods of this namespace get no sidecar; write enabled`,
});

export const portOfTheProxy: Problem<[field: string, port: number, use: string]> = defineProblem({
  code: 'MESH2035',
  name: 'port-of-the-proxy',
  severity: 'warning',
  about:
    'A container that gets a sidecar declares a port on which the sidecar listens itself. The application cannot listen there (address already in use), or what is sent there reaches the sidecar.',
  cause: '`containerPort: 15090`',
  fix: 'Let the application use another port; Istio keeps 15000 to 15099 to itself.',
  message: (field, port, use) =>
    `${field}: the sidecar of the pod listens on port ${port} itself (${use}), so that the application cannot (address already in use); use a port outside of 15000 to 15099`,
});
