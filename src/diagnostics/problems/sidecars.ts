import { defineProblem, type Problem } from '../problem.ts';

/** Problems of Sidecars. */

export const sidecarHidesVirtualService: Problem<[host: string, sidecar: string]> = defineProblem({
  code: 'MESH2070',
  name: 'sidecar-hides-virtual-service',
  severity: 'warning',
  about:
    'A Sidecar does not import the hosts of a VirtualService of its own namespace, so that the VirtualService has no effect on the workloads that the Sidecar selects.',
  cause:
    'A VirtualService for `ratings.backend...` in a namespace whose Sidecar imports only `./*` hosts of services, and not that one.',
  fix: 'Add the host to egress.hosts.',
  message: (host, sidecar) =>
    `spec.hosts: Sidecar ${sidecar} does not import "${host}", so that these rules have no effect on the workloads of that Sidecar; add the host to its egress`,
});

export const sidecarHidesDestination: Problem<[host: string, sidecar: string]> = defineProblem({
  code: 'MESH2071',
  name: 'sidecar-hides-destination',
  severity: 'warning',
  about:
    'A Sidecar does not import the host of a DestinationRule of its own namespace, so that the rule has no effect on the workloads that the Sidecar selects.',
  cause: 'A Sidecar whose egress hosts leave out a host of the namespace.',
  fix: 'Add the host to egress.hosts.',
  message: (host, sidecar) =>
    `spec.host: Sidecar ${sidecar} does not import "${host}", so that the workloads of that Sidecar cannot use this rule; add the host to its egress`,
});
