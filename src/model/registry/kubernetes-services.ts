import type { Behaviours } from '../../releases/release.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { creationTime } from '../order.ts';
import { spiffeIdentity } from '../security/spiffe.ts';
import { visibilityOf } from '../traffic/visibility.ts';
import type { Resolution, Service } from './service.ts';
import { kubernetesPort } from './service-ports.ts';
import { trafficDistribution } from './traffic-distribution.ts';

/** What all services of a mesh depend on. */
export interface ServiceSettings {
  readonly behaviours: Behaviours;
  readonly domainSuffix: string;
  readonly trustDomain: string;
  readonly defaultExportTo: readonly string[] | undefined;
}

/** The address of services that have none. */
export const UNSPECIFIED_ADDRESS = '0.0.0.0';

/** `reviews.default.svc.cluster.local`. */
function serviceHostname(name: string, namespace: string, domainSuffix: string): string {
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

/**
 * A Kubernetes Service as Istio sees it, of a namespace that may be given as an object; istio
 * pilot/pkg/serviceregistry/kube/conversion.go ConvertService.
 */
export function kubernetesService(
  resource: ResourceOf<'Service'>,
  ofNamespace: ResourceOf<'Namespace'> | undefined,
  settings: ServiceSettings,
): Service {
  const { name, namespace, annotations, spec } = resource;
  const externalName = spec.type === 'ExternalName' ? (spec.externalName ?? '') : '';
  const headless = spec.clusterIP === 'None';
  const { clusterIP, clusterIPs = [] } = spec;
  const clusterIps = headless || !clusterIP ? [] : clusterIPs.length > 1 ? clusterIPs : [clusterIP];
  return {
    hostname: serviceHostname(name, namespace, settings.domainSuffix),
    name,
    objectName: '',
    namespace,
    registry: 'Kubernetes',
    ports: (spec.ports ?? []).map(kubernetesPort),
    address: clusterIps[0] ?? UNSPECIFIED_ADDRESS,
    addresses: clusterIps,
    allocatedAddresses: [],
    resolution: resolutionOf(headless, externalName),
    meshExternal: externalName !== '',
    serviceAccounts: statedServiceAccounts(resource, settings.trustDomain),
    visibility: visibilityOf(exportTo(annotations), namespace, settings.defaultExportTo),
    createdAt: creationTime(resource),
    labels: resource.labels,
    selector: spec.selector,
    externalName,
    aliases: [],
    trafficDistribution: trafficDistribution(
      spec.trafficDistribution,
      annotations,
      annotationsOfNamespace(ofNamespace, settings.behaviours),
    ),
    nodeLocal: spec.internalTrafficPolicy === 'Local',
    passthroughTargetPorts: new Map(),
    raceFirstTcpConnect: false,
    externalAddresses: externalAddresses(resource),
    resource,
  };
}

/** What the annotations of a namespace say of its services, in releases where that counts. */
export function annotationsOfNamespace(
  namespace: ResourceOf<'Namespace'> | undefined,
  { distributesByNamespace }: Pick<Behaviours, 'distributesByNamespace'>,
): Labels | undefined {
  return distributesByNamespace ? namespace?.annotations : undefined;
}

function resolutionOf(headless: boolean, externalName: string): Resolution {
  if (headless) return 'passthrough';
  return externalName === '' ? 'clientSide' : 'alias';
}

/** Identities that annotations name: whole ones, or Kubernetes service accounts of the same namespace. */
function statedServiceAccounts({ annotations, namespace }: Resource, trustDomain: string): readonly string[] {
  const list = (name: string): string[] => (own(annotations, name) || undefined)?.split(',') ?? [];
  return [
    ...list('alpha.istio.io/canonical-serviceaccounts'),
    ...list('alpha.istio.io/kubernetes-serviceaccounts').map((account) => spiffeIdentity(trustDomain, namespace, account)),
  ];
}

function exportTo(annotations: Labels): readonly string[] | undefined {
  const text = annotations['networking.istio.io/exportTo'];
  return text ? text.split(',').map((target) => target.trim()) : undefined;
}

function externalAddresses({ spec, status }: ResourceOf<'Service'>): readonly string[] {
  const ingress = spec.type === 'LoadBalancer' ? (status?.loadBalancer?.ingress ?? []) : [];
  return [...ingress.flatMap(({ ip, hostname }) => ip || hostname || []), ...(spec.externalIPs ?? [])];
}
