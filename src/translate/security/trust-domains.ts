import type { MeshConfig } from '../../api/istio.gen.ts';

/**
 * The trust domain of the mesh and its aliases: identities of any of them are the same workload.
 * As istio pilot/pkg/security/trustdomain.
 */
export interface TrustDomains {
  /** The mesh's own first. */
  readonly names: readonly string[];
}

/** The trust domains that authorization policies are read with. */
export function trustDomainsOf(config: Pick<MeshConfig, 'trustDomain' | 'trustDomainAliases'>): TrustDomains {
  return { names: [config.trustDomain ?? '', ...(config.trustDomainAliases ?? [])] };
}

/** A principal that stands for the local trust domain whatever it is called. */
const LOCAL = 'cluster.local';

/**
 * Principals with each one of a known trust domain (or `cluster.local`) written for all of them; principals that leave the trust
 * domain open, or name a foreign one, stay. `onForeign` hears of the latter: they match no workload of this mesh.
 */
export function expandPrincipals(
  { names }: TrustDomains,
  principals: readonly string[],
  onForeign: (principal: string, trustDomain: string) => void,
): readonly string[] {
  return principals.flatMap((principal) => {
    const parts = principal.split('/');
    const [trustDomain = '', ...rest] = parts;
    // Only `<trust domain>/ns/<namespace>/sa/<account>` names a trust domain.
    if (parts.length !== 5 || trustDomain === '*') return [principal];
    if (!names.some((name) => overlap(trustDomain, name)) && trustDomain !== LOCAL) {
      onForeign(principal, trustDomain);
      return [principal];
    }
    const written = names.map((name) => (endsAs(name, trustDomain) ? principal : [name, ...rest].join('/')));
    return [...new Set(written)];
  });
}

/** Trust domains with each known one written for all of them. */
export function withTrustDomainAliases({ names }: TrustDomains, values: readonly string[]): readonly string[] {
  return [...new Set(values.flatMap((value) => (names.includes(value) ? names : [value])))];
}

/** Whether two texts can be equal when either may start or end with `*`. */
function overlap(a: string, b: string): boolean {
  return a === b || b === '*' || startsAs(a, b) || startsAs(b, a) || endsAs(a, b) || endsAs(b, a);
}

function startsAs(text: string, pattern: string): boolean {
  return pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1));
}

function endsAs(text: string, pattern: string): boolean {
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1));
}
