import type { ClientTLSSettings, MeshConfigTLSConfig, TrafficPolicyProxyProtocol } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { ClusterTransportSocketMatch, CommonTlsContext, TransportSocket } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf, type Role } from '../../model/proxies/roles.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { proxyMetadata } from '../traits/proxy-metadata.ts';
import {
  ALPN_H2_ONLY,
  ALPN_IN_MESH,
  ALPN_IN_MESH_H2,
  ALPN_PEER_EXCHANGE,
  agentSecret,
  caCredentialName,
  combinedValidation,
  credentialSecret,
  exactMatchers,
  exchangesMetadata,
  fileCertificateName,
  fileRootName,
  MESH_ROOT,
  rawBufferSocket,
  type SdsTraits,
  upstreamTlsSocket,
  WORKLOAD_CERTIFICATE,
} from './common.ts';
import { compliantTls } from './compliance.ts';
import { plainSocket, tunnelSocket } from './tunnel.ts';

/** Certificate files that the proxy uses as a client in place of its workload certificate. */
export interface ClientCertificateFiles {
  readonly certificate: string;
  readonly privateKey: string;
  readonly root: string;
}

/** What a TLS client depends on in the proxy it is for. */
export interface UpstreamTlsTraits {
  readonly role: Role;
  readonly sds: SdsTraits;
  readonly clientCertificateFiles: ClientCertificateFiles | undefined;
}

/** The client certificate files that the proxy reports (TLS_CLIENT_* metadata); istio NewClusterBuilder. */
export function clientCertificateFilesOf(proxy: Proxy): ClientCertificateFiles | undefined {
  const certificate = proxyMetadata(proxy, 'TLS_CLIENT_CERT_CHAIN') ?? '';
  if (certificate === '') return undefined;
  return {
    certificate,
    privateKey: proxyMetadata(proxy, 'TLS_CLIENT_KEY') ?? '',
    root: proxyMetadata(proxy, 'TLS_CLIENT_ROOT_CERT') ?? '',
  };
}

/** All that the TLS of a cluster depends on. */
export interface UpstreamTlsInput {
  readonly traits: UpstreamTlsTraits;
  readonly clusterName: string;
  /** The cluster resolves the host of each request (dynamic forward proxy). */
  readonly dynamicForwardProxy: boolean;
  /** The cluster goes to the original destination: its endpoints cannot be told apart. */
  readonly originalDestination: boolean;
  readonly http2: boolean;
  /** `tls` of the traffic policy in effect. */
  readonly settings: ClientTLSSettings | undefined;
  /** The destination rule is for selected workloads. */
  readonly ruleSelectsWorkloads: boolean;
  /** Where no settings are given: mutual TLS between sidecars is automatic for this service. */
  readonly automatic: boolean;
  readonly meshExternal: boolean;
  /** The service comes from a ServiceEntry. */
  readonly serviceEntry: boolean;
  /** Identities of the service; ready to be matched. */
  readonly serviceAccounts: readonly string[];
  /** SNI of mutual TLS between sidecars; empty where it follows the request. */
  readonly sni: string;
  readonly defaults: MeshConfigTLSConfig | undefined;
  /** Endpoints can ask for a tunnel (HBONE) in place of all this: the mesh is in ambient mode. */
  readonly tunnels: boolean;
  readonly behaviours: Behaviours;
  /** One that remembers, where many clusters are made. */
  readonly inMeshContext?: typeof inMeshContext;
}

/** What TLS with certificates of the user's own depends on. */
export type OwnTlsInput = Pick<
  UpstreamTlsInput,
  | 'traits'
  | 'dynamicForwardProxy'
  | 'http2'
  | 'ruleSelectsWorkloads'
  | 'serviceEntry'
  | 'serviceAccounts'
  | 'defaults'
  | 'behaviours'
>;

/** The TLS of a cluster. */
export interface UpstreamTls {
  readonly transportSocket?: TransportSocket;
  readonly transportSocketMatches?: readonly ClusterTransportSocketMatch[];
  /** The SNI is the host of the request. */
  readonly autoSni: boolean;
  /** The certificate has to be for the host of the request. */
  readonly autoSanValidation: boolean;
  /** The dynamic forward proxy has to accept that one of the above is off. */
  readonly allowInsecure: boolean;
  /** TLS of the user's own goes through tunnels. */
  readonly isOwnInTunnels?: boolean;
}

const NO_TLS: UpstreamTls = { autoSni: false, autoSanValidation: false, allowInsecure: false };

/**
 * The TLS of an outbound cluster: as the destination rule says, else automatic.
 * As istio pilot/pkg/networking/core/cluster_tls.go buildUpstreamTLSSettings and applyUpstreamTLSSettings.
 */
export function buildUpstreamTls(input: UpstreamTlsInput): UpstreamTls {
  const { settings, automatic } = resolveSettings(input);
  const tls = settings === undefined ? NO_TLS : buildTls(input, settings);
  const { transportSocket, ...rest } = tls;
  if (input.tunnels && settings === undefined) return { ...rest, transportSocketMatches: tunnelOrPlain(input.behaviours) };
  // Each endpoint says whether it has a sidecar; where they cannot be told apart, all get what was found for the service.
  if (input.originalDestination) return tls;
  if (input.tunnels) {
    const isOwn = transportSocket !== undefined && !automatic && settings?.mode !== 'ISTIO_MUTUAL';
    const transportSocketMatches = tunnelMatches(input.behaviours, transportSocket, automatic, isOwn);
    return { ...rest, transportSocketMatches, ...(isOwn && { isOwnInTunnels: true }) };
  }
  if (!automatic || transportSocket === undefined) return tls;
  return { ...rest, transportSocketMatches: [{ ...inMesh, match: { tlsMode: 'istio' }, transportSocket }, plainText] };
}

const inMesh: ClusterTransportSocketMatch = { name: 'tlsMode-istio' };
const plainText: ClusterTransportSocketMatch = { name: 'tlsMode-disabled', match: {}, transportSocket: rawBufferSocket };

/** For endpoints that are reached through a tunnel. */
function tunnel(inner: TransportSocket, behaviours: Behaviours): ClusterTransportSocketMatch {
  return { name: 'hbone', match: { tunnel: 'http' }, transportSocket: tunnelSocket(inner, behaviours) };
}

function tunnelOrPlain(behaviours: Behaviours): readonly ClusterTransportSocketMatch[] {
  return [tunnel(rawBufferSocket, behaviours), plainText];
}

/**
 * A tunnel takes the place of mutual TLS between sidecars; TLS of the user's own goes through it.
 * As istio cluster_tls.go applyHBONETransportSocketMatches.
 */
function tunnelMatches(
  behaviours: Behaviours,
  transportSocket: TransportSocket | undefined,
  automatic: boolean,
  isOwn: boolean,
): readonly ClusterTransportSocketMatch[] {
  if (transportSocket === undefined) return tunnelOrPlain(behaviours);
  if (isOwn) return [tunnel(transportSocket, behaviours), { name: 'user', transportSocket }];
  const inTunnel = tunnel(rawBufferSocket, behaviours);
  if (automatic) return [inTunnel, { ...inMesh, match: { tlsMode: 'istio' }, transportSocket }, plainText];
  return [inTunnel, { ...inMesh, transportSocket }];
}

/** What is in effect: the settings given, completed, or those of automatic mutual TLS. */
function resolveSettings(input: UpstreamTlsInput): { settings: ClientTLSSettings | undefined; automatic: boolean } {
  const { settings, traits, serviceAccounts, sni } = input;
  if (settings === undefined) {
    if (!input.automatic) return { settings: undefined, automatic: false };
    const found = mutual(traits, serviceAccounts, sni, undefined);
    // A proxy with certificate files of its own uses them with every endpoint.
    return { settings: found, automatic: found.mode === 'ISTIO_MUTUAL' };
  }
  const mode = settings.mode ?? 'DISABLE';
  if (mode === 'DISABLE' || mode === 'SIMPLE') return { settings, automatic: false };
  const skipsVerification = input.behaviours.keepsSkippedVerification ? settings.insecureSkipVerify : undefined;
  if (traits.clientCertificateFiles !== undefined) {
    // The certificates of the proxy are no good outside the mesh.
    if (input.meshExternal && input.behaviours.preferDestinationRuleTlsForExternalServices) return { settings, automatic: false };
    const own = mutual(traits, settings.subjectAltNames ?? [], settings.sni ?? '', skipsVerification);
    return { settings: own, automatic: false };
  }
  if (mode === 'MUTUAL') return { settings, automatic: false };
  const names = settings.subjectAltNames?.length ? settings.subjectAltNames : serviceAccounts;
  return { settings: mutual(traits, names, settings.sni || sni, skipsVerification), automatic: false };
}

/** Mutual TLS with the workload certificate, or with the files that the proxy has in its place. */
function mutual(
  { clientCertificateFiles: files }: UpstreamTlsTraits,
  subjectAltNames: readonly string[],
  sni: string,
  insecureSkipVerify: boolean | undefined,
): ClientTLSSettings {
  const base = { subjectAltNames, sni, ...(insecureSkipVerify !== undefined && { insecureSkipVerify }) };
  if (files === undefined) return { ...base, mode: 'ISTIO_MUTUAL' };
  return {
    ...base,
    mode: 'MUTUAL',
    clientCertificate: files.certificate,
    privateKey: files.privateKey,
    caCertificates: files.root,
  };
}

function buildTls(input: UpstreamTlsInput, settings: ClientTLSSettings): UpstreamTls {
  const { mode = 'DISABLE' } = settings;
  switch (mode) {
    case 'DISABLE':
      return NO_TLS;
    case 'ISTIO_MUTUAL':
      return buildIstioMutual(input, settings);
    case 'SIMPLE':
    case 'MUTUAL':
      return buildOwnTls(input, settings);
    default:
      return assertNever(mode);
  }
}

/** Versions that clients of the mesh speak; istio defaultUpstreamCommonTLSContext. */
const tlsParams = { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3' } as const;

/** What clients of the mesh say of themselves and ask of servers of the mesh, which have one of these names. */
export function inMeshContext(names: readonly string[] | undefined, http2: boolean, behaviours: Behaviours): CommonTlsContext {
  return {
    tlsParams: compliantTls(tlsParams, behaviours),
    tlsCertificateSdsSecretConfigs: [agentSecret(WORKLOAD_CERTIFICATE)],
    combinedValidationContext: combinedValidation(agentSecret(MESH_ROOT), exactMatchers(names)),
    // By these, sidecars know what a connection carries, and that peers tell each other who they are.
    alpnProtocols: [...(exchangesMetadata(behaviours) ? [ALPN_PEER_EXCHANGE] : []), ...(http2 ? ALPN_IN_MESH_H2 : ALPN_IN_MESH)],
  };
}

function buildIstioMutual(input: UpstreamTlsInput, settings: ClientTLSSettings): UpstreamTls {
  const { http2, behaviours, dynamicForwardProxy } = input;
  const sni = settings.sni || (dynamicForwardProxy ? undefined : input.clusterName);
  const context = input.inMeshContext ?? inMeshContext;
  const transportSocket = upstreamTlsSocket(
    compact({ commonTlsContext: context(settings.subjectAltNames, http2, behaviours), sni }),
  );
  return { ...(dynamicForwardProxy ? automaticNames(input, settings) : NO_TLS), transportSocket };
}

/** SIMPLE and MUTUAL; istio constructUpstreamTLS. */
export function buildOwnTls(input: OwnTlsInput, settings: ClientTLSSettings): UpstreamTls {
  const credentialName = settings.credentialName ?? '';
  // Secrets are not handed to whole namespaces of sidecars; config maps hold no secrets.
  const privileged = credentialName !== '' && !credentialName.startsWith('configmap://');
  if (privileged && !factsOf[input.traits.role].isTrustedWithSecrets && !input.ruleSelectsWorkloads) return NO_TLS;

  const names = automaticNames(input, settings);
  const context = credentialName === '' ? fileContext(input, settings) : credentialContext(input, settings, credentialName);
  if (context === undefined) return names;
  const { ecdhCurves, cipherSuites } = input.defaults ?? {};
  const transportSocket = upstreamTlsSocket(
    compact({
      commonTlsContext: compact({
        tlsParams: compliantTls(
          compact({ ...tlsParams, ecdhCurves: nonEmpty(ecdhCurves), cipherSuites: nonEmpty(cipherSuites) }),
          input.behaviours,
        ),
        ...context,
        alpnProtocols: input.http2 ? ALPN_H2_ONLY : undefined,
      }),
      sni: settings.sni || undefined,
    }),
  );
  return { ...names, transportSocket };
}

/** Names to match: those of the settings, else those of the ServiceEntry. */
function subjectAltNames(input: OwnTlsInput, settings: ClientTLSSettings): readonly string[] | undefined {
  return input.serviceEntry && !settings.subjectAltNames?.length ? input.serviceAccounts : settings.subjectAltNames;
}

function credentialContext(input: OwnTlsInput, settings: ClientTLSSettings, name: string): CommonTlsContext {
  const certificate =
    settings.mode === 'MUTUAL'
      ? credentialSecret(name, input.traits.sds, { servers: [], behaviours: input.behaviours })
      : undefined;
  const root = credentialSecret(caCredentialName(name), input.traits.sds, { servers: [], behaviours: input.behaviours });
  return compact({
    tlsCertificateSdsSecretConfigs: certificate && [certificate],
    combinedValidationContext: settings.insecureSkipVerify
      ? undefined
      : combinedValidation(root, exactMatchers(subjectAltNames(input, settings))),
  });
}

/** Undefined when the settings are not complete. */
function fileContext(input: OwnTlsInput, settings: ClientTLSSettings): CommonTlsContext | undefined {
  const { clientCertificate, privateKey } = settings;
  const isMutual = settings.mode === 'MUTUAL';
  if (isMutual && (!clientCertificate || !privateKey)) return undefined;
  const { fileSocket } = input.traits.sds;
  const root = agentSecret(fileRootName(settings.caCertificates || 'system'), fileSocket);
  return compact({
    tlsCertificateSdsSecretConfigs: isMutual
      ? [agentSecret(fileCertificateName(clientCertificate ?? '', privateKey ?? ''), fileSocket)]
      : undefined,
    ...(settings.insecureSkipVerify
      ? { validationContext: {} }
      : {
          combinedValidationContext: combinedValidation(root, exactMatchers(subjectAltNames(input, settings)), settings.caCrl),
        }),
  });
}

/** Which names follow the request; istio setAutoSniAndAutoSanValidation. */
function automaticNames({ dynamicForwardProxy }: OwnTlsInput, settings: ClientTLSSettings): UpstreamTls {
  const insecure = settings.insecureSkipVerify === true;
  const autoSni = !settings.sni;
  const autoSanValidation = !insecure && (dynamicForwardProxy || (autoSni && !settings.subjectAltNames?.length));
  const allowInsecure = dynamicForwardProxy && (insecure || !autoSni || !autoSanValidation);
  return { autoSni, autoSanValidation, allowInsecure };
}

/** A socket with the PROXY protocol around it. */
export function proxyProtocolSocket(socket: TransportSocket, { version }: TrafficPolicyProxyProtocol): TransportSocket {
  return {
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
      config: version === 'V2' ? { version: 'V2' } : {},
      transportSocket: socket,
    }),
  };
}

/** The sockets with the PROXY protocol around them; istio applyUpstreamProxyProtocol. */
export function wrapInProxyProtocol(
  sockets: Pick<UpstreamTls, 'transportSocket' | 'transportSocketMatches'>,
  proxyProtocol: TrafficPolicyProxyProtocol,
): Pick<UpstreamTls, 'transportSocket' | 'transportSocketMatches'> {
  const { transportSocket, transportSocketMatches } = sockets;
  const wrap = (socket: TransportSocket): TransportSocket => proxyProtocolSocket(socket, proxyProtocol);
  if (transportSocket === undefined && transportSocketMatches === undefined) {
    return { transportSocket: wrap(plainSocket) };
  }
  return compact({
    transportSocket: transportSocket && wrap(transportSocket),
    transportSocketMatches: transportSocketMatches?.map((match) =>
      match.transportSocket === undefined ? match : { ...match, transportSocket: wrap(match.transportSocket) },
    ),
  });
}
