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
    `${host} has other ports in cluster ${cluster} than in ${first}, whose definition counts for what ${first} configures: ${consequences}`,
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

export const passthroughTooWide: Problem<[gateway: string, host: string, consequence: string]> = defineProblem({
  code: 'MESH1704',
  name: 'passthrough-too-wide',
  severity: 'warning',
  about:
    'A Gateway between networks (AUTO_PASSTHROUGH) has a host that covers more than the Services of the clusters: whoever reaches it is led to what ServiceEntries define too.',
  cause: 'An east-west gateway with `hosts: ["*"]` in place of `["*.local"]`, and a ServiceEntry with `location: MESH_INTERNAL`.',
  fix: 'Name the hosts that are for other networks: "*.local", or a single namespace with "*.shop.svc.cluster.local".',
  message: (gateway, host, consequence) => `Gateway ${gateway} passes on ${host} from other networks: ${consequence}`,
});

export const policyOfOnePrimary: Problem<[policies: string, primary: string, other: string, proxies: string]> = defineProblem({
  code: 'MESH1705',
  name: 'policy-of-one-primary',
  severity: 'warning',
  about:
    'One of several primaries has a policy for workloads of which another has some too, and the other has none like it: each istiod reads the configuration of its own cluster alone.',
  cause:
    'An AuthorizationPolicy for the pods of api in east, while west, with an istiod of its own, has such pods and no policy.',
  fix: 'Write the policy into each primary, or, where that is meant, leave the finding out.',
  message: (policies, primary, other, proxies) =>
    `${policies} stands in primary ${primary} and not in ${other}, whose proxies are without it: ${proxies}`,
});

export const trustDomainsApart: Problem<[from: string, to: string, consequences: string]> = defineProblem({
  code: 'MESH1706',
  name: 'trust-domains-apart',
  severity: 'warning',
  about:
    'Workloads of two clusters have identities that one does not accept of the other, so that mutual TLS between them fails.',
  cause: 'Two primaries with different `trustDomain` in MeshConfig and no `trustDomainAliases`.',
  fix: 'Give both the same trustDomain, or name that of the other in trustDomainAliases of each.',
  message: (from, to, consequences) => `clusters ${from} and ${to} do not accept each other's identities: ${consequences}`,
});

export const rootsApart: Problem<[cluster: string, other: string, otherSecret: string]> = defineProblem({
  code: 'MESH1707',
  name: 'roots-apart',
  severity: 'warning',
  about: 'The authorities of two primaries have no root certificate in common, so that their workloads do not trust each other.',
  cause: 'Clusters that were installed without a common `cacerts`, each of which made itself an authority (istio-ca-secret).',
  fix: 'Install each cluster with intermediate certificates of one root (Secret cacerts in istio-system).',
  message: (cluster, other, otherSecret) =>
    `the authority of cluster ${cluster} has no root certificate in common with ${otherSecret} of ${other}: mutual TLS between their workloads fails`,
});

export const secretOfOneCluster: Problem<[credential: string, gateway: string, cluster: string, places: string]> = defineProblem({
  code: 'MESH1708',
  name: 'secret-of-one-cluster',
  severity: 'warning',
  about: 'The pods of a gateway run in a cluster where the Secret that it names is missing; another cluster has it.',
  cause: 'A Gateway in the primary whose pods run in a remote cluster, while the certificate is in a third one alone.',
  fix: "Write the Secret into the namespace of the gateway's pods in each cluster where they run, or into the primary.",
  message: (credential, gateway, cluster, places) =>
    `the pods of Gateway ${gateway} in cluster ${cluster} do not get ${credential}, which is looked for there and in its primary: only ${places}`,
});

export const configurationOfOnePrimary: Problem<[resources: string, primary: string, other: string, consequence: string]> =
  defineProblem({
    code: 'MESH1709',
    name: 'configuration-of-one-primary',
    severity: 'info',
    about:
      'One of several primaries has configuration that would concern workloads of another too, which has none like it: each istiod reads the configuration of its own cluster alone.',
    cause: 'A VirtualService for web in east, while west, with an istiod of its own, has clients of web and no VirtualService.',
    fix: 'Write it into each primary, where it is not meant for the clients of one alone.',
    message: (resources, primary, other, consequence) =>
      `${resources} stands in primary ${primary} and not in ${other}: ${consequence}`,
  });
