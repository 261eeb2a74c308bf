import type { ZtunnelPolicy, ZtunnelService, ZtunnelWorkload } from './state.ts';

/** The parts of a ztunnel's state that can be printed. */
export type ZtunnelConfigPart = 'workload' | 'service' | 'policy' | 'certificate' | 'connections' | 'all';

/** What to print: the flags of istioctl, '' for those that are not given. */
export interface ZtunnelConfigChoice {
  readonly part: ZtunnelConfigPart;
  readonly workloads: { readonly name: string; readonly namespace: string; readonly address: string; readonly node: string };
  readonly serviceNamespace: string;
  readonly policyNamespace: string;
  readonly direction: string;
  /** Addresses of connections instead of names. */
  readonly raw: boolean;
  /** Headings between the parts of `all`. */
  readonly withHeaders: boolean;
  /** Milliseconds since 1970: which certificates are valid. */
  readonly now: number;
}

/** The filters are not particular about upper and lower case; istioctl writer/ztunnel/configdump Verify. */
function isAsked(asked: string, value: string): boolean {
  return asked === '' || asked.toLowerCase() === value.toLowerCase();
}

export function selectsWorkload({ name, namespace, address, node }: ZtunnelConfigChoice['workloads']) {
  return (workload: ZtunnelWorkload): boolean =>
    isAsked(name, workload.name) &&
    isAsked(namespace, workload.namespace) &&
    (address === '' || (workload.workloadIps ?? []).some((candidate) => isAsked(address, candidate))) &&
    isAsked(node, workload.node);
}

export function selectsNamespace(asked: string) {
  return ({ namespace }: ZtunnelService | ZtunnelPolicy): boolean => isAsked(asked, namespace);
}
