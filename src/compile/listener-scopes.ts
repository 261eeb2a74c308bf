import { hasConnectionRoutes } from '../model/traffic/connection-routes.ts';
import type { ConsolidatedDestinationRule } from '../model/traffic/destination-rules.ts';
import { scopeOf, servicesByHostname } from '../scope/sidecar-scope.ts';
import type { Scope, SharedScope } from '../scope/view.ts';
import { haveSameMembers } from '../util/collections.ts';
import { memo } from '../util/memo.ts';

type Rules = readonly ConsolidatedDestinationRule[];

/** As much of what proxies see as listeners are made of. */
interface Kept {
  /** What is compared by identity, one after the other. */
  readonly parts: readonly unknown[];
  /** The rules that were asked for, by host name. */
  readonly asked: ReadonlyMap<string, Rules>;
  readonly scopeIn: (namespace: string) => Scope;
  /** Asks for other rules there. */
  readonly lookAt: (shared: SharedScope) => void;
}

/**
 * Makes of a scope the part that the listeners of sidecars are made of: virtual services for HTTP show in routes alone, and rules count
 * where they are asked for. The same object stands for that of an earlier state of the mesh, as long as all in it is the same.
 */
export function createListenerScopes(): (scope: Scope) => Scope {
  const byName = new Map<string, Kept>();
  const keptOf = memo((shared: SharedScope, name: string): Kept => {
    const parts = partsOf(shared);
    const known = byName.get(name);
    if (known !== undefined && haveSameMembers(known.parts, parts) && hasSameRules(known, shared)) {
      known.lookAt(shared);
      return known;
    }
    const made = keep(shared, parts);
    byName.set(name, made);
    return made;
  });
  // A namespace has one scope for each Sidecar; what several namespaces have in common goes by the name of the first.
  const nameOf = memo((_shared: SharedScope): { of: string | undefined } => ({ of: undefined }));
  return ({ shared, namespace }) => {
    const name = nameOf(shared);
    name.of ??= `${namespace} ${shared.sidecar?.namespace ?? ''} ${shared.name}`;
    return keptOf(shared, name.of).scopeIn(namespace);
  };
}

function keep(first: SharedScope, parts: readonly unknown[]): Kept {
  let current = first;
  const asked = new Map<string, Rules>();
  const { name, sidecar, services, outboundTrafficPolicy, resolvesUnknownHosts } = first;
  const shared: SharedScope = {
    name,
    sidecar,
    egressListeners: first.egressListeners.map((egress) => ({
      listener: egress.listener,
      services: egress.services,
      virtualServices: egress.virtualServices.filter(hasConnectionRoutes),
      mostSpecificVirtualService: new Map(),
    })),
    ...servicesByHostname(new Map(services.map((service) => [service.hostname, service]))),
    destinationRules(hostname) {
      const rules = current.destinationRules(hostname);
      asked.set(hostname, rules);
      return rules;
    },
    outboundTrafficPolicy,
    resolvesUnknownHosts,
  };
  return {
    parts,
    asked,
    scopeIn: memo((namespace: string) => scopeOf(shared, namespace)),
    lookAt(other) {
      current = other;
    },
  };
}

function partsOf({
  sidecar,
  egressListeners,
  services,
  outboundTrafficPolicy,
  resolvesUnknownHosts,
}: SharedScope): readonly unknown[] {
  return [
    sidecar,
    JSON.stringify(outboundTrafficPolicy),
    resolvesUnknownHosts,
    ...egressListeners.flatMap(({ listener, services: imported, virtualServices }) => [
      JSON.stringify(listener),
      ...imported,
      ...virtualServices.filter(hasConnectionRoutes),
    ]),
    'services',
    ...services,
  ];
}

function hasSameRules({ asked }: Kept, shared: SharedScope): boolean {
  return [...asked].every(([hostname, rules]) => haveSameMembers(rules, shared.destinationRules(hostname)));
}
