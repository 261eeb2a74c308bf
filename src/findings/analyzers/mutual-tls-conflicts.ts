import type { DestinationRule } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { mutualTlsToPlainText, plainTextToStrict } from '../../diagnostics/problems/destination-rules.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Endpoint, Service } from '../../model/registry/service.ts';
import { mutualTlsModeOfPort } from '../../model/security/peer-authentication.ts';
import { expandShortName, isWildcard } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { type TlsSetting, tlsSettingsOf } from './support/tls-settings.ts';
import { isWritten } from './support/traffic.ts';

/** TLS modes of DestinationRules that the servers do not take. */
export const mutualTlsConflicts: Analyzer = {
  name: 'mesh.destinationrule.MutualTlsConflicts',
  about: 'DestinationRules whose TLS mode the PeerAuthentication of the workloads does not allow',
  reads: ['DestinationRule', 'PeerAuthentication', 'Pod'],
  codes: [plainTextToStrict.code, mutualTlsToPlainText.code],
  run: (reader, report) => {
    if (!reader.list('DestinationRule').some(({ spec }) => settingsOf(spec).length > 0)) return;
    const mesh = reader.mesh();
    const rules = resourcesOf(mesh.resources, 'DestinationRule').filter(
      (rule) => isWritten(rule) && settingsOf(rule.spec).length > 0,
    );
    const gateways = mesh.registry.workloads.filter(({ injected, role }) => injected && role === 'gateway');
    const gatewayAddresses = new Set(gateways.flatMap(({ ips }) => ips));
    for (const rule of rules) {
      const host = expandShortName(rule.spec.host ?? '', rule.namespace, mesh.domainSuffix);
      if (!isWildcard(host)) {
        for (const service of mesh.registry.servicesOf(host)) checkRule(mesh, rule, service, gatewayAddresses, report);
        continue;
      }
      // Of the services under a wildcard, one is enough to tell.
      const followers = reader.traffic().sidecars.map(({ namespace }) => namespace);
      const follows = (namespace: string, service: Service): boolean =>
        mesh.destinationRules
          .rulesFor(namespace, service)
          .some(({ from }) => from.some(({ document }) => document === rule.document));
      const told = new Set<string>();
      const once: Report = (finding) => {
        const key = `${finding.code} ${finding.path?.join('.')}`;
        if (!told.has(key)) report(finding);
        told.add(key);
      };
      for (const service of reader.traffic().servicesOf(host)) {
        if (followers.some((namespace) => follows(namespace, service))) checkRule(mesh, rule, service, gatewayAddresses, once);
      }
    }
  },
};

/** A TLS mode of a rule, and what it is for. */
interface Setting extends TlsSetting {
  readonly mode: 'DISABLE' | 'SIMPLE' | 'ISTIO_MUTUAL';
}

function settingsOf(spec: DestinationRule): readonly Setting[] {
  return tlsSettingsOf(spec).flatMap((setting): readonly Setting[] => {
    // DISABLE is the zero value.
    const { mode = 'DISABLE' } = setting.tls;
    return mode === 'DISABLE' || mode === 'SIMPLE' || mode === 'ISTIO_MUTUAL'
      ? [{ ...setting, mode, path: [...setting.path, 'mode'] }]
      : [];
  });
}

function checkRule(
  mesh: Mesh,
  rule: ResourceOf<'DestinationRule'>,
  service: Service,
  gatewayAddresses: ReadonlySet<string>,
  report: Report,
): void {
  const portsWithOwn = (rule.spec.trafficPolicy?.portLevelSettings ?? []).map(({ port }) => port?.number ?? 0);
  for (const setting of settingsOf(rule.spec)) {
    const ports = service.ports.filter(({ port }) =>
      setting.port === undefined ? setting.subset !== undefined || !portsWithOwn.includes(port) : port === setting.port,
    );
    const endpoints = ports
      .flatMap((port) => mesh.registry.endpointsOf(service, port))
      .filter(({ labels }) => selects(setting.subset?.labels ?? {}, labels));
    // What a gateway takes, its servers say.
    if (endpoints.some(({ address }) => gatewayAddresses.has(address))) continue;
    const reasons = endpoints.map((endpoint) => refusal(mesh, endpoint, setting.mode));
    const first = reasons[0];
    // With some workloads of each kind, a part of the requests works; that is told only when none does.
    if (first === undefined || reasons.some((reason) => reason === undefined)) continue;
    const [subject, field] = [at(rule, setting.path), formatField(setting.path)];
    report(
      setting.mode === 'ISTIO_MUTUAL'
        ? mutualTlsToPlainText(subject, field, service.hostname, first)
        : plainTextToStrict(subject, field, setting.mode, service.hostname, first),
    );
  }
}

/** Why a workload refuses clients of this mode; undefined where it does not. */
function refusal({ peerAuthentications, ambient }: Mesh, endpoint: Endpoint, mode: Setting['mode']): string | undefined {
  const accepted = peerAuthentications.forWorkload(endpoint.namespace, endpoint.labels);
  const decidedBy = accepted.byPort.has(endpoint.port) ? accepted.portsDecidedBy : accepted.decidedBy;
  const policy = decidedBy === undefined ? undefined : fullName(decidedBy);
  // A server that asks for a certificate of the mesh gets none of clients that open TLS of their own.
  if (mode !== 'ISTIO_MUTUAL') {
    if (endpoint.tlsMode !== 'istio') return undefined;
    return mutualTlsModeOfPort(accepted, endpoint.port) === 'STRICT' ? (policy ?? '') : undefined;
  }
  // Tunnels go before the TLS of the rule, and have no need of it.
  if (endpoint.tlsMode !== 'istio' && ambient?.tunnelsTo(endpoint) === true) return undefined;
  // What a ServiceEntry stands for may be a proxy of another mesh.
  if (endpoint.tlsMode !== 'istio') return endpoint.resource.kind === 'Pod' ? 'have no sidecar to end it' : undefined;
  if (mutualTlsModeOfPort(accepted, endpoint.port) !== 'DISABLE') return undefined;
  return `take plain text only (PeerAuthentication ${policy ?? ''})`;
}
