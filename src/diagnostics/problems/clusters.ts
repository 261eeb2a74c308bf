import { defineProblem, type Problem } from '../problem.ts';

/** Problems of meshes of several clusters. */

export const primaryUnknown: Problem<[cluster: string, named: string, known: string]> = defineProblem({
  code: 'MESH1700',
  name: 'primary-unknown',
  severity: 'warning',
  about: 'A remote cluster names control planes that are in none of the clusters; it is taken for one that has its own.',
  cause:
    'The namespace istio-system of a cluster with `topology.istio.io/controlPlaneClusters: est`, where the cluster is called east.',
  fix: 'Correct the name, or name that cluster with its manifests too.',
  message: (cluster, named, known) =>
    `cluster ${cluster} is configured by ${named}, of which no manifests are given (there are ${known}): it is taken for its own primary`,
});

export const remoteConfiguration: Problem<[cluster: string, primary: string, resources: string]> = defineProblem({
  code: 'MESH1701',
  name: 'remote-configuration',
  severity: 'warning',
  about: 'A remote cluster holds configuration that no istiod reads: only that of its primary counts.',
  cause:
    'A VirtualService in the manifests of west, whose namespace istio-system has `topology.istio.io/controlPlaneClusters: east`.',
  fix: 'Write it into the primary; without effect where it stands there already.',
  message: (cluster, primary, resources) =>
    `cluster ${cluster} is configured by ${primary}, so that what it holds itself counts for nobody: ${resources}`,
});

export const portsDiffer: Problem<[host: string, cluster: string, first: string, consequences: string]> = defineProblem({
  code: 'MESH1702',
  name: 'ports-differ-between-clusters',
  severity: 'warning',
  about: 'A Service has other ports in one cluster than in another; the definition of the first cluster stands for both.',
  cause: 'A Service with the port `http: 80` in east and `web: 80` in west: the pods of west are not behind `http`.',
  fix: 'Give the Service the same ports, by name, number and protocol, in all clusters.',
  message: (host, cluster, first, consequences) =>
    `${host} has other ports in cluster ${cluster} than in ${first}, which stands for all of it: ${consequences}`,
});

export const networkWithoutGateway: Problem<[network: string, workloads: string, others: string]> = defineProblem({
  code: 'MESH1703',
  name: 'network-without-gateway',
  severity: 'warning',
  about:
    'A network has workloads and no gateway, so that clients in other networks are sent straight to addresses which they cannot reach.',
  cause: 'Two clusters of different networks, of which one has no east-west gateway, or one without an address yet.',
  fix: 'Give the network an east-west gateway with its label topology.istio.io/network and an address, or name it in MeshNetworks.',
  message: (network, workloads, others) =>
    `network ${network} has no gateway: clients in ${others} are sent to the addresses of ${workloads} there`,
});
