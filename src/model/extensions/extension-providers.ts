import type {
  MeshConfigExtensionProviderHttpHeader as HttpHeader,
  MeshConfig,
  MeshConfigExtensionProvider,
} from '../../api/istio.gen.ts';
import type { Service, ServiceRegistry } from '../registry/service.ts';

/** What telemetry asks of a provider. */
export type TelemetryUse = 'accessLogging' | 'metrics' | 'tracing';

/** The members of a provider that can do it. */
const capable: Readonly<Record<TelemetryUse, readonly (keyof MeshConfigExtensionProvider)[]>> = {
  accessLogging: ['envoyFileAccessLog', 'envoyHttpAls', 'envoyTcpAls', 'envoyOtelAls'],
  metrics: ['prometheus'],
  tracing: ['zipkin', 'datadog', 'skywalking', 'opentelemetry'],
};

/** The extension provider of a name, whatever its case; istio Telemetries.fetchProvider. */
export function extensionProvider(config: MeshConfig, name: string): MeshConfigExtensionProvider | undefined {
  return config.extensionProviders?.find((provider) => provider.name?.toLowerCase() === name.toLowerCase());
}

/** The names that a list of provider references gives. */
export function providerNames(providers: readonly { readonly name?: string }[] | undefined): readonly string[] {
  return (providers ?? []).map(({ name }) => name ?? '');
}

/**
 * The service that an extension provider names: `hostname`, or `namespace/hostname` where several namespaces have one. Undefined
 * when there is none, or more than one. As istio pilot/pkg/model/telemetry_logging.go LookupCluster.
 */
export function providerService(registry: ServiceRegistry, service: string): Service | undefined {
  const [first = '', second, ...rest] = service.split('/');
  if (second !== undefined && rest.length === 0) return registry.service(second, first);
  const services = registry.servicesOf(service);
  return new Set(services.map(({ namespace }) => namespace)).size === 1 ? services[0] : undefined;
}

/** Why a provider cannot do what is asked of it; undefined when it can. */
export function providerProblem(
  config: MeshConfig,
  registry: ServiceRegistry,
  name: string,
  use: TelemetryUse,
): string | undefined {
  const provider = extensionProvider(config, name);
  if (provider === undefined) return `MeshConfig has no extension provider ${name}`;
  const member = capable[use].map((key) => provider[key]).find((settings) => settings !== undefined);
  if (member === undefined) return `istiod has no ${useNames[use]} for the kind of extension provider that ${name} is`;
  if (typeof member !== 'object' || !('service' in member)) return undefined;
  const service = String(member.service);
  return providerService(registry, service) === undefined
    ? `service ${service} of extension provider ${name} is not in the mesh, or in several namespaces`
    : undefined;
}

const useNames: Readonly<Record<TelemetryUse, string>> = {
  accessLogging: 'access logs',
  metrics: 'metrics',
  tracing: 'tracing',
};

/** The variables of istiod's own environment from which a provider takes header values. */
export function environmentOf({ zipkin, opentelemetry }: MeshConfigExtensionProvider): readonly string[] {
  const headers: readonly HttpHeader[] = [
    ...(zipkin?.headers ?? []),
    ...(opentelemetry?.http?.headers ?? []),
    ...(opentelemetry?.grpc?.initialMetadata ?? []),
    ...(opentelemetry?.dynatraceSampler?.httpService?.http?.headers ?? []),
  ];
  return headers.flatMap(({ envName }) => envName ?? []);
}
