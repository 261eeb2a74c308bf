import type { Container } from '../../api/kubernetes.ts';
import type { Behaviours } from '../../releases/release.ts';
import { MANAGED, MANAGED_EAST_WEST } from '../../resource/ambient-labels.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { extended } from '../../util/object.ts';
import { factsOf, type Role } from '../proxies/roles.ts';

const CANONICAL_NAME = 'service.istio.io/canonical-name';
const CANONICAL_REVISION = 'service.istio.io/canonical-revision';
const TLS_MODE = 'security.istio.io/tlsMode';

/** What runs beside the program of a pod: nothing, a sidecar, or the pod is a gateway itself. */
export type ProxyRole = 'none' | Role;

/**
 * The proxy that a pod has. A gateway is known by its injection template, its Gateway's label or the `router` argument; other pods
 * have a sidecar when they or else their namespace ask for it. `namespaceLabels` are those of the namespace's object; without an
 * object, its pods are in the mesh. Pods on the network of their node cannot be intercepted and have none. Waypoints are something
 * to istiod in ambient mode alone, and gateways between its networks only where it has networks.
 */
export function proxyRole(
  pod: ResourceOf<'Pod'>,
  namespaceLabels: Labels | undefined,
  { enableAmbient, ambientEnableMultiNetwork }: Pick<Behaviours, 'enableAmbient' | 'ambientEnableMultiNetwork'>,
): ProxyRole {
  if (isWaypointPod(pod)) return enableAmbient && (ambientEnableMultiNetwork || !isEastWestPod(pod)) ? 'waypoint' : 'none';
  if (isGateway(pod)) return 'gateway';
  if (pod.spec.hostNetwork === true) return 'none';
  const asked = pod.labels['sidecar.istio.io/inject'] ?? pod.annotations['sidecar.istio.io/inject'];
  if (asked === 'true') return 'sidecar';
  if (asked === 'false') return 'none';
  if (namespaceLabels === undefined) return 'sidecar';
  // istio-injection decides where it is there; manifests/charts istio-discovery mutatingwebhook.yaml.
  const injection = namespaceLabels['istio-injection'];
  const injects = injection === undefined ? namespaceLabels['istio.io/rev'] !== undefined : injection === 'enabled';
  return injects ? 'sidecar' : 'none';
}

/** Whether a pod is a gateway between the networks of ambient mode, which runs as a waypoint and is something else to istiod. */
export function isEastWestPod({ labels }: Pick<ResourceOf<'Pod'>, 'labels'>): boolean {
  return labels[MANAGED] === MANAGED_EAST_WEST;
}

/** Whether a pod is a waypoint, by the argument of its proxy. */
function isWaypointPod({ spec }: ResourceOf<'Pod'>): boolean {
  return (spec.containers ?? []).some(({ args }: Container) => args?.includes('waypoint'));
}

function isGateway({ labels, annotations, spec }: ResourceOf<'Pod'>): boolean {
  const templates = (annotations['inject.istio.io/templates'] ?? '').split(',').map((template) => template.trim());
  return (
    templates.includes('gateway') ||
    labels['gateway.networking.k8s.io/gateway-name'] !== undefined ||
    (spec.containers ?? []).some(({ args }: Container) => args?.includes('router'))
  );
}

/** The labels of a pod once the injector has added its own; istio pkg/kube/inject and manifests' injection templates. */
export function injectedLabels(labels: Labels, role: ProxyRole, workloadName: string): Labels {
  // Nothing is injected into waypoints.
  if (role === 'none' || role === 'waypoint') return labels;
  const { name, revision } = canonicalService(labels, workloadName);
  return extended(labels, {
    ...(factsOf[role].isLabelledForTls && labels[TLS_MODE] === undefined && { [TLS_MODE]: 'istio' }),
    [CANONICAL_NAME]: name,
    [CANONICAL_REVISION]: revision,
  });
}

/**
 * The name and revision under which telemetry knows a workload.
 * As istio pkg/kube/labels CanonicalService: the first of these labels that is there.
 */
export function canonicalService(labels: Labels, workloadName: string): { name: string; revision: string } {
  return {
    name: labels[CANONICAL_NAME] ?? labels['app.kubernetes.io/name'] ?? labels.app ?? workloadName,
    revision: labels[CANONICAL_REVISION] ?? labels['app.kubernetes.io/version'] ?? labels.version ?? 'latest',
  };
}

/** The labels by which a service names its endpoints outside the mesh, where it has such. */
export function canonicalLabelsOf(labels: Labels): Labels {
  const name = labels[CANONICAL_NAME];
  return name === undefined ? {} : { [CANONICAL_NAME]: name, [CANONICAL_REVISION]: labels[CANONICAL_REVISION] ?? '' };
}

/** The labels with a canonical name and revision, made up where one is missing; istio ensureCanonicalServiceLabels. */
export function withCanonicalLabels(labels: Labels, name: string): Labels {
  if (labels[CANONICAL_NAME] !== undefined && labels[CANONICAL_REVISION] !== undefined) return labels;
  const canonical = canonicalService(labels, name);
  return { ...labels, [CANONICAL_NAME]: canonical.name, [CANONICAL_REVISION]: canonical.revision };
}

/** The mode of TLS that a workload states, if it does; istio GetTLSModeFromEndpointLabels. */
export function tlsModeOf(labels: Labels): string | undefined {
  return labels[TLS_MODE];
}
