import type { Report } from '../../diagnostics/diagnostic.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { rootsApart, trustDomainsApart } from '../../diagnostics/problems/clusters.ts';
import { secretValues } from '../../model/gateway-api/certificates.ts';
import type { Mesh } from '../../model/mesh.ts';
import { DEFAULT_TRUST_DOMAIN } from '../../model/mesh-input.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { own } from '../../util/object.ts';
import { pemBlocks } from '../../util/pem.ts';
import { at, inConfig } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { FleetCluster } from './support/fleet.ts';

/** Whether workloads of different clusters accept each other's certificates. */
export const fleetIdentities: Analyzer = {
  name: 'mesh.clusters.Identities',
  about: 'Workloads of different clusters accept the trust domains and the authorities of each other',
  reads: ['ConfigMap', 'Secret'],
  codes: [trustDomainsApart.code, rootsApart.code],
  isOfFleet: true,
  run({ fleet }, report) {
    if (fleet === undefined) return;
    const parties = fleet.clusters.flatMap((cluster): readonly Party[] => {
      const mesh = fleet.meshes.get(cluster.primary);
      const hasProxies = mesh?.proxies.some(({ clusterId }) => clusterId === cluster.name) ?? false;
      if (mesh === undefined || !hasProxies) return [];
      const trustDomain = mesh.config.trustDomain ?? DEFAULT_TRUST_DOMAIN;
      const isPrimary = cluster.primary === cluster.name;
      return [
        {
          cluster,
          mesh,
          trustDomain,
          aliases: mesh.config.trustDomainAliases ?? [],
          expected: isPrimary ? trustDomain : statedIn(cluster),
          seen: statedIn(cluster),
        },
      ];
    });
    parties.forEach((party, index) => {
      for (const other of parties.slice(index + 1)) compareTrustDomains(party, other, report);
    });
    const primaries = fleet.clusters.filter(
      ({ name, primary }) => name === primary && parties.some(({ cluster }) => cluster.primary === name),
    );
    primaries.forEach((primary, index) => {
      for (const other of primaries.slice(index + 1)) {
        const trusting = [primary, other].some(({ input }) => (input.meshConfig.caCertificates ?? []).length > 0);
        if (!trusting) compareRoots(primary, other, report);
      }
    });
  },
};

/** A cluster with pods in the mesh. */
interface Party {
  readonly cluster: FleetCluster;
  readonly mesh: Mesh;
  /** Of its istiod: what the certificates of its pods say. */
  readonly trustDomain: string;
  /** What its proxies accept beside that, as servers and, of servers, as clients. */
  readonly aliases: readonly string[];
  /** The trust domain in which clients of its own istiod, and those of others, look for its pods; undefined where the input leaves it open. */
  readonly expected: string | undefined;
  readonly seen: string | undefined;
}

/** The trust domain that istiods of other clusters read in the ConfigMap `istio` of a cluster. */
function statedIn({ input: { trustDomain }, written }: FleetCluster): string | undefined {
  const isTold = resourcesOf(written, 'ConfigMap').some(
    ({ namespace, name }) => namespace === 'istio-system' && name === 'istio',
  );
  return trustDomain ?? (isTold ? DEFAULT_TRUST_DOMAIN : undefined);
}

function compareTrustDomains(a: Party, b: Party, report: Report): void {
  const consequences = [...refusals(a, b), ...refusals(b, a)];
  if (consequences.length === 0) return;
  const [subject = {}] = [b, a].flatMap(subjectOf);
  report(trustDomainsApart(subject, a.cluster.name, b.cluster.name, consequences.join('; ')));
}

/** Why calls from pods of one cluster to those of another fail. */
function refusals(client: Party, server: Party): readonly string[] {
  const from = client.cluster.name;
  const to = server.cluster.name;
  const looksFor = client.cluster.primary === server.cluster.primary ? server.expected : server.seen;
  const isAccepted = [server.trustDomain, ...server.aliases].includes(client.trustDomain);
  const isExpected = looksFor === undefined || [looksFor, ...client.aliases].includes(server.trustDomain);
  return [
    ...(isAccepted ? [] : [`pods of ${to} refuse those of ${from}, whose trust domain is ${client.trustDomain}`]),
    ...(isExpected
      ? []
      : [
          `pods of ${from} look for those of ${to} in the trust domain ${looksFor}, whose certificates say ${server.trustDomain}`,
        ]),
  ];
}

function subjectOf({ cluster }: Party): readonly Subject[] {
  const { meshConfigSource } = cluster.input;
  return meshConfigSource === undefined ? [] : [inConfig(meshConfigSource, ['trustDomain'])];
}

function compareRoots(a: FleetCluster, b: FleetCluster, report: Report): void {
  const [first, second] = [rootsOf(a), rootsOf(b)];
  if (first === undefined || second === undefined) return;
  if (first.roots.some((root) => second.roots.includes(root))) return;
  report(rootsApart(at(first.secret), a.name, b.name, `Secret istio-system/${second.secret.name}`));
}

/** Where the authority of an istiod keeps its root, by the names of Secrets that count first; istio security/pkg/pki/ca. */
const homes: readonly (readonly [secret: string, keys: readonly string[]])[] = [
  ['cacerts', ['root-cert.pem', 'ca.crt']],
  ['istio-ca-secret', ['root-cert.pem', 'ca-cert.pem']],
];

function rootsOf({
  written,
}: FleetCluster): { readonly secret: ResourceOf<'Secret'>; readonly roots: readonly string[] } | undefined {
  const secrets = resourcesOf(written, 'Secret').filter(({ namespace }) => namespace === 'istio-system');
  for (const [name, keys] of homes) {
    const secret = secrets.find((candidate) => candidate.name === name);
    if (secret === undefined) continue;
    const values = secretValues(secret.spec);
    const text = keys.map((key) => own(values, key)).find((value) => value !== undefined && value !== '');
    const roots = pemBlocks(text ?? '').map(({ body }) => body.replaceAll(/\s/g, ''));
    return roots.length === 0 ? undefined : { secret, roots };
  }
  return undefined;
}
