import type { MeshConfig, MeshNetworks, MeshTracing, PrivateKeyProvider, ProxyConfig } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { applyMeshConfig } from '../model/mesh-config.ts';
import { parseDuration } from '../util/duration.ts';
import { checkClientTls } from './client-tls.ts';
import { checkConnectionSettings } from './connection-settings.ts';
import { checkExtensionProviders } from './extension-providers.ts';
import { error, errorIf, errorsOf, type Findings, warning } from './finding.ts';
import {
  fullNameProblem,
  ipAddressProblem,
  isDnsLabel,
  serverAddressProblem,
  subnetProblem,
  wildcardNameProblem,
} from './hosts.ts';
import { checkLocality, checkZones } from './locality.ts';
import { checkPort, durationProblem, portProblem } from './numbers.ts';
import { formatSet } from './server-tls.ts';
import { checkConnectionPool, checkOutlierDetection } from './traffic-policy.ts';

/** An error of a part, to which Istio gives a name. */
function* errorOf(path: Path, subject: string, problem: string | undefined): Findings {
  if (problem !== undefined) yield error(path, problem, `${subject}: ${problem}`);
}

/**
 * MeshConfig as users write it, checked as it is in effect; istio pkg/config/validation/agent/validation.go ValidateMeshConfig.
 * Paths start at its body.
 */
export function* checkMeshConfig(body: MeshConfig): Findings {
  const mesh = applyMeshConfig(body);
  yield* errorOf(['proxyListenPort'], 'invalid proxy listen port', portProblem(mesh.proxyListenPort ?? 0));
  yield* errorOf(['connectTimeout'], 'invalid connect timeout', connectTimeoutProblem(mesh.connectTimeout ?? '0s'));
  if ((parseDuration(mesh.protocolDetectionTimeout ?? '0s') ?? 0n) % 1_000_000n !== 0n)
    yield error(['protocolDetectionTimeout'], 'invalid protocol detection timeout: only durations to ms precision are supported');
  yield* checkProxyDefaults(['defaultConfig'], mesh.defaultConfig ?? {});
  yield* checkLocality(['localityLbSetting'], mesh.localityLbSetting, true);
  yield* checkZones(['zoneAwareLbSetting'], mesh.zoneAwareLbSetting, true);
  for (const [index, { hosts = [] }] of (mesh.serviceSettings ?? []).entries())
    for (const [ordinal, host] of hosts.entries())
      yield* errorOf(
        ['serviceSettings', index, 'hosts', ordinal],
        `serviceSettings[${index}], host \`${host}\``,
        wildcardNameProblem(host),
      );
  yield* errorOf(['trustDomain'], 'trustDomain', trustDomainProblem(mesh.trustDomain ?? ''));
  for (const [index, alias] of (body.trustDomainAliases ?? []).entries())
    yield* errorOf(
      ['trustDomainAliases', index],
      `trustDomainAliases[${index}], domain \`${alias}\` `,
      trustDomainProblem(alias),
    );
  yield* checkExtensionProviders(body.extensionProviders ?? []);
  if ((mesh.meshMTLS?.ecdhCurves ?? []).length > 0)
    yield error(['meshMTLS', 'ecdhCurves'], 'mesh TLS does not support ECDH curves configuration');
  yield* checkCurves(['tlsDefaults', 'ecdhCurves'], mesh.tlsDefaults?.ecdhCurves ?? []);
  const { connectionPool, outlierDetection } = mesh.defaultTrafficPolicy ?? {};
  const at = ['defaultTrafficPolicy'];
  yield* checkConnectionPool([...at, 'connectionPool'], connectionPool, true);
  // Warnings are for DestinationRules.
  yield* errorsOf(checkOutlierDetection([...at, 'outlierDetection'], outlierDetection));
}

const HOUR = 3600n * 1_000_000_000n;

function connectTimeoutProblem(timeout: string): string | undefined {
  const problem = durationProblem(timeout);
  if (problem !== undefined) return problem;
  return (parseDuration(timeout) ?? 0n) > HOUR ? `time ${timeout} must be >1ms and <1h0m0s` : undefined;
}

/** What is wrong with a trust domain; istio ValidateTrustDomain. */
function trustDomainProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed';
  const labels = domain.replace(/\.$/, '').split('.');
  return labels.every(isDnsLabel) ? undefined : `trust domain name "${domain}" invalid`;
}

const curves = ['P-224', 'P-256', 'P-521', 'P-384', 'X25519', 'X25519Kyber768Draft00', 'X25519MLKEM768'];

function* checkCurves(path: Path, written: readonly string[]): Findings {
  const isKnown = (curve: string): boolean => curve === '' || curves.includes(curve);
  const unknown = written.filter((curve) => !isKnown(curve));
  if (unknown.length > 0) yield warning(path, `detected unrecognized ECDH curves: ${formatSet(unknown)}`);
  const repeated = written.filter((curve, index) => isKnown(curve) && written.indexOf(curve) !== index);
  if (repeated.length > 0) yield warning(path, `detected duplicate ECDH curves: ${formatSet(repeated)}`);
}

/** The ProxyConfig of all proxies; istio ValidateMeshConfigProxyConfig. */
function* checkProxyDefaults(path: Path, proxy: ProxyConfig): Findings {
  if ((proxy.configPath ?? '') === '') yield error([...path, 'configPath'], 'config path must be set');
  if ((proxy.binaryPath ?? '') === '') yield error([...path, 'binaryPath'], 'binary path must be set');
  if (proxy.tracingServiceName === undefined) {
    if (proxy.serviceCluster === undefined) yield error(path, 'oneof service cluster or tracing service name must be specified');
    else if (proxy.serviceCluster === '') yield error([...path, 'serviceCluster'], 'service cluster must be specified');
  }
  yield* checkDrainDuration([...path, 'drainDuration'], proxy.drainDuration ?? '0s');
  const discovery = proxy.discoveryAddress ?? '';
  if (discovery === '')
    yield error([...path, 'discoveryAddress'], 'discovery address must be set to the proxy discovery service');
  else yield* errorOf([...path, 'discoveryAddress'], 'invalid discovery address', serverAddressProblem(discovery));
  if (proxy.tracing !== undefined) yield* checkTracing([...path, 'tracing'], proxy.tracing);
  yield* checkAddresses(path, proxy);
  if (proxy.proxyMetadata?.ISTIO_META_DNS_AUTO_ALLOCATE !== undefined) {
    const replacement = 'https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#dns-auto-allocation-v2';
    yield warning(
      [...path, 'proxyMetadata', 'ISTIO_META_DNS_AUTO_ALLOCATE'],
      `'ISTIO_META_DNS_AUTO_ALLOCATE' is deprecated; review ${replacement} for information about replacement functionality`,
    );
  }
  yield* errorOf([...path, 'proxyAdminPort'], 'invalid proxy admin port', portProblem(proxy.proxyAdminPort ?? 0));
  const authentication = proxy.controlPlaneAuthPolicy ?? 'NONE';
  if (authentication !== 'NONE' && authentication !== 'MUTUAL_TLS')
    yield error(
      [...path, 'controlPlaneAuthPolicy'],
      `invalid authentication policy: unrecognized control plane auth policy "${authentication}"`,
    );
  yield* errorOf([...path, 'statusPort'], 'invalid status port', portProblem(proxy.statusPort ?? 0));
  if (proxy.privateKeyProvider !== undefined)
    yield* checkPrivateKeyProvider([...path, 'privateKeyProvider'], proxy.privateKeyProvider);
  yield* checkConnectionSettings([...path, 'connectionSettings'], proxy.connectionSettings);
}

function* checkDrainDuration(path: Path, duration: string): Findings {
  const problem = durationProblem(duration);
  if (problem !== undefined) yield error(path, `invalid drain duration: ${problem}`);
  else if ((parseDuration(duration) ?? 0n) % 1_000_000_000n !== 0n)
    yield error(path, 'drain time only supports durations to seconds precision');
}

/** Servers to which proxies report, where they are named. */
function* checkAddresses(path: Path, proxy: ProxyConfig): Findings {
  const addresses = [
    [['statsdUdpAddress'], 'statsd udp address', proxy.statsdUdpAddress],
    [['envoyMetricsServiceAddress'], 'envoy metrics service address', proxy.envoyMetricsServiceAddress],
    [['envoyMetricsService', 'address'], 'envoy metrics service address', proxy.envoyMetricsService?.address],
    [['envoyAccessLogService', 'address'], 'envoy access log service address', proxy.envoyAccessLogService?.address],
  ] as const;
  for (const [place, words, address = ''] of addresses)
    if (address !== '') yield* errorOf([...path, ...place], `invalid ${words} "${address}"`, serverAddressProblem(address));
}

function* checkTracing(path: Path, { lightstep, zipkin, datadog, tlsSettings }: MeshTracing): Findings {
  if (lightstep !== undefined) {
    const { address = '', accessToken = '' } = lightstep;
    const at = [...path, 'lightstep'];
    const prefix = 'invalid lightstep config';
    if (address === '') yield error([...at, 'address'], `${prefix}: address is required`);
    yield* errorOf([...at, 'address'], `${prefix}: invalid lightstep address`, serverAddressProblem(address));
    if (accessToken === '') yield error([...at, 'accessToken'], `${prefix}: access token is required`);
  }
  for (const [field, tracer] of [
    ['zipkin', zipkin],
    ['datadog', datadog],
  ] as const) {
    if (tracer === undefined) continue;
    const address = (tracer.address ?? '').replace('$(HOST_IP)', '127.0.0.1');
    yield* errorOf([...path, field, 'address'], `invalid ${field} config`, serverAddressProblem(address));
  }
  for (const finding of checkClientTls([...path, 'tlsSettings'], tlsSettings, ''))
    yield { ...finding, istio: `invalid tracing TLS config: ${finding.istio}` };
}

function* checkPrivateKeyProvider(path: Path, { cryptomb, qat }: PrivateKeyProvider): Findings {
  const subject = 'invalid private key provider configuration';
  const [name, provider] = cryptomb === undefined ? ['qat', qat] : ['cryptomb', cryptomb];
  if (provider === undefined) {
    yield error(path, `${subject}: private key provider configuration is required`);
    return;
  }
  const at = [...path, name, 'pollDelay'];
  if (provider.pollDelay === undefined) yield error(at, `${subject}: pollDelay is required`);
  else if (parseDuration(provider.pollDelay) === 0n) yield error(at, `${subject}: pollDelay must be non zero`);
}

/** MeshNetworks; istio pkg/config/validation/agent/validation.go ValidateMeshNetworks. Paths start at its body. */
export function* checkMeshNetworks({ networks = {} }: MeshNetworks): Findings {
  for (const [name, { endpoints = [], gateways = [] }] of Object.entries(networks)) {
    const path = ['networks', name];
    for (const [index, { fromCidr, fromRegistry }] of endpoints.entries()) {
      const at = [...path, 'endpoints', index];
      if (fromCidr !== undefined) yield* errorIf([...at, 'fromCidr'], subnetProblem(fromCidr));
      if (fromRegistry !== undefined && !isDnsLabel(fromRegistry))
        yield error([...at, 'fromRegistry'], `invalid registry name: ${fromRegistry}`);
    }
    for (const [index, { registryServiceName, address, port = 0 }] of gateways.entries()) {
      const at = [...path, 'gateways', index];
      if (registryServiceName !== undefined) yield* errorIf([...at, 'registryServiceName'], fullNameProblem(registryServiceName));
      if (address !== undefined && ipAddressProblem(address) !== undefined && fullNameProblem(address) !== undefined)
        yield error([...at, 'address'], `${address} is not a valid IP address or DNS name`);
      yield* checkPort([...at, 'port'], port);
    }
  }
}
