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
