import { fieldsOf, isObject } from '../../../src/util/object.ts';
import type { Certificate } from './authority.ts';

type Fields = Record<string, unknown>;

/** What a proxy logs of each request and connection, as JSON: see `LogLine`. */
const logged = {
  flags: 'RESPONSE_FLAGS',
  details: 'RESPONSE_CODE_DETAILS',
  termination: 'CONNECTION_TERMINATION_DETAILS',
  cluster: 'UPSTREAM_CLUSTER_RAW',
  route: 'ROUTE_NAME',
  id: 'REQ(X-TEST-ID)',
  local: 'DOWNSTREAM_LOCAL_ADDRESS',
};

/** A line of the access log. */
export type LogLine = { readonly side: string } & { readonly [name in keyof typeof logged]?: string };

/** The name of the copy of a cluster that connections of other protocols than HTTP take. */
const RAW = '~raw';

/** The cluster that a name in the log stands for. */
export function clusterOfLog(name: string): string {
  return name.endsWith(RAW) ? name.slice(0, -RAW.length) : name;
}

/**
 * The bootstrap that `mesh translate -o envoy` writes, as a stock Envoy can play the part of istio-proxy in it: with certificates that
 * the others trust, an access log of each request, and what istio-proxy's own filters do to the protocols that TLS offers.
 */
export function playIstioProxy(bootstrap: unknown, log: string, identity: Certificate, root: string): object {
  const config = structuredClone(bootstrap) as Fields & {
    staticResources: { listeners: Fields[]; clusters: Fields[]; secrets?: Fields[] };
  };
  const { listeners, clusters, secrets = [] } = config.staticResources;
  for (const secret of secrets) {
    if (secret.name === 'default') secret.tlsCertificate = inline(identity);
    if (secret.name === 'ROOTCA') secret.validationContext = { trustedCa: { inlineString: root } };
  }
  for (const listener of listeners) writeLogs(listener, log);
  offerProtocols(listeners, clusters);
  return config;
}

function inline({ chain, key }: Certificate): object {
  return { certificateChain: { inlineString: chain }, privateKey: { inlineString: key } };
}

function writeLogs(listener: Fields, path: string): void {
  const format = {
    side: listener.trafficDirection ?? '',
    ...Object.fromEntries(Object.entries(logged).map(([name, what]) => [name, `%${what}%`])),
  };
  const accessLog = {
    name: 'envoy.access_loggers.file',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
      path,
      logFormat: { jsonFormat: format },
    },
  };
  visit(listener, (value) => {
    if (/\.(HttpConnectionManager|TcpProxy)$/.test(String(value['@type']))) value.accessLog = [accessLog];
  });
  // Where no filter chain fits, the listener alone knows.
  listener.accessLog = [{ ...accessLog, filter: { responseFlagFilter: { flags: ['NR'] } } }];
}

/** A TLS connection for HTTP says so (istio.alpn), so that a cluster that carries other protocols too has a copy for these. */
function offerProtocols(listeners: readonly Fields[], clusters: Fields[]): void {
  const ofHttp = new Set<unknown>();
  const ofTcp: { holder: Fields; field: string }[] = [];
  for (const listener of listeners) {
    visit(listener, (value) => {
      const weighted = listOf(fieldsOf(value.weightedClusters).clusters);
      if (String(value['@type']).endsWith('.TcpProxy')) {
        ofTcp.push({ holder: value, field: 'cluster' }, ...weighted.map((holder) => ({ holder, field: 'name' })));
      } else {
        const route = fieldsOf(value.route);
        for (const name of [route.cluster, ...listOf(fieldsOf(route.weightedClusters).clusters).map((one) => one.name)])
          ofHttp.add(name);
      }
    });
  }
  const copied = new Set(
    ofTcp.map(({ holder, field }) => holder[field]).filter((name) => name !== undefined && ofHttp.has(name)),
  );
  for (const { holder, field } of ofTcp) if (copied.has(holder[field])) holder[field] = `${holder[field]}${RAW}`;
  const copies = clusters
    .filter(({ name }) => copied.has(name))
    .map((cluster) => ({ ...structuredClone(cluster), name: `${cluster.name}${RAW}` }));
  for (const cluster of clusters) {
    const isHttp2 = JSON.stringify(cluster.typedExtensionProtocolOptions ?? {}).includes(
      '"explicitHttpConfig":{"http2ProtocolOptions"',
    );
    visit(cluster, (value) => {
      // The servers of pods know HTTP/1.1 alone.
      if (String(cluster.name).startsWith('inbound|') && fieldsOf(value.explicitHttpConfig).http2ProtocolOptions) {
        value.explicitHttpConfig = { httpProtocolOptions: {} };
      }
      if (ofHttp.has(cluster.name) && JSON.stringify(value.alpnProtocols) === '["istio-peer-exchange","istio"]') {
        value.alpnProtocols = isHttp2 ? ['istio-h2', 'istio', 'h2'] : ['istio-http/1.1', 'istio', 'http/1.1'];
      }
    });
  }
  clusters.push(...copies);
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function visit(value: unknown, see: (value: Fields) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (isObject(value)) {
    see(value);
    for (const member of Object.values(value)) visit(member, see);
  }
}
