import type { ParentReference } from '../../api/gateway-api.ts';
import { parentOfOthers, parentRefused } from '../../diagnostics/problems/gateway-api.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { compareText } from '../../util/text.ts';
import { hostCovers, hostsOverlap, isWildcard } from '../traffic/host.ts';
import { GATEWAY_API_GROUP, type GatewayApiContext } from './context.ts';
import type { ListenerParent } from './listeners.ts';

/** Kinds of routes that istiod converts. */
export type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute';

/** A parent that a route is attached to. istio gateway/conversion.go routeParentReference, without refused ones. */
export interface AttachedParent {
  readonly listener: ListenerParent;
  /** `Service` or `ServiceEntry` for the mesh, else the listener's kind. */
  readonly kind: string;
  readonly reference: ParentReference;
  /** Hostnames of other listeners of the same port and protocol, which routes must leave to them. */
  readonly otherHostnames: readonly string[];
}

const MESH = 'mesh';

/** The mesh as a parent: Services and ServiceEntries stand for it. */
const meshListener: ListenerParent = {
  parent: MESH,
  internalName: MESH,
  allowedKinds: ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'],
  hostnames: [],
  hostname: '',
  sectionName: '',
  port: 0,
  protocol: '',
};

/** Whether the parent is a service of the mesh rather than a listener of a gateway. */
export function isMeshParent({ listener }: AttachedParent): boolean {
  return listener.internalName === MESH;
}

/**
 * The parents that a route is attached to, sorted by the name of their Gateway; refused ones are noted.
 * As istio extractParentReferenceInfo, referenceAllowed and filteredReferences.
 */
export function attachRoute(
  context: GatewayApiContext,
  route: ResourceOf<RouteKind>,
  listenersByParent: ReadonlyMap<string, readonly ListenerParent[]>,
): readonly AttachedParent[] {
  const attached = (route.spec.parentRefs ?? []).flatMap((reference, index) => {
    const resolved = resolveParent(context, route, reference, listenersByParent);
    const candidates = typeof resolved === 'string' ? [] : resolved.listeners;
    const reasons = candidates.map((listener) => refusal(listener, route, reference));
    const accepted = candidates.filter((_, i) => reasons[i] === undefined);
    if (accepted.length === 0 && !context.isOfOthers(reference, route.namespace)) {
      // Of listeners that the reference does not mean nobody asks.
      const meant = reasons.filter((_, i) => candidates[i] !== undefined && isNamed(candidates[i], reference));
      const told = meant.length > 0 ? meant : reasons;
      const reason = typeof resolved === 'string' ? resolved : [...new Set(told)].join('; ');
      const path = ['spec', 'parentRefs', index];
      if (isKindOfOthers(reference)) context.note(parentOfOthers, route, path, reference.name, kindText(reference));
      else context.note(parentRefused, route, path, reference.name, reason);
    }
    return accepted.map((listener) => ({
      listener,
      kind: reference.kind ?? 'Gateway',
      reference,
      otherHostnames: otherHostnames(listener, candidates),
      order: parentOrder(reference, route.namespace),
    }));
  });
  return attached.sort((a, b) => compareText(a.listener.internalName, b.listener.internalName) || compareText(a.order, b.order));
}

/** The listeners of a parent, or why it is none. */
function resolveParent(
  context: GatewayApiContext,
  route: Resource,
  reference: ParentReference,
  listenersByParent: ReadonlyMap<string, readonly ListenerParent[]>,
): { readonly listeners: readonly ListenerParent[] } | string {
  const { group = GATEWAY_API_GROUP, kind = 'Gateway', namespace = route.namespace, name } = reference;
  if (context.isOfOthers(reference, route.namespace)) return { listeners: [] };
  if (group === '' && kind === 'Service') {
    return context.service(namespace, name) ? { listeners: [meshListener] } : `Service ${namespace}/${name} does not exist`;
  }
  if (group === 'networking.istio.io' && kind === 'ServiceEntry') {
    return context.serviceEntry(namespace, name)
      ? { listeners: [meshListener] }
      : `ServiceEntry ${namespace}/${name} does not exist`;
  }
  if (group !== GATEWAY_API_GROUP || (kind !== 'Gateway' && kind !== 'ListenerSet'))
    return `Istio knows no parents of kind ${kindText(reference)}${group === 'core' ? ': the group of a Service is ""' : ''}`;
  const listeners = listenersByParent.get(`${kind}/${namespace}/${name}`);
  return listeners ? { listeners } : `there is no ${kind} ${namespace}/${name} that Istio serves`;
}

/** Groups with kinds that an author of routes for Istio may mean; `core` is what some write for that of Services. */
const GROUPS: readonly string[] = ['', 'core', GATEWAY_API_GROUP, 'networking.istio.io', 'multicluster.x-k8s.io'];

/** Whether only another controller can have parents of that kind: its own kinds, and routes that hand on to others. */
function isKindOfOthers({ group = GATEWAY_API_GROUP, kind = 'Gateway' }: ParentReference): boolean {
  return !GROUPS.includes(group) || (group === GATEWAY_API_GROUP && kind.endsWith('Route'));
}

function kindText({ group = GATEWAY_API_GROUP, kind = 'Gateway' }: ParentReference): string {
  return group === '' || group === GATEWAY_API_GROUP ? kind : `${kind} (${group})`;
}

/** Whether a reference means a listener, by port and name. */
function isNamed({ port: own, sectionName: name }: ListenerParent, { port = 0, sectionName = '' }: ParentReference): boolean {
  return (port === 0 || port === own) && (sectionName === '' || sectionName === name);
}

/** Why a listener does not take a route; undefined when it does. As istio referenceAllowed. */
function refusal(
  listener: ListenerParent,
  { namespace, kind, spec }: ResourceOf<RouteKind>,
  { port = 0, sectionName = '' }: ParentReference,
): string | undefined {
  if (listener.internalName !== MESH) {
    if (port !== 0 && port !== listener.port) return `it has no listener on port ${port}`;
    if (sectionName !== '' && sectionName !== listener.sectionName) return `it has no listener named ${sectionName}`;
    const hostnames = hostnamesOf(spec);
    const parents = listener.hostnames.map(splitHost);
    const sameHost = parents.filter(({ host }) => hostnames.some((hostname) => hostsOverlap(host, hostname)));
    if (parents.length > 0 && sameHost.length === 0) return `no hostname of the route is one of listener ${listener.sectionName}`;
    if (parents.length > 0 && !sameHost.some((parent) => parent.namespace === '*' || parent.namespace === namespace)) {
      return `listener ${listener.sectionName} does not allow routes of namespace ${namespace}`;
    }
  }
  return listener.allowedKinds.includes(kind)
    ? undefined
    : `listener ${listener.sectionName} does not allow routes of kind ${kind}`;
}

/** The hostnames that a route is for; all when it names none, as TCPRoutes do not. */
export function hostnamesOf(spec: ResourceOf<RouteKind>['spec']): readonly string[] {
  return 'hostnames' in spec && spec.hostnames?.length ? spec.hostnames : ['*'];
}

function splitHost(text: string): { readonly namespace: string; readonly host: string } {
  const [namespace = '', host] = text.split('/');
  return host === undefined ? { namespace: '*', host: namespace } : { namespace, host };
}

function otherHostnames(listener: ListenerParent, candidates: readonly ListenerParent[]): readonly string[] {
  return candidates
    .filter((other) => other !== listener && other.port === listener.port && other.protocol === listener.protocol)
    .map(({ hostname }) => hostname)
    .filter((hostname) => hostname !== listener.hostname);
}

/**
 * Whether a hostname of a route is the listener's to serve: not when another listener of the port has a hostname that fits better.
 * As istio hostnameAllowedByIsolation.
 */
export function servesHostname({ listener, otherHostnames }: AttachedParent, hostname: string): boolean {
  const own = listener.hostname;
  if (own !== '' && !isWildcard(own)) return true;
  if (own !== '' && !hostsOverlap(hostname, own)) return false;
  return !otherHostnames.some((other) => own.length <= other.length && hostCovers(other, hostname));
}

// as istio parentRefString, by which references are ordered
function parentOrder(reference: ParentReference, routeNamespace: string): string {
  const { group = GATEWAY_API_GROUP, kind = 'Gateway', name, sectionName = '', port = 0, namespace = routeNamespace } = reference;
  return `${group}/${kind}/${name}/${sectionName}/${port}.${namespace}`;
}
