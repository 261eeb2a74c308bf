import type { MeshConfig } from '../../api/istio.gen.ts';
import type {
  Http1ProtocolOptions,
  HttpConnectionManager,
  HttpFilter,
  NetworkFilter,
  RouteConfiguration,
} from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { assertNever } from '../../util/assert.ts';
import { compact } from '../../util/object.ts';
import { buildHttpFilters, type HttpFilterInput } from '../http-filters/http-filters.ts';
import type { HttpTraits } from '../traits/traits.ts';
import { withConnectionSettings } from './connection-settings.ts';

/** What one HTTP connection manager depends on, beside the traits of the proxy and the mesh config. */
export interface HttpConnectionManagerInput {
  readonly traits: HttpTraits;
  /** Without the delimiter that istiod adds: `outbound_0.0.0.0_80`. */
  readonly statPrefix: string;
  /** Routes by name over RDS, or written out. */
  readonly routes: { readonly rds: string } | { readonly config: RouteConfiguration };
  readonly protocol: Protocol;
  /** Port of the listener, or target port of an inbound chain. */
  readonly port: number;
  /** Trust the connection's own address as the client's: gateways only. */
  readonly useRemoteAddress?: boolean;
  readonly suppressEnvoyHeaders?: boolean;
  readonly inMeshMetadataOnly?: boolean;
  /** False where it is known otherwise who the peer is. */
  readonly exchangesMetadata?: boolean;
  /** The service that a sidecar's outbound listener was first made for, or that a waypoint's chain is for. */
  readonly service?: Service | undefined;
  /** Its filters; those of sidecars and gateways where nothing else is given. */
  readonly filters?: (input: HttpFilterInput) => readonly HttpFilter[];
  /** Fields that depend on the kind of listener; the builder keeps them, and adds to `httpProtocolOptions`. */
  readonly fields?: Partial<HttpConnectionManager>;
}

const httpConnectionManagerType =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** Keeps the case of HTTP/1 headers: proxyHeaders.preserveHttp1HeaderCase. */
const preserveHeaderCase: NonNullable<Http1ProtocolOptions['headerKeyFormat']> = {
  statefulFormatter: {
    name: 'preserve_case',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
    },
  },
};

/**
 * An HTTP connection manager.
 * As istio pilot/pkg/networking/core/listener_builder.go buildHTTPConnectionManager.
 */
export function buildHttpConnectionManager(config: MeshConfig, input: HttpConnectionManagerInput): HttpConnectionManager {
  const { traits, fields, useRemoteAddress = false, filters = buildHttpFilters } = input;
  const { behaviours } = traits;
  const http1 = {
    ...fields?.httpProtocolOptions,
    ...(traits.acceptHttp10 && { acceptHttp10: true }),
    ...(traits.preserveHeaderCase && { headerKeyFormat: preserveHeaderCase }),
  };
  const http1IsSet = fields?.httpProtocolOptions !== undefined || Object.keys(http1).length > 0;
  const manager: HttpConnectionManager = compact({
    ...fields,
    statPrefix: `${input.statPrefix};`,
    httpProtocolOptions: http1IsSet ? http1 : undefined,
    appendXForwardedPort: traits.headers.forwardedPort || undefined,
    ...pathNormalization(config),
    useRemoteAddress,
    ...(useRemoteAddress || behaviours.enableHcmInternalNetworks ? internalClients(traits) : {}),
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    commonHttpProtocolOptions:
      traits.idleTimeout === undefined ? fields?.commonHttpProtocolOptions : { idleTimeout: traits.idleTimeout },
    streamIdleTimeout: '0s',
    ...routesOf(input.routes),
    accessLog: traits.accessLog.length > 0 ? traits.accessLog : undefined,
    tracing: traits.tracing,
    httpFilters: filters({
      traits,
      protocol: input.protocol,
      port: input.port,
      suppressEnvoyHeaders: input.suppressEnvoyHeaders ?? traits.headers.suppressEnvoyHeaders,
      inMeshMetadataOnly: input.inMeshMetadataOnly ?? traits.headers.inMeshMetadataOnly,
      exchangesMetadata: input.exchangesMetadata ?? true,
      service: input.service,
    }),
    requestIdExtension: {
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig',
        useRequestIdForTraceSampling: traits.useRequestIdForTraceSampling,
      },
    },
    proxy100Continue: behaviours.enable100ContinueHeaders || undefined,
  });
  return withConnectionSettings(manager, traits.connectionSettings);
}

/** The connection manager as a network filter, the last one of its chain. */
export function httpConnectionManagerFilter(manager: HttpConnectionManager): NetworkFilter {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: { '@type': httpConnectionManagerType, ...manager },
  };
}

/** The fields that follow from `proxyHeaders` in the same way for every kind of listener. */
export function headerFields({ headers }: HttpTraits): Partial<HttpConnectionManager> {
  return {
    ...(headers.serverName !== '' && { serverName: headers.serverName }),
    ...(headers.passServerHeaderThrough && { serverHeaderTransformation: 'PASS_THROUGH' }),
    ...(!headers.generateRequestId && { generateRequestId: false }),
  };
}

/** The fields that say what becomes of client certificates; SANITIZE is Envoy's default and thus absent. */
export function clientCertificateFields({ headers }: HttpTraits): Partial<HttpConnectionManager> {
  return {
    ...(headers.forwardedClientCert !== 'SANITIZE' && { forwardClientCertDetails: headers.forwardedClientCert }),
    setCurrentClientCertDetails: headers.currentClientCertDetails,
  };
}

function routesOf(routes: HttpConnectionManagerInput['routes']): Partial<HttpConnectionManager> {
  if ('config' in routes) return { routeConfig: routes.config };
  return {
    rds: {
      configSource: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
      routeConfigName: routes.rds,
    },
  };
}

/** Clients of these ranges keep the headers that Envoy takes from internal clients only. */
function internalClients({ internalRanges }: HttpTraits): Partial<HttpConnectionManager> {
  if (internalRanges.length === 0) return {};
  const cidrRanges = internalRanges.map(({ address, length }) => ({ addressPrefix: address, prefixLen: length }));
  return { internalAddressConfig: { cidrRanges } };
}

/** meshConfig.pathNormalization; DEFAULT is BASE. */
function pathNormalization(config: MeshConfig): Partial<HttpConnectionManager> {
  const kept = { pathWithEscapedSlashesAction: 'KEEP_UNCHANGED' } as const;
  const normalization = config.pathNormalization?.normalization ?? 'DEFAULT';
  switch (normalization) {
    case 'NONE':
      return { ...kept, normalizePath: false };
    case 'MERGE_SLASHES':
      return { ...kept, normalizePath: true, mergeSlashes: true };
    case 'DECODE_AND_MERGE_SLASHES':
      return { pathWithEscapedSlashesAction: 'UNESCAPE_AND_FORWARD', normalizePath: true, mergeSlashes: true };
    case 'DEFAULT':
    case 'BASE':
      return { ...kept, normalizePath: true };
    default:
      return assertNever(normalization);
  }
}
