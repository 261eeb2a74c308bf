import type { PeerAuthenticationMutualTLS, TrafficPolicy } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { selects } from '../labels.ts';
import { compareByCreation } from '../order.ts';
import type { Endpoint, Service } from '../registry/service.ts';

/** What a workload accepts: plain text only, both, or mutual TLS only. */
export type MutualTlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** The mutual TLS that a workload asks of its clients, all levels of policy taken together. */
export interface WorkloadMutualTls {
  /** The mode of ports that no port-level setting names. */
  readonly mode: MutualTlsMode;
  /** Modes of single ports of the workload, in ascending order of port. */
  readonly byPort: ReadonlyMap<number, MutualTlsMode>;
  /** The policy that decided `mode`; undefined where it is the default. */
  readonly decidedBy: ResourceOf<'PeerAuthentication'> | undefined;
  /** The policy that decided `byPort`. */
  readonly portsDecidedBy: ResourceOf<'PeerAuthentication'> | undefined;
}

/** The PeerAuthentications of the mesh, ready for lookup. */
export interface PeerAuthenticationIndex {
  /** What a workload with these labels accepts. */
  forWorkload(namespace: string, labels: Labels): WorkloadMutualTls;
  /** The mode that the policy of the namespace, else of the mesh, sets; undefined when there is neither. */
  namespaceMode(namespace: string): MutualTlsMode | undefined;
  /** Policies that have no effect, and why. */
  readonly ignored: readonly { readonly resource: ResourceOf<'PeerAuthentication'>; readonly reason: string }[];
}

/** A policy for a whole namespace, or for the mesh when it stands in the root namespace. */
function isNamespaceWide({ spec }: ResourceOf<'PeerAuthentication'>): boolean {
  return Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
}

/** The mode written, undefined where nothing or UNSET is. */
function writtenMode(mtls: PeerAuthenticationMutualTLS | undefined): MutualTlsMode | undefined {
  const mode = mtls?.mode;
  return mode === undefined || mode === 'UNSET' ? undefined : mode;
}

/**
 * Indexes the PeerAuthentications. At each level (mesh, namespace, selected workloads) the oldest policy wins; a policy with a
 * selector in the root namespace selects nothing.
 * As istio pilot/pkg/model/authentication.go and pilot/pkg/security/authn/policy_applier.go ComposePeerAuthentication.
 */
export function buildPeerAuthentications(
  resources: readonly ResourceOf<'PeerAuthentication'>[],
  rootNamespace: string,
): PeerAuthenticationIndex {
  const namespaceWide = new Map<string, ResourceOf<'PeerAuthentication'>>();
  const selecting = new Map<string, ResourceOf<'PeerAuthentication'>[]>();
  const ignored: { resource: ResourceOf<'PeerAuthentication'>; reason: string }[] = [];
  for (const policy of [...resources].sort(compareByCreation)) {
    if (!isNamespaceWide(policy)) {
      if (policy.namespace === rootNamespace) {
        ignored.push({ resource: policy, reason: 'in the root namespace, a policy must not have a selector' });
        continue;
      }
      const others = selecting.get(policy.namespace);
      if (others) others.push(policy);
      else selecting.set(policy.namespace, [policy]);
      continue;
    }
    const older = namespaceWide.get(policy.namespace);
    if (older === undefined) namespaceWide.set(policy.namespace, policy);
    else ignored.push({ resource: policy, reason: `${older.name}, which is older, holds for the whole namespace already` });
  }
  const meshPolicy = namespaceWide.get(rootNamespace);

  const compose = (namespace: string, labels: Labels): WorkloadMutualTls => {
    const namespacePolicy = namespace === rootNamespace ? undefined : namespaceWide.get(namespace);
    const workloadPolicy = selecting.get(namespace)?.find(({ spec }) => selects(spec.selector?.matchLabels ?? {}, labels));

    const decidedBy = [workloadPolicy, namespacePolicy, meshPolicy].find(
      (policy) => writtenMode(policy?.spec.mtls) !== undefined,
    );
    const mode = writtenMode(decidedBy?.spec.mtls) ?? 'PERMISSIVE';
    const ports = Object.entries(workloadPolicy?.spec.portLevelMtls ?? {}).map(([port, mtls]): [number, MutualTlsMode] => [
      Number(port),
      writtenMode(mtls) ?? mode,
    ]);
    return {
      mode,
      byPort: new Map(ports.sort(([a], [b]) => a - b)),
      decidedBy,
      portsDecidedBy: ports.length > 0 ? workloadPolicy : undefined,
    };
  };

  return {
    forWorkload: memo(compose),
    namespaceMode(namespace) {
      const policy = namespaceWide.get(namespace);
      // A policy that leaves the mode open inherits the mesh's, or is permissive.
      if (policy !== undefined) return writtenMode(policy.spec.mtls) ?? writtenMode(meshPolicy?.spec.mtls) ?? 'PERMISSIVE';
      return meshPolicy && (writtenMode(meshPolicy.spec.mtls) ?? 'PERMISSIVE');
    },
    ignored,
  };
}

/** The mode of one port of the workload; istio policyApplier.GetMutualTLSModeForPort. */
export function mutualTlsModeOfPort(policy: WorkloadMutualTls, port: number): MutualTlsMode {
  return policy.byPort.get(port) ?? policy.mode;
}

/**
 * Whether clients speak mutual TLS to the endpoint. `destinationRuleMode` is the TLS mode that the destination rule in effect
 * (subset and port included) sets, which wins; otherwise the endpoint must have a sidecar and its policy must not disable TLS.
 * As istio pilot/pkg/xds/endpoints/mtls_checker.go.
 */
export function acceptsMutualTls(
  index: PeerAuthenticationIndex,
  endpoint: Pick<Endpoint, 'namespace' | 'labels' | 'port' | 'tlsMode'>,
  destinationRuleMode: string | undefined,
): boolean {
  if (destinationRuleMode !== undefined) return destinationRuleMode === 'ISTIO_MUTUAL';
  if (endpoint.tlsMode !== 'istio') return false;
  return mutualTlsModeOfPort(index.forWorkload(endpoint.namespace, endpoint.labels), endpoint.port) !== 'DISABLE';
}

/**
 * The mode that automatic mutual TLS assumes of a whole service: that of its namespace or mesh, for selectors and port levels are
 * not looked at. A service that is passed through to its endpoints counts as DISABLE unless all of them have a sidecar; undefined
 * for services outside the mesh. `policy` is the traffic policy of the destination rule, `endpoints` those of the port.
 * As istio pilot/pkg/model/push_context.go BestEffortInferServiceMTLSMode.
 */
export function inferServiceMutualTls(
  index: PeerAuthenticationIndex,
  service: Service,
  policy: TrafficPolicy | undefined,
  endpoints: readonly Pick<Endpoint, 'tlsMode'>[],
): MutualTlsMode | undefined {
  if (service.meshExternal) return undefined;
  if (service.resolution === 'passthrough' || policy?.loadBalancer?.simple === 'PASSTHROUGH') {
    if (endpoints.length === 0 || endpoints.some(({ tlsMode }) => tlsMode === 'disabled')) return 'DISABLE';
  }
  return index.namespaceMode(service.namespace) ?? 'PERMISSIVE';
}
