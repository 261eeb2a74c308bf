import type {
  MeshConfigExtensionProvider,
  MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider,
} from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { createEnvoyDescriptors } from '../envoy/descriptors.ts';
import { parseUrl } from '../util/url.ts';
import { error, errorIf, type Findings, quote } from './finding.ts';
import { fullNameProblem, ipAddressProblem, scopedHostProblems } from './hosts.ts';
import { portProblem } from './numbers.ts';

/** Providers that are a server to which proxies connect. */
const servers = [
  'envoyExtAuthzHttp',
  'envoyExtAuthzGrpc',
  'zipkin',
  'lightstep',
  'datadog',
  'opencensus',
  'skywalking',
  'envoyOtelAls',
  'opentelemetry',
  'envoyHttpAls',
  'envoyTcpAls',
] as const;

/** Those with nothing to check. */
const others = ['prometheus', 'stackdriver', 'envoyFileAccessLog'] as const;

/**
 * The extension providers of MeshConfig; istio pkg/config/validation/agent/extensionprovider.go. Istio only logs what is wrong
 * with them, since it matters only when they are used.
 */
export function* checkExtensionProviders(providers: readonly MeshConfigExtensionProvider[]): Findings {
  const names = new Set<string>();
  for (const [index, provider] of providers.entries()) {
    const { name = '' } = provider;
    const path = ['extensionProviders', index];
    for (const finding of checkProvider(path, provider, names))
      yield { ...finding, severity: 'warning', istio: `invalid extension provider ${name}: ${finding.istio}` };
    names.add(name);
  }
}

function* checkProvider(path: Path, provider: MeshConfigExtensionProvider, names: ReadonlySet<string>): Findings {
  const { name = '' } = provider;
  if (name === '') yield error([...path, 'name'], 'empty extension provider name');
  else if (names.has(name)) yield error([...path, 'name'], `duplicate extension provider name ${name}`);
  const type = servers.find((field) => provider[field] !== undefined);
  const server = type === undefined ? undefined : provider[type];
  if (type === undefined || server === undefined) {
    if (!others.some((field) => provider[field] !== undefined)) yield error(path, 'unsupported provider');
    return;
  }
  const at = [...path, type];
  yield* errorIf([...at, 'port'], portProblem(server.port ?? 0));
  for (const problem of serviceProblems(server.service ?? '')) yield error([...at, 'service'], problem);
  if (type === 'lightstep' && (provider.lightstep?.accessToken ?? '') === '')
    yield error([...at, 'accessToken'], 'access token is required');
  if (provider.opentelemetry?.grpc !== undefined && provider.opentelemetry.http !== undefined)
    yield error(at, 'OpenTelemetryTracingProvider cannot specify both grpc and http');
  const authorization = provider.envoyExtAuthzHttp ?? provider.envoyExtAuthzGrpc;
  if (authorization !== undefined) yield* checkAuthorization(at, authorization);
}

/** The host of a service, with its namespace or without. */
function serviceProblems(service: string): readonly string[] {
  if (service === '') return ['service must not be empty'];
  if (service.includes('/')) return scopedHostProblems(service, 'sidecar');
  const problem = fullNameProblem(service) === undefined ? undefined : ipAddressProblem(service);
  return problem === undefined ? [] : [`invalid service fmt ${service}: ${problem}`];
}

type Authorization = Pick<MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider, 'statusOnError' | 'pathPrefix'>;

function* checkAuthorization(path: Path, { statusOnError = '', pathPrefix = '' }: Authorization): Findings {
  const statuses = createEnvoyDescriptors().enumeration('envoy.type.v3.StatusCode')?.nameByNumber;
  if (statusOnError !== '' && !(/^[+-]?\d+$/.test(statusOnError) && statuses?.has(Number(statusOnError))))
    yield error([...path, 'statusOnError'], `unsupported statusOnError value ${statusOnError}`);
  if (pathPrefix === '') return;
  if (parseUrl(pathPrefix) === undefined) yield error([...path, 'pathPrefix'], `invalid pathPrefix ${pathPrefix}`);
  if (!pathPrefix.startsWith('/'))
    yield error([...path, 'pathPrefix'], `pathPrefix should begin with \`/\` but found ${quote(pathPrefix)}`);
}
