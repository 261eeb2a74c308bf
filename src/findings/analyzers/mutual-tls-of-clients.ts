import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { mutualTlsMisjudged, portLevelServicePort } from '../../diagnostics/problems/policy-effects.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Endpoint, Service, ServicePort } from '../../model/registry/service.ts';
import { acceptsMutualTls, inferServiceMutualTls, mutualTlsModeOfPort } from '../../model/security/peer-authentication.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { saysTls } from './support/tls-settings.ts';
import type { Traffic } from './support/traffic.ts';

/** PeerAuthentications that clients do not see as they are: those for workloads and ports. */
export const mutualTlsOfClients: Analyzer = {
  name: 'mesh.peerauthentication.Clients',
  about: 'PeerAuthentications that the mutual TLS of clients does not fit, and those for ports that no workload has',
  reads: ['PeerAuthentication', 'Service', 'Pod', 'DestinationRule'],
  codes: [mutualTlsMisjudged.code, portLevelServicePort.code],
  needsAll: ['DestinationRule', 'PeerAuthentication', 'Service'],
  run: (reader, report) => {
    if (reader.list('PeerAuthentication').length === 0) return;
    const mesh = reader.mesh();
    const traffic = reader.traffic();
    for (const service of mesh.registry.services) reportUnreachable(mesh, traffic, service, report);
    reportServicePorts(mesh, report);
  },
};

function reportUnreachable(mesh: Mesh, traffic: Traffic, service: Service, report: Report): void {
  if (service.meshExternal) return;
  const reported = new Set<ResourceOf<'PeerAuthentication'>>();
  for (const port of service.ports) {
    const endpoints = mesh.registry.endpointsOf(service, port);
    if (!endpoints.some((endpoint) => misjudges(mesh, service, endpoint, endpoints) !== undefined)) continue;
    if (saysMode(mesh, traffic, service, port)) return;
    for (const endpoint of endpoints) {
      const found = misjudges(mesh, service, endpoint, endpoints);
      if (found === undefined || reported.has(found.policy)) continue;
      reported.add(found.policy);
      const { what, why, fix } = wordsFor(mesh, service, found);
      // Of a policy for a whole namespace or mesh, the service is the exception.
      const isForOne = found.policy.spec.selector !== undefined;
      const subject = isForOne ? at(found.policy, found.path) : at(service.resource, ['metadata', 'name']);
      report(mutualTlsMisjudged(subject, service.hostname, port.port, what, why, fix));
    }
  }
}

interface Misjudged {
  /** What decides what the workload takes. */
  readonly policy: ResourceOf<'PeerAuthentication'>;
  readonly path: Path;
  readonly demands: 'STRICT' | 'DISABLE';
}

/** How a workload refuses what sidecars send by themselves; istio's cluster builder (`infersMutualTls`) and endpoint builder. */
function misjudges(mesh: Mesh, service: Service, endpoint: Endpoint, endpoints: readonly Endpoint[]): Misjudged | undefined {
  if (endpoint.tlsMode !== 'istio') return undefined;
  const { peerAuthentications, config } = mesh;
  const accepted = peerAuthentications.forWorkload(endpoint.namespace, endpoint.labels);
  const demands = mutualTlsModeOfPort(accepted, endpoint.port);
  if (demands === 'PERMISSIVE') return undefined;
  const isByPort = accepted.byPort.has(endpoint.port);
  const policy = isByPort ? accepted.portsDecidedBy : accepted.decidedBy;
  const inferred = inferServiceMutualTls(peerAuthentications, service, undefined, endpoints);
  // What stands for the endpoints of a service without cluster IP is one socket for all.
  const isMutual =
    config.enableAutoMtls === true &&
    inferred !== undefined &&
    inferred !== 'DISABLE' &&
    (service.resolution === 'passthrough' || acceptsMutualTls(peerAuthentications, endpoint, undefined));
  if (policy === undefined || isMutual === (demands === 'STRICT')) return undefined;
  return { policy, demands, path: isByPort ? ['spec', 'portLevelMtls', String(endpoint.port)] : ['spec', 'mtls'] };
}

function wordsFor(
  mesh: Mesh,
  service: Service,
  { policy, demands }: Misjudged,
): { readonly what: string; readonly why: string; readonly fix: string } {
  const name = `PeerAuthentication ${fullName(policy)}`;
  if (demands === 'DISABLE') {
    return {
      what: `they send mutual TLS where ${name} has plain text only (DISABLE)`,
      why: 'the service is headless, and for its pods they learn the mode from the policy of the namespace or mesh alone',
      fix: 'set tls.mode DISABLE for the port in a DestinationRule (portLevelSettings)',
    };
  }
  const general = mesh.peerAuthentications.forWorkload(service.namespace, {});
  const isGeneral = general.mode === 'DISABLE' && general.decidedBy !== undefined;
  return {
    what: `they send plain text where ${name} takes mutual TLS only (STRICT)`,
    why: isGeneral
      ? `they go by PeerAuthentication ${fullName(general.decidedBy)} (DISABLE), which is for the ${general.decidedBy.namespace === mesh.rootNamespace ? 'mesh' : 'namespace'}, and not by the one for the workload`
      : mesh.config.enableAutoMtls === true
        ? 'the service is headless and not all of its pods have a sidecar'
        : 'enableAutoMtls is off',
    fix: 'set tls.mode ISTIO_MUTUAL in a DestinationRule for the service, or set PERMISSIVE or STRICT for the whole namespace',
  };
}

/** Whether a DestinationRule tells some client which mode to use. */
function saysMode(mesh: Mesh, traffic: Traffic, service: Service, port: ServicePort): boolean {
  const clients = traffic.sidecars.filter(({ namespace }) => isVisible(service.visibility, namespace));
  return (
    clients.length === 0 ||
    clients.some(({ namespace }) =>
      mesh.destinationRules.rulesFor(namespace, service).some(({ rule: { spec } }) => saysTls(spec, port.port)),
    )
  );
}

function reportServicePorts(mesh: Mesh, report: Report): void {
  const policies = resourcesOf(mesh.resources, 'PeerAuthentication').filter(
    ({ spec }) => Object.keys(spec.portLevelMtls ?? {}).length > 0 && spec.selector !== undefined,
  );
  if (policies.length === 0) return;
  const proxies = groupBy(
    mesh.proxies.filter(({ role }) => role === 'sidecar'),
    ({ namespace }) => namespace,
  );
  for (const policy of policies) {
    const { selector, portLevelMtls = {} } = policy.spec;
    const selected = (proxies.get(policy.namespace) ?? []).filter(({ labels }) => selects(selector?.matchLabels ?? {}, labels));
    for (const key of Object.keys(portLevelMtls)) {
      const number = Number(key);
      if (selected.some((proxy) => hasPort(mesh, proxy, number))) continue;
      const meant = selected.flatMap(({ targets }) => targets).filter(({ port }) => port.port === number);
      const [first] = meant;
      if (first === undefined) continue;
      const path = ['spec', 'portLevelMtls', key];
      const ports = [...new Set(meant.map(({ targetPort }) => targetPort))].join(' or ');
      report(portLevelServicePort(at(policy, path), formatField(path), number, first.service.hostname, ports));
    }
  }
}

function hasPort(mesh: Mesh, { namespace, targets, workload }: Proxy, number: number): boolean {
  return (
    targets.some(({ targetPort }) => targetPort === number) ||
    workload.containerPorts.some(({ port }) => port === number) ||
    mesh.sidecars.some(
      (sidecar) => sidecar.namespace === namespace && sidecar.spec.ingress?.some(({ port }) => port?.number === number),
    )
  );
}
