import type { Service } from '../../model/registry/service.ts';

/** What a stat name pattern of MeshConfig can name. */
export interface StatNameInput {
  readonly hostname: string;
  readonly subset: string;
  readonly port: number;
  readonly portName: string;
  /** Undefined where istiod does not know it and leaves `%TARGET_PORT%` as it is. */
  readonly targetPort?: number;
  /** The Kubernetes Service that `%SERVICE%` and `%SERVICE_NAME%` stand for, if it is one. */
  readonly kubernetes: { readonly name: string; readonly namespace: string } | undefined;
}

/**
 * Fills in `inboundClusterStatName` and `outboundClusterStatName` patterns.
 * As istio pilot/pkg/networking/telemetry/telemetry.go BuildStatPrefix and BuildInboundStatPrefix.
 */
export function buildStatName(pattern: string, input: StatNameInput): string {
  const { hostname, kubernetes } = input;
  const named = pattern
    .replaceAll('%SERVICE%', () => (kubernetes ? `${kubernetes.name}.${kubernetes.namespace}` : hostname))
    .replaceAll('%SERVICE_NAME%', () => kubernetes?.name ?? hostname)
    .replaceAll('%SERVICE_FQDN%', () => hostname)
    .replaceAll('%SUBSET_NAME%', () => input.subset);
  const targeted = input.targetPort === undefined ? named : named.replaceAll('%TARGET_PORT%', String(input.targetPort));
  return targeted.replaceAll('%SERVICE_PORT%', String(input.port)).replaceAll('%SERVICE_PORT_NAME%', () => input.portName);
}

/** The Kubernetes names of a service for stat names; undefined for ServiceEntries. */
export function kubernetesNames(service: Service): StatNameInput['kubernetes'] {
  return service.registry === 'Kubernetes' ? { name: service.name, namespace: service.namespace } : undefined;
}
