import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { chainEndsWrongly, filterWithoutConfiguration } from '../../diagnostics/problems/refusals.ts';
import { isAny } from '../../envoy/any.ts';
import type { Any, Listener } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { at } from '../subject.ts';
import { patchOf } from './origins.ts';

const PREFIX = 'type.googleapis.com/';
const HCM = `${PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

/** Filters that end a chain. */
const terminal: ReadonlySet<string> = new Set([
  HCM,
  `${PREFIX}envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`,
  `${PREFIX}envoy.extensions.filters.http.router.v3.Router`,
]);

/** Filters that do not end a chain, by their packages; of others nobody knows here. */
const passing =
  /^type\.googleapis\.com\/(envoy\.extensions\.filters\.http\.(?!router\.|upstream_codec\.|dynamic_modules\.)|envoy\.extensions\.filters\.network\.(connection_limit|ext_authz|local_ratelimit|mongo_proxy|ratelimit|rbac|set_filter_state|sni_cluster|sni_dynamic_forward_proxy|wasm|zookeeper_proxy)\.|envoy\.tcp\.metadataexchange\.)/;

interface NamedFilter {
  readonly name?: string;
  readonly typedConfig?: Any;
  readonly configDiscovery?: unknown;
}

/** Envoy's Utility::validateTerminalFilters, and the look-up of filters by the type of their configuration. */
export function misplacedFilters(listener: Listener, proxy: string, mesh: Mesh): readonly Diagnostic[] {
  const chains = [...(listener.filterChains ?? []), ...(listener.defaultFilterChain ? [listener.defaultFilterChain] : [])];
  return chains.flatMap((chain) => {
    const filters: readonly NamedFilter[] = chain.filters ?? [];
    const http = filters.flatMap(({ typedConfig }) => (isAny(typedConfig, HCM) ? [typedConfig.httpFilters ?? []] : []));
    const lists: readonly (readonly NamedFilter[])[] = [filters, ...http];
    return lists.flatMap((list) => misplacedIn(list, listener.name ?? '', proxy, mesh));
  });
}

function misplacedIn(filters: readonly NamedFilter[], listener: string, proxy: string, mesh: Mesh): readonly Diagnostic[] {
  const end = filters.findIndex(({ typedConfig }) => terminal.has(typedConfig?.['@type'] ?? ''));
  const behind = end === -1 ? [] : filters.slice(end + 1);
  const bare = filters.filter(({ typedConfig, configDiscovery }) => typedConfig === undefined && configDiscovery === undefined);
  const last = filters.at(-1);
  const isOpen = end === -1 && passing.test(last?.typedConfig?.['@type'] ?? '');
  return [
    ...behind.map(({ name = '' }) => chainEndsWrongly(patchOf(mesh, name), name, filters[end]?.name ?? '', listener, proxy)),
    ...bare.map(({ name = '' }) => filterWithoutConfiguration(patchOf(mesh, name), name, listener, proxy)),
    ...(isOpen ? [chainEndsWrongly(removalOf(mesh, last?.name ?? ''), last?.name ?? '', undefined, listener, proxy)] : []),
  ];
}

/** The patch that takes out the end of a chain, or else that which has put in its last filter. */
function removalOf(mesh: Mesh, last: string): Subject {
  const removals = mesh.envoyFilters.patches.filter(
    ({ operation, applyTo }) => operation === 'REMOVE' && (applyTo === 'HTTP_FILTER' || applyTo === 'NETWORK_FILTER'),
  );
  const endsChain = /router|http_connection_manager|tcp_proxy/;
  const removal =
    removals.find(({ match }) => {
      const filter = match.listener?.filterChain?.filter;
      return endsChain.test(filter?.subFilter?.name ?? filter?.name ?? '');
    }) ?? removals[0];
  return removal === undefined
    ? patchOf(mesh, last)
    : at(removal.resource, ['spec', 'configPatches', removal.index, 'patch', 'operation']);
}
