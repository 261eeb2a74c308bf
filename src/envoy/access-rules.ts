import { isAny } from './any.ts';
import type { FilterChain, RBAC } from './api.gen.ts';

const MANAGER = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const HTTP_RBAC = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
const NETWORK_RBAC = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';

/** The rules of a filter that controls access: those it enforces, and those it only evaluates. */
export interface AccessRules {
  readonly rules?: RBAC;
  readonly shadowRules?: RBAC;
}

/** The rules of all filters in chains that control access, for connections and for requests. */
export function accessRules(chains: readonly FilterChain[]): readonly AccessRules[] {
  return chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }): readonly AccessRules[] => {
      if (isAny(typedConfig, NETWORK_RBAC)) return [typedConfig];
      if (!isAny(typedConfig, MANAGER)) return [];
      return (typedConfig.httpFilters ?? []).flatMap((filter) =>
        isAny(filter.typedConfig, HTTP_RBAC) ? [filter.typedConfig] : [],
      );
    }),
  );
}
