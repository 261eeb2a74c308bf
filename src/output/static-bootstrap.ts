import type { Node } from '../envoy/api.gen.ts';
import type { CertificateWithKey, KnownSecret } from '../envoy/known-secret.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { isObject, setOwn } from '../util/object.ts';
import { placeholderCertificate } from './placeholder-certificate.ts';

export interface StaticBootstrapOptions {
  readonly node: Node;
  /** SPIFFE identity of the proxy, for the stand-in certificate. */
  readonly identity: string;
  /** Its loopback address; IPv4's if it is left out. */
  readonly localhost?: string | undefined;
  /** The secret of a name, where the manifests have it. */
  readonly secretOf: (name: string) => KnownSecret | undefined;
  /** Keeps private keys that stand in the configuration itself; else stand-ins replace them, with their certificates. */
  readonly withInlineKeys?: boolean;
}

/** A configuration file for Envoy, and how it falls short of what istio-proxy gets. */
export interface StaticBootstrap {
  readonly bootstrap: object;
  /** Filters that only istio-proxy has, or whose code its agent fetches, and files of its container; sorted. */
  readonly leftOut: readonly string[];
  /** Names of the secrets that a stand-in certificate replaces; sorted. */
  readonly standIns: readonly string[];
}

/** Clusters of istio-proxy's own bootstrap that configuration can refer to, with their ports, and hosts that are not the own one. */
const bootstrapClusters: Readonly<Record<string, readonly [port: number, host?: string]>> = {
  agent: [15020],
  prometheus_stats: [15000],
  'sds-grpc': [15012],
  'xds-grpc': [15012],
  zipkin: [9411, 'zipkin.istio-system'],
};

/** What istio-proxy calls a text in the state of a connection that tells connections apart, and what Envoy calls the same. */
const ISTIO_STRING = 'istio.hashable_string';
const ENVOY_STRING = 'envoy.hashable_string';

/** Listeners inside of a proxy need it. */
const internalListeners = {
  name: 'envoy.bootstrap.internal_listener',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener' },
};

/**
 * One file with all that a proxy gets: routes and endpoints are written into listeners and clusters, secrets become static
 * ones (from the manifests, else stand-ins), what only istio-proxy can do is left out.
 */
export function staticBootstrap(snapshot: XdsSnapshot, options: StaticBootstrapOptions): StaticBootstrap {
  const { localhost = '127.0.0.1' } = options;
  const leftOut = new Set<string>();
  const standIns = new Set<string>();
  const secrets = new Map<string, { certificate: boolean; authorities: boolean }>();
  const routes = new Map(snapshot.routes.map((route) => [route.name, route]));
  const extensions = new Map<unknown, unknown>(snapshot.extensionConfigs.map(({ name, typedConfig }) => [name, typedConfig]));
  const endpoints = new Map(snapshot.endpoints.map((assignment) => [assignment.clusterName, assignment]));

  const noteSecret = (config: unknown, use: 'certificate' | 'authorities'): void => {
    if (!isObject(config) || typeof config.name !== 'string') return;
    secrets.set(config.name, { certificate: false, authorities: false, ...secrets.get(config.name), [use]: true });
  };
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.flatMap(convertItem);
    if (!isObject(value)) return value;
    if (Array.isArray(value.tlsCertificateSdsSecretConfigs)) {
      for (const config of value.tlsCertificateSdsSecretConfigs) noteSecret(config, 'certificate');
    }
    noteSecret(value.validationContextSdsSecretConfig, 'authorities');
    if (hasInlineKey(value) && options.withInlineKeys !== true) {
      standIns.add('in the configuration itself');
      return { ...value, ...inlineCertificate(placeholderCertificate(options.identity)) };
    }
    const result: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === 'sdsConfig') continue;
      if (key === 'crl' && isObject(member) && typeof member.filename === 'string') {
        leftOut.add(`the revoked certificates of ${member.filename}`);
        continue;
      }
      if (key === 'factoryKey' && member === ISTIO_STRING) {
        result.factoryKey = ENVOY_STRING;
        continue;
      }
      if (key === 'rds' && isObject(member) && typeof member.routeConfigName === 'string') {
        result.routeConfig = convert(routes.get(member.routeConfigName) ?? { name: member.routeConfigName });
      } else setOwn(result, key, convert(member));
    }
    return result;
  };
  const convertItem = (item: unknown): unknown[] => {
    if (!isObject(item)) return [convert(item)];
    const { configDiscovery, ...rest } = item;
    const discovered = isObject(configDiscovery) ? (extensions.get(item.name) ?? configDiscovery.defaultConfig) : undefined;
    const typedConfig = discovered ?? item.typedConfig;
    if (
      !(isObject(configDiscovery) && discovered === undefined) &&
      !isIstioOnly(typedConfig) &&
      !isWasmFromOutside(typedConfig)
    ) {
      return [convert(discovered === undefined ? item : { ...rest, typedConfig: discovered })];
    }
    leftOut.add(typeof item.name === 'string' ? item.name : 'an unnamed filter');
    return [];
  };
  const convertCluster = (cluster: XdsSnapshot['clusters'][number]): unknown => {
    if (cluster.type !== 'EDS') return convert(cluster);
    const { edsClusterConfig, ...rest } = cluster;
    const assignment = endpoints.get(edsClusterConfig?.serviceName ?? cluster.name ?? '');
    return convert({ ...rest, type: 'STATIC', loadAssignment: { ...assignment, clusterName: cluster.name } });
  };

  const listeners = snapshot.listeners.map(convert);
  const clusters = snapshot.clusters.map(convertCluster);
  const staticSecrets = [...secrets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, use]) => {
      const known = options.secretOf(name);
      if ((use.certificate && !known?.certificate) || (use.authorities && !known?.authorities)) standIns.add(name);
      return secretOf(name, use, known, options.identity);
    });
  return {
    bootstrap: {
      node: options.node,
      ...(snapshot.listeners.some(({ internalListener }) => internalListener !== undefined) && {
        bootstrapExtensions: [internalListeners],
      }),
      admin: { address: { socketAddress: { address: localhost, portValue: 15000 } } },
      layeredRuntime: {
        // As istio-proxy: regular expressions may be large, connections are not counted.
        layers: [
          {
            name: 'global config',
            staticLayer: {
              're2.max_program_size.error_level': '32768',
              'overload.global_downstream_max_connections': '2147483647',
            },
          },
        ],
      },
      staticResources: {
        listeners,
        clusters: [...clusters, ...missingClusters(snapshot, JSON.stringify([listeners, clusters]), localhost)],
        ...(staticSecrets.length > 0 && { secrets: staticSecrets }),
      },
    },
    leftOut: [...leftOut].sort(),
    standIns: [...standIns].sort(),
  };
}

/** Whether an extension is one of istio-proxy's own, which a stock Envoy does not know. */
function isIstioOnly(config: unknown): boolean {
  if (!isObject(config)) return false;
  return [config['@type'], config.typeUrl].some((url) => {
    const type = typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : '';
    return /^(io\.istio\.|istio\.|envoy\.tcp\.metadataexchange\.|stats\.PluginConfig$)/.test(type);
  });
}

/** Whether a filter runs WebAssembly that is not in the configuration: a file of the proxy's container, or one its agent fetches. */
function isWasmFromOutside(config: unknown): boolean {
  const wasm =
    isObject(config) && String(config['@type']).endsWith('.wasm.v3.Wasm') && isObject(config.config) ? config.config : {};
  const machine = isObject(wasm.vmConfig) ? wasm.vmConfig : {};
  if (!isObject(machine.code)) return false;
  const { remote, local } = machine.code;
  return remote !== undefined || (isObject(local) && local.filename !== undefined);
}

function secretOf(
  name: string,
  use: { readonly certificate: boolean; readonly authorities: boolean },
  known: KnownSecret | undefined,
  identity: string,
): object {
  const standIn = placeholderCertificate(identity);
  if (use.certificate) {
    return { name, tlsCertificate: inlineCertificate(known?.certificate ?? standIn) };
  }
  const trustedCa = { inlineString: known?.authorities ?? standIn.certificateChain };
  return { name, validationContext: { trustedCa } };
}

/** Whether a TlsCertificate has its key in itself. */
function hasInlineKey({ privateKey }: Record<string, unknown>): boolean {
  return isObject(privateKey) && (privateKey.inlineString !== undefined || privateKey.inlineBytes !== undefined);
}

function inlineCertificate({ certificateChain, privateKey }: CertificateWithKey): object {
  return { certificateChain: { inlineString: certificateChain }, privateKey: { inlineString: privateKey } };
}

function missingClusters(snapshot: XdsSnapshot, text: string, localhost: string): object[] {
  const present = new Set(snapshot.clusters.map(({ name }) => name));
  return Object.entries(bootstrapClusters)
    .filter(([name]) => !present.has(name) && text.includes(`"${name}"`))
    .map(([name, [portValue, host]]) => ({
      name,
      type: host === undefined ? 'STATIC' : 'STRICT_DNS',
      connectTimeout: '1s',
      loadAssignment: {
        clusterName: name,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: host ?? localhost, portValue } } } }] }],
      },
    }));
}
