import type { ParentReference } from '../../api/gateway-api.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  routesForeignToWaypoint,
  routeWithoutWaypoint,
  sourceLabelsAtWaypoint,
  type WaypointNeglect,
} from '../../diagnostics/problems/ambient-effects.ts';
import type { TunnelledService } from '../../model/ambient/services.ts';
import { qualifiedName } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Workload } from '../../model/registry/service.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { isVisible, type Visibility, visibilityOf } from '../../model/traffic/visibility.ts';
import { USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type AmbientParties, ambientParties, withoutWaypoint } from './support/ambient.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';
import { isWritten, subjectOfRule, type TrafficRule } from './support/traffic.ts';

const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'] as const;

/** Routes of services that clients in ambient mode do not apply; for those of the Gateway API also istio gateway/conversion.go referenceAllowed. */
export const ambientRoutes: Analyzer = {
  name: 'mesh.ambient.Routes',
  about: 'Routes of services are applied by a waypoint, where clients are in ambient mode',
  reads: ['VirtualService', ...ROUTES, 'Service', 'ServiceEntry', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['KubernetesGateway', 'Namespace'],
  codes: [routeWithoutWaypoint.code, routesForeignToWaypoint.code, sourceLabelsAtWaypoint.code],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const parties = ambientParties(mesh);
    if (parties === undefined) return;
    for (const [virtualService, rules] of groupBy(reader.traffic().rulesAt(MESH_GATEWAY), (rule) => rule.virtualService)) {
      if (isWritten(virtualService)) checkVirtualService(virtualService, rules, parties, mesh, report);
    }
    const bySource = groupBy(parties.ambient.services, ({ resource }) => `${resource.kind} ${fullName(resource)}`);
    for (const kind of ROUTES) {
      for (const route of resourcesOf(mesh.resources, kind)) {
        for (const [index, parent] of (route.spec.parentRefs ?? []).entries()) {
          const services = bySource.get(`${serviceKind(parent)} ${parent.namespace ?? route.namespace}/${parent.name}`) ?? [];
          checkRoute(route, index, services, parties, mesh, report);
        }
      }
    }
  },
};

function checkVirtualService(
  virtualService: ResourceOf<'VirtualService'>,
  rules: readonly TrafficRule[],
  parties: AmbientParties,
  mesh: Mesh,
  report: Report,
): void {
  const { spec, namespace } = virtualService;
  const visibility = visibilityOf(spec.exportTo, namespace, mesh.config.defaultVirtualServiceExportTo);
  const clients = parties.capturedIn(visibility);
  if (clients.length === 0) return;
  const services = (spec.hosts ?? []).map((host) => {
    const meant = parties.servicesOf(host);
    // A host such as `*` is meant for what is in the mesh, not for each Service of the cluster.
    return isWildcard(host) ? meant.filter(parties.isCaptured) : meant;
  });
  const unserved = services.findIndex((meant) => withoutWaypoint(meant).length > 0);
  if (unserved !== -1) {
    const path = ['spec', 'hosts', unserved];
    const toGateways = spec.gateways?.some((gateway) => gateway !== MESH_GATEWAY) === true;
    reportUnserved(
      (hosts, appliedBy) =>
        routeWithoutWaypoint(at(virtualService, path), formatField(path), hosts, [
          ...appliedBy,
          ...(toGateways ? ['gateways'] : []),
        ]),
      withoutWaypoint(services.flat()),
      { parties, clients, sidecars: sidecarsIn(mesh, visibility) },
      report,
    );
  }
  for (const service of services.flat()) {
    const why = passesOver(service, namespace, visibility);
    if (why === undefined) checkSourceLabels(service, rules, report);
    else {
      const path = why === 'namespace' ? ['spec', 'hosts'] : ['spec', 'exportTo'];
      report(routesForeignToWaypoint(at(virtualService, path), formatField(path), service.hostname, ...homeOf(service, why)));
      return;
    }
  }
}

/** Routes for a service of another namespace are for clients of their own. */
function checkRoute(
  route: ResourceOf<(typeof ROUTES)[number]>,
  index: number,
  services: readonly TunnelledService[],
  parties: AmbientParties,
  mesh: Mesh,
  report: Report,
): void {
  const [service] = services;
  if (service === undefined) return;
  const path = ['spec', 'parentRefs', index];
  const visibility = visibilityOf(service.namespace === route.namespace ? undefined : ['.'], route.namespace, undefined);
  const clients = parties.capturedIn(visibility);
  reportUnserved(
    (hosts, appliedBy) => routeWithoutWaypoint(at(route, path), formatField(path), hosts, appliedBy),
    withoutWaypoint(services),
    { parties, clients, sidecars: sidecarsIn(mesh, visibility) },
    report,
  );
  const why = passesOver(service, route.namespace, visibility);
  if (why === undefined || clients.length === 0) return;
  report(routesForeignToWaypoint(at(route, path), formatField(path), service.hostname, ...homeOf(service, why)));
}

function serviceKind({ kind, group = '' }: ParentReference): string {
  const isService = kind === 'Service' && (group === '' || group === 'core');
  return isService || (kind === 'ServiceEntry' && group === 'networking.istio.io') ? kind : '';
}

/** Who would apply something for services that no waypoint serves. */
export interface Appliers {
  readonly parties: AmbientParties;
  readonly clients: readonly Workload[];
  /** How many sidecars apply it. */
  readonly sidecars: number;
}

/** A warning where nobody applies it or the services are in ambient mode, else a hint; nothing for no services. */
export function reportUnserved(
  make: (hosts: readonly string[], appliedBy: readonly string[]) => ReturnType<typeof routeWithoutWaypoint>,
  services: readonly TunnelledService[],
  { parties, clients, sidecars }: Appliers,
  report: Report,
): void {
  if (services.length === 0) return;
  const hosts = [...new Set(services.map(({ hostname }) => hostname))];
  const finding = make(hosts, sidecars > 0 ? ['sidecars'] : []);
  if (clients.length === 0) report(asHint(finding, 'no client is in ambient mode'));
  else if (services.every(({ resource }) => own(resource.labels, USE_WAYPOINT) === 'none')) {
    report(asHint(finding, `${USE_WAYPOINT} asks for none`));
  } else if (sidecars === 0) report(finding);
  else if (!services.some(parties.isCaptured)) {
    report(asHint(finding, 'sidecars apply it, and none of the pods behind it is in ambient mode'));
  } else if (!clients.some(parties.isClientOf(services))) {
    report(asHint(finding, 'sidecars apply it, and nothing but the pods behind it is in ambient mode'));
  } else report(finding);
}

/** How many sidecars see something. */
export function sidecarsIn({ proxies }: Mesh, visibility: Visibility): number {
  return proxies.filter(({ role, namespace }) => role === 'sidecar' && isVisible(visibility, namespace)).length;
}

/** Why the waypoint of a service does not apply a rule; istio core/listener_waypoint.go getVirtualServiceForWaypoint. */
export function passesOver(
  { binding: { waypoint }, namespace }: TunnelledService,
  home: string,
  visibility: Visibility,
): WaypointNeglect | undefined {
  if (waypoint === undefined) return undefined;
  if (home !== waypoint.namespace && home !== namespace) return 'namespace';
  return isVisible(visibility, waypoint.namespace) ? undefined : 'exportTo';
}

/** The waypoint that passes a rule over, why, and where rules count for it. */
export function homeOf(
  { binding: { waypoint }, namespace }: TunnelledService,
  why: WaypointNeglect,
): [waypoint: string, why: WaypointNeglect, homes: readonly string[]] {
  const homes = [...new Set([namespace, waypoint?.namespace ?? namespace])];
  return [waypoint === undefined ? '' : qualifiedName(waypoint), why, homes];
}

/** Matches that ask for labels of clients; istio core/listener_waypoint.go waypointInboundRoute. */
function checkSourceLabels({ binding: { waypoint } }: TunnelledService, rules: readonly TrafficRule[], report: Report): void {
  if (waypoint === undefined) return;
  for (const rule of rules) {
    if (rule.list !== 'http') continue;
    for (const [index, { sourceLabels, gateways = [] }] of (rule.rule.match ?? []).entries()) {
      const isAsked = Object.keys(sourceLabels ?? {}).length > 0 && (gateways.length === 0 || gateways.includes(MESH_GATEWAY));
      if (!isAsked) continue;
      // The matches of a delegate are multiplied with those of its root.
      const isOwn = rule.resource.document === rule.virtualService.document;
      const subject = subjectOfRule(rule, isOwn ? ['match', index, 'sourceLabels'] : []);
      report(sourceLabelsAtWaypoint(subject, formatField(subject.path ?? []), qualifiedName(waypoint)));
    }
  }
}
