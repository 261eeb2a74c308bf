import type {
  MeshConfigExtensionProviderEnvoyExternalAuthorizationGrpcProvider as GrpcProvider,
  MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider as HttpProvider,
  MeshConfigExtensionProvider,
  MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody as RequestBody,
} from '../../api/istio.gen.ts';
import type {
  BufferSettings,
  GrpcService,
  HttpExtAuthz,
  HttpStatus,
  ListStringMatcher,
  MetadataMatcher,
  NetworkExtAuthz,
  StringMatcher,
} from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { addAll } from '../../util/collections.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { parseUrl } from '../../util/url.ts';
import { providerCluster } from '../naming/provider-cluster.ts';
import { statusCodeName } from './status-codes.ts';

/** What an extension provider for external authorization becomes: filter configurations, or what is wrong with it. */
export type ExtAuthz =
  | {
      readonly http: HttpExtAuthz;
      /** Absent for providers that speak HTTP: they cannot judge connections. */
      readonly tcp?: NetworkExtAuthz;
    }
  | { readonly problems: readonly string[] };

/** Shadow results of the RBAC filters that stand before ext_authz; the latter asks its service only for what these name. */
export const EXT_AUTHZ_PREFIX = 'istio-ext-authz';
export const EXT_AUTHZ_STAT_PREFIX = 'istio_ext_authz_';

/**
 * The external authorization providers of the mesh by name.
 * As istio pilot/pkg/security/authz/builder/extauthz.go processExtensionProvider.
 */
export function buildExtAuthzProviders(mesh: Pick<Mesh, 'config' | 'registry' | 'release'>): ReadonlyMap<string, ExtAuthz> {
  const providers = new Map<string, ExtAuthz>();
  for (const provider of mesh.config.extensionProviders ?? []) {
    const { name = '', envoyExtAuthzHttp, envoyExtAuthzGrpc } = provider;
    if (envoyExtAuthzHttp === undefined && envoyExtAuthzGrpc === undefined) continue;
    const ofName = mesh.release.behaviours.customPoliciesByProvider || name === '' ? nameProblems(name) : [];
    const problems = [...ofName, ...(providers.has(name) ? [`provider name ${name} is not unique`] : [])];
    const built = buildProvider(mesh, provider);
    if ('problems' in built) addAll(problems, built.problems);
    providers.set(name, problems.length > 0 ? { problems } : built);
  }
  return providers;
}

/** The name becomes part of metadata keys and metrics. */
function nameProblems(name: string): readonly string[] {
  if (name === '') return ['a provider must have a name'];
  if (name.length > 63) return [`provider name ${name} is longer than 63 characters`];
  if (!/^[a-z0-9-]+$/.test(name)) return [`provider name ${name} may hold only lower-case letters, digits and hyphens`];
  if (name.startsWith('-') || name.endsWith('-')) return [`provider name ${name} must not start or end with a hyphen`];
  return [];
}

function buildProvider(
  mesh: Pick<Mesh, 'registry'>,
  { envoyExtAuthzHttp: http, envoyExtAuthzGrpc: grpc }: MeshConfigExtensionProvider,
): ExtAuthz {
  const provider = http ?? grpc ?? {};
  const { service = '', port = 0, statusOnError = '' } = provider;
  const problems: string[] = [];
  if (port < 1 || port > 65535) problems.push(`port must be 1 to 65535, not ${port}`);
  const target = isWildcard(service.slice(service.indexOf('/') + 1)) ? undefined : providerCluster(mesh, service, port);
  if (target === undefined) problems.push(missingService(mesh, service));
  const status = parseStatus(statusOnError);
  if ('problem' in status) problems.push(status.problem);
  if (http !== undefined) addAll(problems, httpProblems(http));
  if (target === undefined || 'problem' in status || problems.length > 0) return { problems };

  if (http !== undefined) return { http: httpConfig(http, target.hostname, target.cluster, status.status) };
  return grpcConfigs(grpc ?? {}, target.hostname, target.cluster, status.status);
}

/** Why a provider's service cannot be found. */
function missingService({ registry }: Pick<Mesh, 'registry'>, name: string): string {
  if (name === '') return 'service must not be empty';
  const namespaces = new Set(registry.servicesOf(name).map(({ namespace }) => namespace));
  if (namespaces.size <= 1) return `service ${name} does not exist`;
  return `service ${name} exists in several namespaces (${[...namespaces].join(', ')}): write <namespace>/<hostname>`;
}

function parseStatus(text: string): { status: HttpStatus | undefined } | { problem: string } {
  if (text === '') return { status: undefined };
  const name = /^[+-]?\d+$/.test(text) ? statusCodeName(Number(text)) : undefined;
  if (name === undefined) return { problem: `statusOnError ${text} is no HTTP status that Envoy knows` };
  return { status: name === 'Empty' ? {} : { code: name } };
}

function httpProblems(provider: HttpProvider): readonly string[] {
  const problems: string[] = [];
  const { pathPrefix = '' } = provider;
  if (pathPrefix !== '' && !pathPrefix.startsWith('/')) problems.push(`pathPrefix ${pathPrefix} must start with /`);
  if (parseUrl(pathPrefix) === undefined) problems.push(`pathPrefix ${pathPrefix} is no path`);
  const lists = [
    'includeRequestHeadersInCheck',
    'includeHeadersInCheck',
    'headersToDownstreamOnDeny',
    'headersToDownstreamOnAllow',
    'headersToUpstreamOnAllow',
  ] as const;
  for (const field of lists) if (provider[field]?.includes('*')) problems.push(`${field} must not hold a lone *`);
  return problems;
}

function httpConfig(
  provider: HttpProvider,
  hostname: string,
  cluster: string,
  statusOnError: HttpStatus | undefined,
): HttpExtAuthz {
  const headersToAdd = Object.entries(provider.includeAdditionalHeadersInCheck ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => compact({ key, value: value || undefined }));
  const response = compact({
    allowedUpstreamHeaders: headerMatchers(provider.headersToUpstreamOnAllow),
    allowedClientHeaders: headerMatchers(provider.headersToDownstreamOnDeny),
    allowedClientHeadersOnSuccess: headerMatchers(provider.headersToDownstreamOnAllow),
  });
  return compact({
    httpService: compact({
      serverUri: { uri: `http://${hostname}`, cluster, timeout: timeoutOf(provider.timeout) },
      pathPrefix: provider.pathPrefix || undefined,
      authorizationRequest: headersToAdd.length > 0 ? { headersToAdd } : undefined,
      authorizationResponse: Object.keys(response).length > 0 ? response : undefined,
    }),
    transportApiVersion: 'V3' as const,
    failureModeAllow: provider.failOpen || undefined,
    withRequestBody: bufferSettings(provider.includeRequestBodyInCheck),
    statusOnError,
    allowedHeaders: headerMatchers(provider.includeRequestHeadersInCheck) ?? headerMatchers(provider.includeHeadersInCheck),
  });
}

function grpcConfigs(provider: GrpcProvider, hostname: string, cluster: string, statusOnError: HttpStatus | undefined): ExtAuthz {
  const grpcService: GrpcService = {
    envoyGrpc: { clusterName: cluster, authority: hostname },
    timeout: timeoutOf(provider.timeout),
  };
  const shared = compact({
    grpcService,
    transportApiVersion: 'V3' as const,
    failureModeAllow: provider.failOpen || undefined,
  });
  return {
    http: compact({ ...shared, withRequestBody: bufferSettings(provider.includeRequestBodyInCheck), statusOnError }),
    tcp: { ...shared, statPrefix: 'tcp.' },
  };
}

/** Envoy requires a timeout; istiod's default is ten minutes. */
function timeoutOf(timeout: string | undefined): string {
  return canonicalDuration(timeout) ?? '600s';
}

function bufferSettings(body: RequestBody | undefined): BufferSettings | undefined {
  return (
    body &&
    compact({
      maxRequestBytes: body.maxRequestBytes || undefined,
      allowPartialMessage: body.allowPartialMessage || undefined,
      packAsBytes: body.packAsBytes || undefined,
    })
  );
}

/** Header names, with a wildcard at either end; undefined for none. */
function headerMatchers(headers: readonly string[] | undefined): ListStringMatcher | undefined {
  if (headers === undefined || headers.length === 0) return undefined;
  const patterns = headers.map((header): StringMatcher => {
    if (header.startsWith('*')) return { suffix: header.slice(1), ignoreCase: true };
    if (header.endsWith('*')) return { prefix: header.slice(0, -1), ignoreCase: true };
    return { exact: header, ignoreCase: true };
  });
  return { patterns };
}

/** Asks the service only for what a shadow rule of this provider matched in the RBAC filter named. */
export function matchedByShadowRules(rbacFilter: string, provider: string | undefined): MetadataMatcher {
  return {
    filter: rbacFilter,
    path: [{ key: `${EXT_AUTHZ_STAT_PREFIX}shadow_effective_policy_id` }],
    value: { stringMatch: { prefix: provider === undefined ? EXT_AUTHZ_PREFIX : `${EXT_AUTHZ_PREFIX}-${provider}` } },
  };
}
