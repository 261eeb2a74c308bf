import type { KubernetesServicePort, ServiceSpec } from '../api/kubernetes.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { gatewayAssumed, parametersNotRead } from '../diagnostics/problems/gateway-api.ts';
import type { Behaviours } from '../releases/release.ts';
import { assertNever } from '../util/assert.ts';
import { DATAPLANE_MODE, MANAGED, MANAGED_EAST_WEST, MANAGED_GATEWAY, MANAGED_WAYPOINT } from './ambient-labels.ts';
import {
  allowsListenersOf,
  buildGatewayClasses,
  type GatewayClassOwner,
  isManaged,
  managedGatewayName,
  managedServiceAccount,
} from './gateway-classes.ts';
import { labelsOfNamespaces } from './namespaces.ts';
import { podLabelsOf } from './pod-labels.ts';
import type { Labels, Resource, ResourceOf } from './resource.ts';
import { resourcesOf } from './select.ts';
import { subjectAt } from './subject.ts';

const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';
const GATEWAY_CLASS_LABEL = 'gateway.networking.k8s.io/gateway-class-name';
const STATUS_PORT = 15021;

/** What decides which gateways istiod runs. */
export type AmbientBehaviours = Pick<Behaviours, 'enableAmbient' | 'ambientEnableMultiNetwork'>;

/**
 * The Services and Deployments that istiod makes for Gateways of the Gateway API and that are not among the resources: a gateway
 * is taken as it would run in a cluster, one pod. What is assumed is reported.
 * As istio pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go and the kube-gateway template.
 */
export function managedGateways(resources: readonly Resource[], report: Report, behaviours: AmbientBehaviours): Resource[] {
  const classes = resourcesOf(resources, 'GatewayClass');
  const classOf = buildGatewayClasses(classes);
  const gateways = resourcesOf(resources, 'KubernetesGateway').flatMap((gateway): ManagedGateway[] => {
    const { gatewayClassName } = gateway.spec;
    if (!isManaged(gateway.spec)) return [];
    const classSpec = classes.find(({ name }) => name === gatewayClassName)?.spec;
    const owner = classOf(gatewayClassName);
    if (!isRun(owner, behaviours)) return [];
    const names = { name: managedGatewayName(gateway, classSpec), serviceAccount: managedServiceAccount(gateway, classSpec) };
    return [{ gateway, ...names, owner, besideZtunnel: behaviours.enableAmbient }];
  });
  if (gateways.length === 0) return [];
  const given = findGiven(resources);
  return gateways.flatMap((managed) => {
    const { gateway, name } = managed;
    const key = `${gateway.namespace}/${name}`;
    const hasPods = given.deployments.has(key) || given.gatewaysWithPods.has(`${gateway.namespace}/${gateway.name}`);
    const missing = [
      ...(given.services.has(key) ? [] : [buildService(managed, given)]),
      ...(hasPods ? [] : [buildDeployment(managed)]),
    ];
    if (missing.length > 0) reportAssumed(gateway, name, missing, report);
    return missing;
  });
}

/** Whose gateways istiod runs. */
type Run = 'istio' | 'waypoint' | 'eastWest';

function isRun(owner: GatewayClassOwner, { enableAmbient, ambientEnableMultiNetwork }: AmbientBehaviours): owner is Run {
  switch (owner) {
    case 'istio':
      return true;
    case 'waypoint':
      return enableAmbient;
    case 'eastWest':
      return ambientEnableMultiNetwork;
    case 'remote':
    case 'other':
      return false;
    default:
      return assertNever(owner);
  }
}

/** The label that tells which controller made something. */
const managedBy: Readonly<Record<Run, string>> = {
  istio: MANAGED_GATEWAY,
  waypoint: MANAGED_WAYPOINT,
  eastWest: MANAGED_EAST_WEST,
};

/** A Gateway that istiod runs. */
interface ManagedGateway {
  readonly gateway: ResourceOf<'KubernetesGateway'>;
  /** Of its Service and Deployment. */
  readonly name: string;
  readonly serviceAccount: string;
  readonly owner: Run;
  /** Whether there is a ztunnel that must leave its pods alone. */
  readonly besideZtunnel: boolean;
}

/** What is given of what istiod would make, by `namespace/name`. */
interface Given {
  readonly services: ReadonlySet<string>;
  readonly deployments: ReadonlySet<string>;
  readonly gatewaysWithPods: ReadonlySet<string>;
  readonly listenerSets: readonly ResourceOf<'ListenerSet'>[];
  readonly namespaces: ReadonlyMap<string, Labels>;
}

function findGiven(resources: readonly Resource[]): Given {
  const key = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string => `${namespace}/${name}`;
  return {
    services: new Set(resourcesOf(resources, 'Service').map(key)),
    deployments: new Set(resources.filter(({ group }) => group === 'apps').map(key)),
    gatewaysWithPods: new Set(
      resources.flatMap((resource) => {
        const name = podLabelsOf(resource)?.[GATEWAY_NAME_LABEL];
        return name === undefined ? [] : [key({ namespace: resource.namespace, name })];
      }),
    ),
    listenerSets: resourcesOf(resources, 'ListenerSet'),
    namespaces: labelsOfNamespaces(resources),
  };
}

function reportAssumed(
  gateway: ResourceOf<'KubernetesGateway'>,
  name: string,
  missing: readonly Resource[],
  report: Report,
): void {
  report(gatewayAssumed(subjectAt(gateway, ['metadata', 'name']), missing.map(({ kind }) => kind).join(' and '), name));
  if (gateway.spec.infrastructure?.parametersRef !== undefined) {
    const path = ['spec', 'infrastructure', 'parametersRef'];
    report(parametersNotRead(subjectAt(gateway, path)));
  }
}

function buildService({ gateway, name, owner }: ManagedGateway, given: Given): ResourceOf<'Service'> {
  // Gateways between networks are made from the template of waypoints.
  const isWaypoint = owner !== 'istio';
  return {
    ...madeFrom(gateway, name),
    kind: 'Service',
    group: '',
    version: 'v1',
    labels: { ...gatewayLabels(gateway), ...(isWaypoint && { [MANAGED]: managedBy[owner] }) },
    annotations: {
      ...infrastructure(gateway, 'annotations'),
      ...(isWaypoint && { 'networking.istio.io/traffic-distribution': 'PreferClose' }),
    },
    spec: {
      type:
        (gateway.annotations['networking.istio.io/service-type'] as ServiceSpec['type']) ??
        (owner === 'waypoint' ? 'ClusterIP' : 'LoadBalancer'),
      selector: { [GATEWAY_NAME_LABEL]: gateway.name },
      ports: servicePorts(gateway, given),
    },
  };
}

/** A port for the probes and one for each port of the listeners, those of ListenerSets included. As extractServicePorts. */
function servicePorts(
  gateway: ResourceOf<'KubernetesGateway'>,
  { listenerSets, namespaces }: Given,
): readonly KubernetesServicePort[] {
  const sets = listenerSets.filter(({ namespace, spec: { parentRef } }) => {
    const isParent = parentRef.name === gateway.name && (parentRef.namespace ?? namespace) === gateway.namespace;
    return isParent && allowsListenersOf(gateway, namespace, namespaces.get(namespace));
  });
  const ports = new Map<number, KubernetesServicePort>();
  for (const { name, port, protocol } of [...gateway.spec.listeners, ...sets.flatMap(({ spec }) => spec.listeners)]) {
    if (!ports.has(port)) ports.set(port, servicePort(name.replaceAll('.', '-').slice(0, 63), port, protocol.toLowerCase()));
  }
  return [servicePort('status-port', STATUS_PORT, 'tcp'), ...ports.values()];
}

function servicePort(name: string, port: number, appProtocol: string): KubernetesServicePort {
  return { name, port, targetPort: port, protocol: 'TCP', appProtocol };
}

function buildDeployment({ gateway, name, serviceAccount, owner, besideZtunnel }: ManagedGateway): ResourceOf<'Deployment'> {
  const labels = { ...gatewayLabels(gateway), [MANAGED]: managedBy[owner] };
  return {
    ...madeFrom(gateway, name),
    kind: 'Deployment',
    group: 'apps',
    version: 'v1',
    labels,
    annotations: infrastructure(gateway, 'annotations'),
    spec: {
      template: {
        metadata: {
          labels: {
            'sidecar.istio.io/inject': 'false',
            ...(besideZtunnel && { [DATAPLANE_MODE]: 'none' }),
            'service.istio.io/canonical-name': name,
            'service.istio.io/canonical-revision': 'latest',
            ...labels,
          },
          annotations: infrastructure(gateway, 'annotations'),
        },
        spec: {
          serviceAccountName: serviceAccount,
          containers: [{ name: 'istio-proxy', args: ['proxy', owner === 'istio' ? 'router' : 'waypoint'] }],
        },
      },
    },
  };
}

function madeFrom(gateway: Resource, name: string): Pick<Resource, 'name' | 'namespace' | 'ownerReferences' | 'document'> {
  const owner = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name: gateway.name, controller: true };
  return { name, namespace: gateway.namespace, ownerReferences: [owner], document: gateway.document };
}

function gatewayLabels(gateway: ResourceOf<'KubernetesGateway'>): Labels {
  return {
    ...infrastructure(gateway, 'labels'),
    [GATEWAY_NAME_LABEL]: gateway.name,
    [GATEWAY_CLASS_LABEL]: gateway.spec.gatewayClassName,
  };
}

/** Annotations that concern the making of the Deployment and Service, not them. */
const ownAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'gateway.istio.io/name-override',
  'gateway.istio.io/service-account',
  'gateway.istio.io/controller-version',
];

/** What `spec.infrastructure` says, else the gateway's own. As extractInfrastructureMetadata. */
function infrastructure(gateway: ResourceOf<'KubernetesGateway'>, what: 'labels' | 'annotations'): Labels {
  const asked = gateway.spec.infrastructure?.[what];
  const isKept = ([key]: [string, string]): boolean =>
    !ownAnnotations.includes(key) && (asked === undefined || !key.startsWith('gateway.networking.k8s.io/'));
  return Object.fromEntries(Object.entries(asked ?? gateway[what]).filter(isKept));
}
