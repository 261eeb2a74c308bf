import type { WasmConfig } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { Any, AsyncDataSource, FailurePolicy, PluginConfig, TypedExtensionConfig } from '../../envoy/api.gen.ts';
import type { ProxyExtension } from '../../model/extensions/traffic-extensions.ts';
import { compact, isObject } from '../../util/object.ts';
import { parseUrl } from '../../util/url.ts';

const SECRET_VARIABLE = 'ISTIO_META_WASM_IMAGE_PULL_SECRET';
const POLICY_VARIABLE = 'ISTIO_META_WASM_IMAGE_PULL_POLICY';
const VERSION_VARIABLE = 'ISTIO_META_WASM_PLUGIN_RESOURCE_VERSION';

const failurePolicies: Readonly<Record<NonNullable<WasmConfig['failStrategy']>, FailurePolicy>> = {
  FAIL_CLOSE: 'FAIL_CLOSED',
  FAIL_OPEN: 'FAIL_OPEN',
  FAIL_RELOAD: 'FAIL_RELOAD',
};

/**
 * The configuration that a proxy gets for the name of a Wasm filter; undefined for Lua. Pull secrets stay empty, as when istiod may
 * not read them, and there is no resource version before a resource is in a cluster.
 * As istio pilot/pkg/model/extensions.go buildWasmConfig and networking/core/extension InsertedTrafficExtensionConfigurations.
 */
export function buildWasmConfiguration(extension: ProxyExtension): TypedExtensionConfig | undefined {
  if ('lua' in extension.code) return undefined;
  const { wasm } = extension.code;
  const config: PluginConfig = compact({
    name: `${extension.namespace}.${extension.name}`,
    rootId: wasm.pluginName || undefined,
    vmConfig: {
      runtime: 'envoy.wasm.runtime.v8',
      code: dataSource(wasm),
      environmentVariables: environment(wasm),
    },
    configuration: configuration(wasm.pluginConfig),
    failurePolicy: failurePolicies[wasm.failStrategy ?? 'FAIL_CLOSE'],
  });
  const typedConfig =
    wasm.type === 'NETWORK'
      ? any('type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm', { config })
      : any('type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm', { config });
  return { name: extension.resourceName, typedConfig };
}

/** A file of the proxy, or a module that the proxy's agent fetches itself, so that the cluster is a mere placeholder. */
function dataSource({ url = '', sha256 }: WasmConfig): AsyncDataSource {
  const parsed = parseUrl(url);
  if (parsed?.scheme === 'file') return { local: { filename: url.replace(/^file:\/\//, '') } };
  const uri = parsed?.scheme === '' ? `oci://${url}` : url;
  return { remote: compact({ httpUri: { uri, cluster: '_', timeout: '30s' }, sha256: sha256 || undefined }) };
}

function environment({ imagePullSecret, imagePullPolicy, vmConfig }: WasmConfig): {
  readonly hostEnvKeys?: readonly string[];
  readonly keyValues: Readonly<Record<string, string>>;
} {
  const variables = vmConfig?.env ?? [];
  const inline = variables.filter(({ valueFrom }) => valueFrom !== 'HOST');
  const hostEnvKeys = variables.filter(({ valueFrom }) => valueFrom === 'HOST').map(({ name = '' }) => name);
  return {
    ...(hostEnvKeys.length > 0 && { hostEnvKeys }),
    keyValues: {
      ...(imagePullSecret && { [SECRET_VARIABLE]: '' }),
      ...(imagePullPolicy && imagePullPolicy !== 'UNSPECIFIED_POLICY' && { [POLICY_VARIABLE]: imagePullPolicy }),
      [VERSION_VARIABLE]: '',
      ...Object.fromEntries(inline.map(({ name = '', value = '' }) => [name, value])),
    },
  };
}

/** The plugin's own configuration: JSON in a text, or an empty message where there is none. */
function configuration(pluginConfig: Readonly<Record<string, unknown>> | undefined): Any {
  // istiod sends an Any without a type, which the type of messages in general does not allow.
  if (pluginConfig === undefined || Object.keys(pluginConfig).length === 0) return {} as Any;
  return any('type.googleapis.com/google.protobuf.StringValue', { value: JSON.stringify(pluginConfig, sortedKeys) });
}

function sortedKeys(_: string, value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}
