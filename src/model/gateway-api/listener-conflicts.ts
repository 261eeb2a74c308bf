import type { GatewayListener } from '../../api/gateway-api.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { compareText } from '../../util/text.ts';

/** Why listeners are left out, by `namespace/name/listener` of the Gateway or ListenerSet that they stand in. */
export type ListenerConflicts = ReadonlyMap<string, string>;

interface OwnedListener {
  readonly owner: Resource;
  readonly kind: 'Gateway' | 'ListenerSet';
  readonly listener: GatewayListener;
}

/**
 * Finds the listeners of a Gateway and its ListenerSets that cannot stand beside an earlier one: those of the Gateway come first,
 * then those of the oldest ListenerSet. One that is left out is in nobody's way. A ListenerSet of its Gateway's name and namespace
 * shares its conflicts, since istiod keeps them by name alone.
 * As istio gatewaycommon/listener_conflict.go ComputeGatewayListenerConflicts.
 */
export function findListenerConflicts(
  gateway: ResourceOf<'KubernetesGateway'>,
  listenerSets: readonly ResourceOf<'ListenerSet'>[],
): ListenerConflicts {
  const listeners: readonly OwnedListener[] = [
    ...gateway.spec.listeners.map((listener): OwnedListener => ({ owner: gateway, kind: 'Gateway', listener })),
    ...[...listenerSets]
      .sort(compareByAge)
      .flatMap((owner) =>
        owner.spec.listeners.map(
          (listener): OwnedListener => ({ owner, kind: 'ListenerSet', listener: withUsualPort(listener) }),
        ),
      ),
  ];
  const accepted: OwnedListener[] = [];
  const conflicts = new Map<string, string>();
  for (const one of listeners) {
    const earlier = accepted.find((other) => !areDistinct(one.listener, other.listener));
    if (earlier === undefined) accepted.push(one);
    else conflicts.set(listenerKey(one.owner, one.listener), reasonOf(one, earlier));
  }
  return conflicts;
}

/** The key of a listener among conflicts. */
export function listenerKey({ namespace, name }: Resource, listener: GatewayListener): string {
  return `${namespace}/${name}/${listener.name}`;
}

/** The listeners of a ListenerSet can leave their port to the protocol. As istio gatewaycommon ListenerEntryPortNumber. */
export function withUsualPort(listener: GatewayListener): GatewayListener {
  const usual = listener.protocol === 'HTTP' ? 80 : listener.protocol === 'HTTPS' ? 443 : 0;
  return { ...listener, port: listener.port || usual };
}

// as the sort of istio orderedMergedListeners
function compareByAge(a: Resource, b: Resource): number {
  const [timeA, timeB] = [a.createdAt ?? Number.NEGATIVE_INFINITY, b.createdAt ?? Number.NEGATIVE_INFINITY];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`);
}

// as istio listenersDistinct: listeners of a port need other hostnames, and protocols without hostnames are alone on theirs
function areDistinct(a: GatewayListener, b: GatewayListener): boolean {
  if (a.port !== b.port) return true;
  const [familyA, familyB] = [familyOf(a), familyOf(b)];
  if (familyA === 'other' || familyB === 'other') return a.protocol !== b.protocol;
  return familyA === 'with hostnames' && familyB === 'with hostnames' && (a.hostname || '*') !== (b.hostname || '*');
}

function familyOf({ protocol }: GatewayListener): 'with hostnames' | 'without hostnames' | 'other' {
  switch (protocol) {
    case 'HTTP':
    case 'HTTPS':
    case 'TLS':
      return 'with hostnames';
    case 'TCP':
    case 'UDP':
      return 'without hostnames';
    default:
      return 'other';
  }
}

function reasonOf({ listener }: OwnedListener, { owner, kind, listener: earlier }: OwnedListener): string {
  const sameHostname = familyOf(listener) === 'with hostnames' && familyOf(earlier) === 'with hostnames';
  const hostname = listener.hostname ? `hostname ${listener.hostname}` : 'any hostname';
  return (
    `listener ${earlier.name} (${earlier.protocol}) of ${kind} ${owner.namespace}/${owner.name} comes first, ` +
    `with port ${earlier.port}${sameHostname ? ` and ${hostname}` : ''} too`
  );
}
