import type { Server } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { passthroughTooWide, secretOfOneCluster } from '../../diagnostics/problems/clusters.ts';
import { secretValues } from '../../model/gateway-api/certificates.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { hostCovers } from '../../model/traffic/host.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Fleet, FleetCluster } from './support/fleet.ts';
import { splitName } from './support/hosts.ts';

/** As many hosts are named. */
const MANY = 3;

/** What Gateways between clusters let through, and what their pods lack in some cluster. */
export const fleetGateways: Analyzer = {
  name: 'mesh.clusters.Gateways',
  about:
    'Gateways between networks lead to the Services of clusters alone, and the pods of Gateways get their Secrets in each cluster',
  reads: ['Gateway', 'ServiceEntry', 'Secret'],
  codes: [passthroughTooWide.code, secretOfOneCluster.code],
  isOfFleet: true,
  run({ fleet }, report) {
    if (fleet === undefined) return;
    for (const [primary, mesh] of fleet.meshes) {
      const proxies = mesh.proxies.filter(({ role }) => role === 'gateway');
      const used = new Map<ResourceOf<'Gateway'>, Proxy[]>();
      for (const proxy of proxies) {
        for (const { gateway } of mesh.gateways.select(proxy.labels, proxy.targets)) {
          used.set(gateway, [...(used.get(gateway) ?? []), proxy]);
        }
      }
      for (const [gateway, pods] of used) {
        (gateway.spec.servers ?? []).forEach((server, index) => {
          checkHosts(gateway, { server, index }, pods, mesh, report);
          checkSecret(gateway, { server, index }, pods, { fleet, primary }, report);
        });
      }
    }
  },
};

interface ServerPlace {
  readonly server: Server;
  readonly index: number;
}

function checkHosts(
  gateway: ResourceOf<'Gateway'>,
  { server, index }: ServerPlace,
  pods: readonly Proxy[],
  mesh: Mesh,
  report: Report,
): void {
  if (server.tls?.mode !== 'AUTO_PASSTHROUGH') return;
  (server.hosts ?? []).forEach((written, place) => {
    const host = written.slice(written.indexOf('/') + 1);
    if (!isWide(host, mesh.domainSuffix)) return;
    const outside = mesh.registry.services.filter(
      ({ registry, meshExternal, hostname, visibility }) =>
        registry === 'External' &&
        !meshExternal &&
        hostCovers(host, hostname) &&
        !hostname.endsWith(`.${mesh.domainSuffix}`) &&
        pods.some(({ namespace }) => isVisible(visibility, namespace)),
    );
    const subject = at(gateway, ['spec', 'servers', index, 'hosts', place]);
    if (outside.length > 0) {
      const names = [...new Set(outside.map(({ hostname }) => hostname))].sort();
      const more = names.length > MANY ? [`${names.length - MANY} more`] : [];
      const list = [...names.slice(0, MANY), ...more].join(', ');
      report(passthroughTooWide(subject, fullName(gateway), host, `that leads to ServiceEntries of this mesh too, ${list}`));
    } else if (host === '*') {
      const consequence = 'it would lead to each ServiceEntry with location MESH_INTERNAL too, of which there is none';
      report({ ...passthroughTooWide(subject, fullName(gateway), host, consequence), severity: 'info' });
    }
  });
}

/** Whether a host covers a whole top-level domain that is not that of the clusters. */
function isWide(host: string, domain: string): boolean {
  if (host === '*') return true;
  const top = /^\*\.([^.]+)$/.exec(host)?.[1];
  return top !== undefined && top !== domain.slice(domain.lastIndexOf('.') + 1);
}

/** istio pilot/pkg/credentials/kube/multicluster.go ForCluster: a proxy gets those of its own cluster, then those of its istiod's. */
function checkSecret(
  gateway: ResourceOf<'Gateway'>,
  { server, index }: ServerPlace,
  pods: readonly Proxy[],
  { fleet: { clusters }, primary }: { readonly fleet: Fleet; readonly primary: string },
  report: Report,
): void {
  const credential = server.tls?.credentialName ?? '';
  // Other schemes and lists of ConfigMaps are none of these.
  if (credential === '' || credential.includes('://')) return;
  for (const cluster of new Set(pods.map(({ clusterId }) => clusterId))) {
    const pod = pods.find(({ clusterId }) => clusterId === cluster);
    const asked = clusters.filter(({ name }) => name === cluster || name === primary);
    // Where no Secrets are kept among the manifests, nobody knows.
    if (pod === undefined || asked.every(({ written }) => resourcesOf(written, 'Secret').length === 0)) continue;
    const { namespace, name } = splitName(credential, pod.namespace);
    const isThere = (of: FleetCluster): boolean =>
      resourcesOf(of.written, 'Secret').some(
        (secret) => secret.name === name && secret.namespace === namespace && Object.keys(secretValues(secret.spec)).length > 0,
      );
    if (asked.some(isThere)) continue;
    const elsewhere = clusters.filter(isThere).map((each) => each.name);
    if (elsewhere.length === 0) continue;
    const subject = at(gateway, ['spec', 'servers', index, 'tls', 'credentialName']);
    const places = `${elsewhere.join(', ')} ${elsewhere.length === 1 ? 'has' : 'have'} it`;
    report(secretOfOneCluster(subject, `Secret ${namespace}/${name}`, fullName(gateway), cluster, places));
  }
}
