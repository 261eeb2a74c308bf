import type { Mesh } from '../../model/mesh.ts';
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
  /** What istiod ignores in the policies of the proxy, or turns into denial. */
  notes(proxy: Proxy): readonly PolicyNote[];
}

/** Builds the filters that RequestAuthentication and AuthorizationPolicy resources ask for. */
export function createSecurityFilters(mesh: Mesh): SecurityFilterBuilder {
  const authorize = createAuthorizationBuilder(mesh);
  const build = memo((proxy: Proxy): { filters: SecurityFilters; notes: readonly PolicyNote[] } => {
    const requestAuthentications = mesh.policies.requestAuthentications(proxy);
    const authorization = authorize(mesh.policies.authorizationPolicies(proxy));
    const jwt = buildJwtFilter(requestAuthentications, proxy.type === 'gateway');
    return {
      filters: {
        httpCustom: authorization.httpCustom,
        httpAuthentication: jwt === undefined ? [] : [jwt],
        httpAuthorization: authorization.http,
        tcpCustom: authorization.tcpCustom,
        tcpAuthorization: authorization.tcp,
      },
      notes: [...jwtNotes(requestAuthentications), ...authorization.notes],
    };
  });
  return { filters: (proxy) => build(proxy).filters, notes: (proxy) => build(proxy).notes };
}
