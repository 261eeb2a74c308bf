import { describe, expect, test } from 'vitest';
import type { ProxyConfig } from '../../../../src/api/istio.gen.ts';
import type { Address, Bootstrap } from '../../../../src/envoy/api.gen.ts';
import { createEnvoyDescriptors } from '../../../../src/envoy/descriptors.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildBootstrap, proxyBootstrap } from '../../../../src/translate/bootstrap/bootstrap.ts';
import { createProtobufDecoder } from '../../../../src/util/protobuf-json.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const defaults: ProxyConfig = { configPath: './etc/istio/proxy', proxyAdminPort: 15000, statusPort: 15020 };

function bootstrapOf(
  config: ProxyConfig,
  annotations: Readonly<Record<string, string>> = {},
  istioVersion: string = defaultRelease.version,
  ips: readonly string[] = ['10.0.0.1'],
): Bootstrap {
  return buildBootstrap({
    node: { id: 'sidecar', cluster: 'web.shop' },
    config: { ...defaults, ...config },
    annotations,
    ips,
    istioVersion,
  });
}

function nodeOf(labels: string, istioVersion?: string) {
  const mesh = buildMesh(
    singleCluster(
      resourcesOfYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: ${labels}}
    spec: {serviceAccountName: web, containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]}
`),
      {},
    ),
  );
  const [proxy] = mesh.proxies;
  if (proxy === undefined) throw new Error('the mesh has no proxy');
  return { proxy, node: proxyBootstrap({ ...proxy, istioVersion: istioVersion ?? proxy.istioVersion }, mesh).node };
}

const namesOf = (bootstrap: Bootstrap): unknown[] => (bootstrap.staticResources?.clusters ?? []).map(({ name }) => name);

describe('the bootstrap of a proxy', () => {
  test('has clusters for Envoy, the agent, secrets and xDS, and listeners for statistics and readiness', () => {
    const bootstrap = bootstrapOf({});
    expect(namesOf(bootstrap)).toEqual(['prometheus_stats', 'agent', 'sds-grpc', 'xds-grpc']);
    expect(bootstrap.staticResources?.listeners?.map(({ name }) => name)).toEqual(['0.0.0.0_15090', '0.0.0.0_15021']);
  });

  test('is in canonical form: decoding it changes nothing', () => {
    const bootstrap = bootstrapOf({
      tracing: { zipkin: { address: 'zipkin.istio-system:9411' }, tlsSettings: { mode: 'ISTIO_MUTUAL' } },
      envoyMetricsService: { address: 'metrics:15000', tcpKeepalive: { time: '10s', probes: 3 } },
      statsdUdpAddress: '10.1.1.1:9125',
      extraStatTags: ['shop'],
    });
    const { value, problems } = createProtobufDecoder(createEnvoyDescriptors())(
      'envoy.config.bootstrap.v3.Bootstrap',
      bootstrap,
      {
        canonical: true,
        keepUnknownTypes: true,
      },
    );
    expect(problems).toEqual([]);
    expect(value).toEqual(bootstrap);
  });

  test('has the tracer that ProxyConfig names, with its cluster', () => {
    const zipkin = bootstrapOf({ tracing: { zipkin: { address: 'zipkin.istio-system:9411' } } });
    expect(namesOf(zipkin)).toContain('zipkin');
    expect(zipkin.tracing?.http?.name).toBe('envoy.tracers.zipkin');
    const datadog = bootstrapOf({ tracing: { datadog: { address: 'datadog:8126' } } });
    expect(namesOf(datadog)).toContain('datadog_agent');
    expect(datadog.tracing?.http?.typedConfig).toMatchObject({ serviceName: 'web.shop' });
    expect(bootstrapOf({}).tracing).toBeUndefined();
  });

  test('keeps the statistics that annotations or ProxyConfig name, the annotation first', () => {
    const proxyStatsMatcher = { inclusionPrefixes: ['cluster.outbound'], inclusionSuffixes: ['upstream_rq_time'] };
    const bootstrap = bootstrapOf({ proxyStatsMatcher }, { 'sidecar.istio.io/statsInclusionPrefixes': 'http.{pod_ip}_' });
    const patterns = bootstrap.statsConfig?.statsMatcher?.inclusionList?.patterns ?? [];
    expect(patterns).toContainEqual({ prefix: 'http.10.0.0.1_' });
    expect(patterns).not.toContainEqual({ prefix: 'cluster.outbound' });
    expect(patterns).toContainEqual({ suffix: 'upstream_rq_time' });
  });

  test('takes runtime values over its own, and leaves out those that are empty', () => {
    const bootstrap = bootstrapOf({
      runtimeValues: { 're2.max_program_size.error_level': '', 'envoy.reloadable_features.x': 'true', limit: '7' },
    });
    const layer = bootstrap.layeredRuntime?.layers?.[0]?.staticLayer;
    expect(layer).toMatchObject({ 'envoy.reloadable_features.x': true, limit: '7' });
    expect(layer).not.toHaveProperty('re2.max_program_size.error_level');
  });

  test('has the flags of the release of its agent', () => {
    const flagsOf = (version: string) => bootstrapOf({}, {}, version).layeredRuntime?.layers?.[0]?.staticLayer;
    const flag = 'envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update';
    expect(flagsOf('1.30.0')).toHaveProperty([flag], false);
    expect(flagsOf('1.29.6')).not.toHaveProperty([flag]);
  });

  test('tells istiod who the proxy is', () => {
    const { proxy, node } = nodeOf('{app: web, version: v1}');
    expect(node?.id).toBe(`sidecar~${proxy.ips[0]}~${proxy.name}.shop~shop.svc.cluster.local`);
    expect(node?.cluster).toBe('web.shop');
    expect(node?.metadata).toMatchObject({
      NAMESPACE: 'shop',
      SERVICE_ACCOUNT: 'web',
      WORKLOAD_NAME: 'web',
      OWNER: 'kubernetes://apis/apps/v1/namespaces/shop/deployments/web',
      APP_CONTAINERS: 'app',
      POD_PORTS: '[{"name":"http","containerPort":8080,"protocol":"TCP"}]',
      PILOT_SAN: ['istiod.istio-system.svc'],
    });
  });

  test('names the application after the labels that the release of its agent reads', () => {
    const labels = '{app.kubernetes.io/name: storefront}';
    expect(nodeOf(labels, '1.30.3').node?.cluster).toBe('storefront.shop');
    expect(nodeOf(labels, '1.29.6').node?.cluster).toBe('web.shop');
    expect(nodeOf('{app: shop-web, app.kubernetes.io/name: storefront}', '1.30.3').node?.cluster).toBe('shop-web.shop');
  });
});

describe('the addresses of a bootstrap', () => {
  const services: ProxyConfig = { tracing: { zipkin: { address: 'zipkin.istio-system:9411' } } };

  function addressesOf(ips: readonly string[], config: ProxyConfig = {}) {
    const { admin, staticResources } = bootstrapOf({ ...services, ...config }, {}, undefined, ips);
    const addressOf = (address: Address | undefined): unknown => address?.socketAddress?.address;
    return {
      admin: addressOf(admin?.address),
      listeners: staticResources?.listeners?.map(({ name, address, additionalAddresses = [] }) => [
        name,
        ...[address, ...additionalAddresses.map((additional) => additional.address)].map(addressOf),
      ]),
      local: (staticResources?.clusters ?? [])
        .filter(({ name }) => name === 'agent' || name === 'prometheus_stats')
        .map(({ loadAssignment }) => addressOf(loadAssignment?.endpoints?.[0]?.lbEndpoints?.[0]?.endpoint?.address)),
      lookup: staticResources?.clusters?.flatMap(({ dnsLookupFamily }) => dnsLookupFamily ?? []),
    };
  }
  const ipv4 = {
    admin: '127.0.0.1',
    listeners: [
      ['0.0.0.0_15090', '0.0.0.0'],
      ['0.0.0.0_15021', '0.0.0.0'],
    ],
    local: ['127.0.0.1', '127.0.0.1'],
    lookup: ['V4_ONLY'],
  };
  const both: ProxyConfig = { proxyMetadata: { ISTIO_DUAL_STACK: 'true' } };

  test("are IPv4's for a pod with no address of IPv6, whatever its agent is told", () => {
    expect(addressesOf(['10.0.0.1'])).toEqual(ipv4);
    expect(addressesOf(['10.0.0.1'], both)).toEqual(ipv4);
    expect(addressesOf([])).toEqual(ipv4);
  });

  test("are IPv6's for a pod with IPv6 alone", () => {
    expect(addressesOf(['fd00::1'], both)).toEqual({
      admin: '::1',
      listeners: [
        ['::_15090', '::'],
        ['::_15021', '::'],
      ],
      local: ['::1', '::1'],
      lookup: ['V6_ONLY'],
    });
  });

  test("are IPv4's for a pod of both whose agent is not told to serve both", () => {
    expect(addressesOf(['fd00::1', '10.0.0.1'])).toEqual(ipv4);
    expect(addressesOf(['10.0.0.1', 'fd00::1'], { proxyMetadata: { ISTIO_DUAL_STACK: 'no' } })).toEqual(ipv4);
  });

  test('are of both families where the agent serves both, that of the first address first', () => {
    expect(addressesOf(['fd00::1', '10.0.0.1'], both)).toEqual({
      admin: '::1',
      listeners: [
        ['::_15090', '::', '0.0.0.0'],
        ['::_15021', '::', '0.0.0.0'],
      ],
      local: ['::1', '::1'],
      lookup: ['ALL'],
    });
    const local = { proxyMetadata: { ISTIO_DUAL_STACK: '1', METRICS_LOCALHOST_ACCESS_ONLY: 'true' } };
    expect(addressesOf(['10.0.0.1', 'fd00::1'], local)).toEqual({
      ...ipv4,
      listeners: [
        ['127.0.0.1_15090', '127.0.0.1', '::1'],
        ['0.0.0.0_15021', '0.0.0.0', '::'],
      ],
      lookup: ['ALL'],
    });
  });
});
