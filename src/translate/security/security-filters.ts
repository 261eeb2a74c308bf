import type { Mesh } from '../../model/mesh.ts';
import type { PolicyWorkload } from '../../model/policies.ts';
import type { Proxy } from '../../model/proxy.ts';
import { memo } from '../../util/memo.ts';
import type { SecurityFilters } from '../traits.ts';
import { createAuthorizationBuilder } from './authorization.ts';
import { buildJwtFilter, jwtNotes } from './jwt.ts';
import type { PolicyNote } from './notes.ts';

/** The security filters of proxies. */
export interface SecurityFilterBuilder {
  /** Filters for what a sidecar receives, or for all that a gateway handles. */
  filters(proxy: Proxy): SecurityFilters;
  /** The TCP filters of connections to a service by whose namespace policies count too. */
  tcpFilters(workload: PolicyWorkload): Pick<SecurityFilters, 'tcpCustom' | 'tcpAuthorization'>;
  /** What istiod ignores in the policies of the proxy, or turns into denial. */
  notes(proxy: Proxy): readonly PolicyNote[];
}

/** Builds the filters that RequestAuthentication and AuthorizationPolicy resources ask for. */
export function createSecurityFilters(mesh: Pick<Mesh, 'config' | 'registry' | 'policies'>): SecurityFilterBuilder {
  const authorization = createAuthorizationBuilder(mesh);
  const filters = memo((proxy: Proxy): SecurityFilters => {
    const jwt = buildJwtFilter(mesh.policies.requestAuthentications(proxy), proxy.type === 'gateway');
    const { httpCustom, http, tcpCustom, tcp } = authorization.filters(mesh.policies.authorizationPolicies(proxy));
    return {
      httpCustom,
      httpAuthentication: jwt === undefined ? [] : [jwt],
      httpAuthorization: http,
      tcpCustom,
      tcpAuthorization: tcp,
    };
  });
  return {
    filters,
    tcpFilters(workload) {
      const { tcpCustom, tcp } = authorization.filters(mesh.policies.authorizationPolicies(workload));
      return { tcpCustom, tcpAuthorization: tcp };
    },
    notes: (proxy) => [
      ...jwtNotes(mesh.policies.requestAuthentications(proxy)),
      ...authorization.notes(mesh.policies.authorizationPolicies(proxy)),
    ],
  };
}
