import type { ResourceOf } from '../../resource/resource.ts';

/** One end of a reference across namespaces. */
export interface GrantedFrom {
  /** Kind of the Gateway API. */
  readonly kind: string;
  readonly namespace: string;
}

export interface GrantedTo {
  /** Empty for Kubernetes' own kinds. */
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Which references across namespaces their targets' namespaces allow. */
export interface ReferenceGrants {
  allows(from: GrantedFrom, to: GrantedTo): boolean;
}

const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';
const referringKinds: readonly string[] = ['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'ListenerSet'];
/** With their group before the slash. */
const grantableKinds: readonly string[] = ['/ConfigMap', '/Secret', '/Service', 'inference.networking.k8s.io/InferencePool'];

/** Indexes ReferenceGrants; entries for other kinds are another controller's. As istio gatewaycommon/references.go. */
export function buildReferenceGrants(resources: readonly ResourceOf<'ReferenceGrant'>[]): ReferenceGrants {
  const granted = new Set<string>();
  for (const { namespace, spec } of resources) {
    for (const from of spec.from ?? []) {
      if (from.group !== GATEWAY_API_GROUP || !referringKinds.includes(from.kind)) continue;
      for (const { group, kind, name = ANY_NAME } of spec.to ?? []) {
        if (grantableKinds.includes(`${group}/${kind}`)) granted.add(grantKey(from, { group, kind, namespace, name }));
      }
    }
  }
  return { allows: (from, to) => granted.has(grantKey(from, to)) || granted.has(grantKey(from, { ...to, name: ANY_NAME })) };
}

/** No object can have this name. */
const ANY_NAME = '*';

function grantKey(from: GrantedFrom, to: GrantedTo): string {
  return JSON.stringify([from.kind, from.namespace, to.group, to.kind, to.namespace, to.name]);
}
