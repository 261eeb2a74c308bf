import type { EnvoyFilterApplyTo } from '../api/istio.gen.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import type { Descriptors } from '../util/descriptors.ts';
import { memo } from '../util/memo.ts';
import { withOrigin } from '../util/origin.ts';
import { createProtobufDecoder, type DecodeProblem } from '../util/protobuf-json.ts';

/** The message that the value of a patch is, by what the patch applies to. */
export const messageByApplyTo: Readonly<Record<Exclude<EnvoyFilterApplyTo, 'INVALID'>, string>> = {
  LISTENER: 'envoy.config.listener.v3.Listener',
  FILTER_CHAIN: 'envoy.config.listener.v3.FilterChain',
  NETWORK_FILTER: 'envoy.config.listener.v3.Filter',
  HTTP_FILTER: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  LISTENER_FILTER: 'envoy.config.listener.v3.ListenerFilter',
  ROUTE_CONFIGURATION: 'envoy.config.route.v3.RouteConfiguration',
  VIRTUAL_HOST: 'envoy.config.route.v3.VirtualHost',
  HTTP_ROUTE: 'envoy.config.route.v3.Route',
  CLUSTER: 'envoy.config.cluster.v3.Cluster',
  EXTENSION_CONFIG: 'envoy.config.core.v3.TypedExtensionConfig',
  BOOTSTRAP: 'envoy.config.bootstrap.v3.Bootstrap',
};

/** The value of a patch as Istio reads it. */
export interface PatchValue {
  /** In canonical protobuf JSON; undefined where the patch has none. It remembers the patch as its origin. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** What is wrong with it; paths start at the value. Unknown fields are ignored by Istio, all else makes it skip the patch. */
  readonly problems: readonly DecodeProblem[];
}

/** Reads the value of each patch once. As istio pkg/config/xds/xds.go BuildXDSObjectFromStruct. */
export function createValueReader(descriptors: Descriptors): (patch: EnvoyPatch) => PatchValue {
  const decode = createProtobufDecoder(descriptors);
  return memo((patch: EnvoyPatch): PatchValue => {
    const message = patch.applyTo === 'INVALID' ? undefined : messageByApplyTo[patch.applyTo];
    if (message === undefined || patch.value === undefined) return { value: undefined, problems: [] };
    const { value, problems } = decode(message, patch.value);
    const path = ['spec', 'configPatches', patch.index, 'patch', 'value'];
    return { value: withOrigin(value, patch.resource, path), problems };
  });
}

/** Whether Istio skips the patch because of its value. */
export function isPatchSkipped(value: PatchValue): boolean {
  return value.problems.some(({ kind }) => kind === 'bad-value');
}
