import type { BackendRef } from '../../api/gateway-api.ts';
import type { RouteDestination } from '../../api/istio.gen.ts';
import { compact } from '../../util/object.ts';
import { type AttachedRoute, isRefusal, noteBackend, type RouteRefusal, resolveBackend, weighBackends } from './backends.ts';

/** Where connections go that no backend gets: a cluster that does not exist. */
export const nowhere: RouteDestination = {
  destination: { host: 'internal.cluster.local', subset: 'zero-weight', port: { number: 65535 } },
};

/** The destinations of a rule of TLSRoutes and TCPRoutes; problems of backends are noted. As istio buildTCPDestination. */
export function streamDestinations(
  input: AttachedRoute,
  backendRefs: readonly BackendRef[],
  rulePath: (string | number)[],
): readonly RouteDestination[] | RouteRefusal {
  const route: RouteDestination[] = [];
  for (const { reference, index, weight } of weighBackends(backendRefs)) {
    const path = [...rulePath, 'backendRefs', index];
    const backend = resolveBackend(input, reference, path);
    if (isRefusal(backend)) return backend;
    noteBackend(input, backend, path);
    route.push(compact({ destination: backend.destination, weight: weight === 0 ? undefined : weight }));
  }
  return route;
}
