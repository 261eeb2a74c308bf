import type { HttpFilter } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { factsOf, type Role } from '../../model/proxies/roles.ts';
import type { AuthorizationPolicies } from '../../model/security/policies.ts';
import type { ProxyView } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import type { SecurityFilters } from '../traits/traits.ts';
import { createAuthorizationBuilder } from './authorization.ts';
import { buildJwtFilter, jwtNotes } from './jwt.ts';
import type { PolicyNote } from './notes.ts';

/** What the security filters of a proxy depend on. */
type Secured = Pick<ProxyView, 'role' | 'requestAuthentications' | 'authorizationPolicies' | 'layeredPolicies'>;

/** The security filters of proxies. */
export interface SecurityFilterBuilder {
  /** Filters for what a sidecar receives, or for all that a gateway handles. */
  filters(view: Secured): SecurityFilters;
  /** The TCP filters of connections to a service by whose namespace policies count too. */
  tcpFilters(policies: AuthorizationPolicies): Pick<SecurityFilters, 'tcpCustom' | 'tcpAuthorization'>;
  /** Those of `filters` that differ for what comes through tunnels (HBONE): of sidecars, istiod leaves CUSTOM as it is. */
  tunnelFilters(view: Secured): Partial<SecurityFilters>;
  /** What of policies can be decided where a tunnel (HBONE) ends, before what is in it is looked at. */
  tunnelEndFilters(policies: AuthorizationPolicies): readonly HttpFilter[];
  /** What istiod ignores in the policies of the proxy, or turns into denial. */
  notes(view: Secured): readonly PolicyNote[];
}

/** Builds the filters that RequestAuthentication and AuthorizationPolicy resources ask for. */
export function createSecurityFilters(mesh: Pick<Mesh, 'config' | 'registry' | 'release'>): SecurityFilterBuilder {
  const authorization = createAuthorizationBuilder(mesh);
  const authorizationOf = memo(authorization.filters);
  const tunnelled = memo(authorization.tunnelFilters);
  const filters = memo(
    (role: Role, authentications: Secured['requestAuthentications'], policies: AuthorizationPolicies): SecurityFilters => {
      const jwt = buildJwtFilter(mesh, authentications, factsOf[role].routesByClaims);
      const { httpCustom, http, tcpCustom, tcp } = authorizationOf(policies);
      return {
        httpCustom,
        httpAuthentication: jwt === undefined ? [] : [jwt],
        httpAuthorization: http,
        tcpCustom,
        tcpAuthorization: tcp,
      };
    },
  );
  return {
    filters: (view) => filters(view.role, view.requestAuthentications, view.authorizationPolicies),
    tcpFilters(policies) {
      const { tcpCustom, tcp } = authorizationOf(policies);
      return { tcpCustom, tcpAuthorization: tcp };
    },
    tunnelFilters({ role, authorizationPolicies }) {
      const { httpCustom, http, tcpCustom, tcp } = tunnelled(authorizationPolicies);
      const custom = factsOf[role].standsBetweenPeers ? { httpCustom, tcpCustom } : {};
      return { ...custom, httpAuthorization: http, tcpAuthorization: tcp };
    },
    tunnelEndFilters: memo(authorization.tunnelEndFilters),
    notes: (view) => [
      ...jwtNotes(mesh, view.requestAuthentications),
      ...authorization.notes(view.authorizationPolicies),
      ...(view.layeredPolicies === undefined ? [] : authorization.notes(view.layeredPolicies)),
    ],
  };
}
