import type { Ambient } from '../../../model/ambient/ambient.ts';
import { keyOfService, type TunnelledService } from '../../../model/ambient/services.ts';
import type { Mesh } from '../../../model/mesh.ts';
import type { Workload } from '../../../model/registry/service.ts';
import { hostCovers, isWildcard } from '../../../model/traffic/host.ts';
import { isVisible, type Visibility } from '../../../model/traffic/visibility.ts';
import { groupBy } from '../../../util/collections.ts';

/** Who takes part in ambient mode, for questions of what acts where. */
export interface AmbientParties {
  readonly ambient: Ambient;
  /** The workloads that have no proxy but ztunnel. */
  readonly captured: readonly Workload[];
  /** Those of them that see what is visible so. */
  capturedIn(visibility: Visibility): readonly Workload[];
  /** Whether some workload of a service is one of them. */
  isCaptured(service: TunnelledService): boolean;
  /** Whether a workload stands behind none of some services, so that it may be a client of theirs. */
  isClientOf(services: readonly TunnelledService[]): (workload: Workload) => boolean;
  /** What a host means, wildcards included. */
  servicesOf(host: string): readonly TunnelledService[];
}

/** The parties of a mesh; undefined where it is not in ambient mode. */
export function ambientParties({ ambient, registry }: Mesh): AmbientParties | undefined {
  if (ambient === undefined) return undefined;
  const captured = registry.workloads.filter((workload) => ambient.captures(workload));
  const served = new Set(
    ambient.allWorkloads.filter(({ tunnel }) => tunnel === 'ztunnel').flatMap(({ services }) => [...services.keys()]),
  );
  const servedBy = new Map(ambient.allWorkloads.map(({ resource, services }) => [resource, services]));
  const byHost = groupBy(ambient.services, ({ hostname }) => hostname);
  return {
    ambient,
    captured,
    capturedIn: (visibility) => captured.filter(({ namespace }) => isVisible(visibility, namespace)),
    isCaptured: (service) => served.has(keyOfService(service)),
    isClientOf: (services) => {
      const keys = services.map(keyOfService);
      return ({ resource }) => !keys.some((key) => servedBy.get(resource)?.has(key));
    },
    servicesOf: (host) =>
      isWildcard(host) ? ambient.services.filter(({ hostname }) => hostCovers(host, hostname)) : (byHost.get(host) ?? []),
  };
}

/** The services among some that no waypoint serves, though no label asks for one in vain: that is told of the label. */
export function withoutWaypoint(services: readonly TunnelledService[]): readonly TunnelledService[] {
  return services.filter(({ binding }) => binding.waypoint === undefined && binding.error === undefined);
}
