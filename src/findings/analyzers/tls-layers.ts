import type { ClientTLSSettingsTLSmode, ServiceEntry } from '../../api/istio.gen.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { httpAtPort443, plainToTlsPort, tlsInTls } from '../../diagnostics/problems/routing.ts';
import { isPassthroughServer } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isSniffed, isTls, parseProtocol } from '../../model/protocol.ts';
import type { Role } from '../../model/proxies/roles.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { anyHostsOverlap, expandShortName, hostsOverlap } from '../../model/traffic/host.ts';
import { effectivePolicy } from '../../model/traffic/traffic-policy.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import { saysTls, type TlsSetting, tlsSettingsOf } from './support/tls-settings.ts';
import {
  isForService,
  isWritten,
  nameOfRule,
  portOf,
  type RuleClient,
  type RuleDestination,
  subjectOfRule,
  type Traffic,
  type TrafficRule,
} from './support/traffic.ts';

/** Layers of TLS that do not fit: one too many towards a server, or one too few. */
export const tlsLayers: Analyzer = {
  name: 'mesh.destinationrule.TlsLayers',
  about: 'Connections that are wrapped in TLS twice, and plain HTTP to ports that are declared HTTPS or TLS',
  reads: ['DestinationRule', 'VirtualService', 'ServiceEntry'],
  codes: [tlsInTls.code, plainToTlsPort.code, httpAtPort443.code],
  needsAll: ['DestinationRule'],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const traffic = reader.traffic();
    for (const rule of resourcesOf(mesh.resources, 'DestinationRule')) {
      if (isWritten(rule)) reportSecondLayers(mesh, traffic, rule, report);
    }
    for (const rule of traffic.rules) {
      if (rule.list === 'http') reportMissingLayers(mesh, traffic, rule, report);
    }
    reportHttpAt443(reader, report);
  },
};

/** What the proxies that follow a rule are called, by their role. */
const CLIENTS: Readonly<Record<Role, string>> = {
  sidecar: 'the sidecars',
  gateway: 'the gateway',
  waypoint: 'the waypoint',
};

/** Modes in which a proxy opens TLS as the server would take it from anybody. */
function opensTls(mode: ClientTLSSettingsTLSmode | undefined): boolean {
  return mode === 'SIMPLE' || mode === 'MUTUAL';
}

function reportSecondLayers(mesh: Mesh, traffic: Traffic, rule: ResourceOf<'DestinationRule'>, report: Report): void {
  const settings = tlsSettingsOf(rule.spec).filter(({ tls }) => opensTls(tls.mode));
  if (settings.length === 0) return;
  const host = expandShortName(rule.spec.host ?? '', rule.namespace, mesh.domainSuffix);
  for (const setting of settings) {
    const found = findSecondLayer(mesh, traffic, rule, host, setting);
    if (found === undefined) continue;
    const { service, port, why } = found;
    report(tlsInTls(at(rule, setting.path), formatField(setting.path), service.hostname, port.port, setting.tls.mode ?? '', why));
  }
}

function findSecondLayer(
  mesh: Mesh,
  traffic: Traffic,
  rule: ResourceOf<'DestinationRule'>,
  host: string,
  setting: TlsSetting,
): { readonly service: Service; readonly port: ServicePort; readonly why: string } | undefined {
  const subset = setting.subset?.name ?? '';
  for (const service of traffic.servicesOf(host)) {
    // A gateway takes the outer layer off again.
    if (traffic.isGateway(service)) continue;
    const rules = traffic.rulesTo(service.hostname);
    for (const port of service.ports) {
      if (setting.port !== undefined && setting.port !== port.port) continue;
      if (!opensTls(effectivePolicy(rule.spec, subset, port.port)?.tls?.mode)) continue;
      const leading = rules.filter(({ destinations }) =>
        destinations.some(
          ({ destination }) =>
            portOf(service, destination)?.port === port.port &&
            (subset === '' || destination.subset === subset) &&
            opensTls(effectivePolicy(rule.spec, destination.subset, port.port)?.tls?.mode),
        ),
      );
      // What is plain, because a rule of HTTP sends it or a gateway has ended its TLS, is what the setting is for.
      if (
        leading.some(
          ({ list, gateways }) => list === 'http' || (list === 'tcp' && gateways.some((name) => name !== MESH_GATEWAY)),
        )
      ) {
        continue;
      }
      const passing = leading.find((one) => passesTls(mesh, one) && follow(mesh, traffic.clientsOf(one), service, rule));
      if (passing !== undefined) return { service, port, why: `by the tls rules of ${nameOfRule(passing)}` };
      if (subset !== '' || !isTls(port.protocol)) continue;
      const clients = traffic.sidecars.filter(({ namespace }) => !hasTlsRules(mesh, namespace, service));
      if (follow(mesh, clients, service, rule)) return { service, port, why: `the port is declared ${port.protocol}` };
    }
  }
  return undefined;
}

/** Whether connections that a rule passes on carry the TLS of clients: those of tls rules, unless a gateway ends it (TLSRoute). */
function passesTls(mesh: Mesh, { list, gateways }: TrafficRule): boolean {
  return (
    list === 'tls' &&
    gateways.some(
      (name) =>
        name === MESH_GATEWAY ||
        mesh.gateways.all.some(
          (gateway) => fullName(gateway) === name && (gateway.spec.servers ?? []).some((server) => isPassthroughServer(server)),
        ),
    )
  );
}

/** Whether tls rules lead the connections of a namespace's sidecars to a service elsewhere. */
function hasTlsRules(mesh: Mesh, namespace: string, service: Service): boolean {
  return mesh.virtualServices
    .forGateway(namespace, MESH_GATEWAY)
    .some(({ spec }) => (spec.tls ?? []).length > 0 && isForService(spec.hosts, service));
}

/** Whether some of these clients follow a DestinationRule when they send to a service. */
function follow(mesh: Mesh, clients: readonly RuleClient[], service: Service, rule: ResourceOf<'DestinationRule'>): boolean {
  return clients.some(({ namespace }) =>
    mesh.destinationRules
      .rulesFor(namespace, service)
      .some(({ from }) => from.some(({ document, name }) => document === rule.document && name === rule.name)),
  );
}

function reportMissingLayers(mesh: Mesh, traffic: Traffic, rule: TrafficRule, report: Report): void {
  for (const found of rule.destinations) {
    const services = mesh.registry.servicesOf(found.destination.host ?? '');
    const service = services.find((one) => {
      const port = portOf(one, found.destination);
      return port !== undefined && isTls(port.protocol);
    });
    const port = service && portOf(service, found.destination);
    if (service === undefined || port === undefined || traffic.isGateway(service)) continue;
    const clients = traffic.clientsOf(rule).filter(({ role }) => role === 'gateway' || takesHttp(traffic, rule));
    const isPlain = (client: RuleClient): boolean => sendsPlain(mesh, client, service, port, found);
    const [first] = clients;
    if (first === undefined || !clients.every(isPlain)) continue;
    const subject = subjectOfRule(rule, found.path);
    const who = CLIENTS[first.role];
    report(plainToTlsPort(subject, formatField(subject.path ?? []), service.hostname, port.port, port.protocol, who));
  }
}

/** Whether sidecars have http routes for the hosts of a rule: those without a service have, on port 80. */
function takesHttp({ servicesOf }: Traffic, { virtualService }: TrafficRule): boolean {
  return (virtualService.spec.hosts ?? []).some((host) => {
    const services = servicesOf(host);
    return (
      services.length === 0 || services.some(({ ports }) => ports.some(({ protocol }) => isHttp(protocol) || isSniffed(protocol)))
    );
  });
}

function sendsPlain(
  mesh: Mesh,
  { namespace }: RuleClient,
  service: Service,
  port: ServicePort,
  { destination }: RuleDestination,
): boolean {
  const isServed = mesh.registry.endpointsOf(service, port).length > 0;
  return mesh.destinationRules.rulesFor(namespace, service).every(({ rule }) => {
    const mode = effectivePolicy(rule.spec, destination.subset, port.port)?.tls?.mode;
    // What serves a port without known endpoints may be a gateway, which takes the mutual TLS of the mesh off.
    return !opensTls(mode) && (isServed || service.meshExternal || mode !== 'ISTIO_MUTUAL');
  });
}

function reportHttpAt443(reader: Reader, report: Report): void {
  const entries = reader.list('ServiceEntry').filter(({ spec }) => spec.ports?.some((port) => leadsTo443(port)));
  if (entries.length === 0) return;
  const mesh = reader.mesh();
  const rules = resourcesOf(mesh.resources, 'DestinationRule').map(({ spec, namespace }) => ({
    spec,
    host: expandShortName(spec.host ?? '', namespace, mesh.domainSuffix),
  }));
  for (const entry of entries) {
    const { hosts = [], ports = [], endpoints = [], location, workloadSelector } = entry.spec;
    if (location === 'MESH_INTERNAL' || workloadSelector !== undefined) continue;
    ports.forEach((port, index) => {
      const { number = 0, protocol = '', name = '' } = port;
      if (!leadsTo443(port) || !isHttp(parseProtocol(protocol)) || parseProtocol(protocol) === 'HTTP_PROXY') return;
      if (endpoints.some((endpoint) => (own(endpoint.ports, name) ?? 443) !== 443)) return;
      // A tls setting, DISABLE too, shows that the port is meant.
      const isMeant = rules.some(({ spec, host }) => hosts.some((one) => hostsOverlap(host, one)) && saysTls(spec, number));
      const path = ['spec', 'ports', index];
      if (!isMeant && !isLedAway(reader.traffic(), hosts, number))
        report(httpAtPort443(at(entry, path), formatField(path), hosts.join('", "'), protocol, number));
    });
  }
}

/** Whether rules for sidecars lead all requests for a port of these hosts elsewhere. */
function isLedAway({ rules }: Traffic, hosts: readonly string[], number: number): boolean {
  const own = rules.filter(
    ({ list, gateways, virtualService }) =>
      list === 'http' && gateways.includes(MESH_GATEWAY) && anyHostsOverlap(virtualService.spec.hosts, hosts),
  );
  const leadsHere = ({ destinations }: TrafficRule): boolean =>
    destinations.some(
      ({ destination: { host = '', port } }) => hosts.includes(host) && (port?.number === undefined || port.number === number),
    );
  return own.length > 0 && !own.some(leadsHere);
}

/** Whether a port of a ServiceEntry is 443 at the host that it stands for. */
function leadsTo443({ number, targetPort }: NonNullable<ServiceEntry['ports']>[number]): boolean {
  return (targetPort || number) === 443;
}
