import type { GatewaySpec } from '../../api/gateway-api.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { WAYPOINT_FOR } from '../../resource/ambient-labels.ts';
import { goQuote } from '../../util/go-format.ts';

/** What a waypoint is to be. */
export interface WaypointChoice {
  readonly name: string;
  readonly namespace?: string;
  /** What it serves; else as its class says. */
  readonly trafficType?: string;
  readonly revision?: string;
}

/** A Gateway as it is written. */
export interface WrittenGateway {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: GatewaySpec;
}

const TRAFFIC_TYPES: readonly string[] = ['all', 'none', 'service', 'workload'];

/** The Gateway that istioctl would write; istioctl/pkg/waypoint makeGateway. */
export function generateWaypoint({ name, namespace, trafficType, revision }: WaypointChoice): WrittenGateway {
  if (name === 'none') throw usageError("'none' is no name for a waypoint: the label istio.io/use-waypoint means none by it");
  if (trafficType && !TRAFFIC_TYPES.includes(trafficType)) {
    throw usageError(`--for ${goQuote(trafficType)}: a waypoint is for one of ${TRAFFIC_TYPES.join(', ')}`);
  }
  const labels = { ...(trafficType && { [WAYPOINT_FOR]: trafficType }), ...(revision && { 'istio.io/rev': revision }) };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: {
      name: name || 'waypoint',
      ...(namespace && { namespace }),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: HBONE_PORT, protocol: 'HBONE' }],
    },
  };
}
