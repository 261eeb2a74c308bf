import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const manifests = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.5}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-0, namespace: shop, labels: {app: reviews, version: v1}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.6}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: shop}
spec:
  host: reviews
  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 5s}}}
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews]
  http:
  - match: [{uri: {prefix: /v1}}]
    route: [{destination: {host: reviews, subset: v1}}]
  - timeout: 3s
    route: [{destination: {host: reviews}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  rules: [{to: [{operation: {methods: [GET], paths: [/shop]}}]}]
`;

interface Answer {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

async function mesh(args: readonly string[], files: Readonly<Record<string, string>>): Promise<Answer> {
  const io = createFakeIo({ files });
  const exitCode = await run(args, io);
  return { exitCode, output: io.output(), errors: io.errors() };
}

const dumpOf = async (yaml: string): Promise<string> => {
  const { output, errors } = await mesh(['translate', '-f', 'm.yaml', '-o', 'config-dump', '--proxy', 'shop/web-0'], {
    '/work/m.yaml': yaml,
  });
  expect(errors).not.toContain('error');
  return output;
};

const reviews = 'outbound|9080||reviews.shop.svc.cluster.local';
const reviewsV1 = 'outbound|9080|v1|reviews.shop.svc.cluster.local';
/** The same difference of the virtual host of reviews, in the routes of both ports. */
const ofRoutes = (change: string, where: string): string[] =>
  ['80', '9080'].map((port) => `${change} routes ${port} virtualHosts[reviews.shop.svc.cluster.local:${port}].routes${where}`);
/** The same difference in both clusters. */
const ofClusters = (change: string, where: string): string[] =>
  [reviewsV1, reviews].map((cluster) => `${change} clusters ${cluster} ${where}`);
const policy = (type: 'http' | 'network', chain: number, where: string): string =>
  type === 'http'
    ? `filterChains[${chain}].filters[envoy.filters.network.http_connection_manager].typedConfig.httpFilters[envoy.filters.http.rbac].typedConfig.rules.${where}`
    : `filterChains[${chain}].filters[envoy.filters.network.rbac].typedConfig.rules.${where}`;
/** Chains of the inbound listener: HTTP ones, and those for other connections. */
const [httpChains, tcpChains] = [
  [1, 2, 6, 7],
  [3, 4, 5],
];

/** Edits of the manifests after the dump was taken, and all in which the dump then departs from them. */
const edits: readonly (readonly [name: string, from: string, to: string, drift: readonly string[]])[] = [
  ['a timeout of connections', 'connectTimeout: 5s', 'connectTimeout: 7s', ofClusters('changed', 'connectTimeout')],
  [
    'a timeout of requests',
    'timeout: 3s',
    'timeout: 4s',
    [...ofRoutes('changed', '[1].route.maxGrpcTimeout'), ...ofRoutes('changed', '[1].route.timeout')],
  ],
  [
    'a path',
    'prefix: /v1',
    'prefix: /v2',
    [...ofRoutes('changed', '[0].decorator.operation'), ...ofRoutes('changed', '[0].match.prefix')],
  ],
  [
    'a retry policy',
    'timeout: 3s',
    'timeout: 3s\n    retries: {attempts: 5}',
    ofRoutes('changed', '[1].route.retryPolicy.numRetries'),
  ],
  [
    'a header to remove',
    'subset: v1}}]\n',
    'subset: v1}}]\n    headers: {request: {remove: [x]}}\n',
    ofRoutes('removed', '[0].requestHeadersToRemove'),
  ],
  ['the labels of a subset', 'labels: {version: v1}}]', 'labels: {version: v3}}]', [`added endpoints ${reviewsV1} endpoints[0]`]],
  [
    'one more subset',
    '[{name: v1, labels: {version: v1}}]',
    '[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]',
    [
      'removed clusters outbound|9080|v2|reviews.shop.svc.cluster.local',
      'removed endpoints outbound|9080|v2|reviews.shop.svc.cluster.local',
    ],
  ],
  [
    'the address of an endpoint',
    'podIP: 10.244.0.6',
    'podIP: 10.244.0.7',
    [reviewsV1, reviews].flatMap((cluster) => [
      `removed endpoints ${cluster} endpoints[0].lbEndpoints[10.244.0.7:9080]`,
      `added endpoints ${cluster} endpoints[0].lbEndpoints[10.244.0.6:9080]`,
    ]),
  ],
  [
    'a method of a policy',
    'methods: [GET]',
    'methods: [POST]',
    httpChains.map((chain) => {
      const rule = '["ns[shop]-policy[web]-rule[0]"].permissions[0].andRules.rules[0].orRules.rules[0]';
      return `changed listeners virtualInbound ${policy('http', chain, `policies${rule}.header.stringMatch.exact`)}`;
    }),
  ],
  [
    'a policy that denies, on connections too',
    '  rules: [{to:',
    '  action: DENY\n  rules: [{to:',
    [
      ...httpChains.map((chain) => `removed listeners virtualInbound ${policy('http', chain, 'action')}`),
      ...tcpChains.flatMap((chain) =>
        ['action', 'policies'].map((field) => `removed listeners virtualInbound ${policy('network', chain, field)}`),
      ),
    ],
  ],
  [
    'the port of a service',
    'port: 9080',
    'port: 9081',
    ['clusters', 'endpoints']
      .flatMap((type) =>
        ['|v1|', '||'].flatMap((subset) => [
          `added ${type} outbound|9080${subset}reviews.shop.svc.cluster.local`,
          `removed ${type} outbound|9081${subset}reviews.shop.svc.cluster.local`,
        ]),
      )
      .concat('added listeners 0.0.0.0_9080', 'removed listeners 0.0.0.0_9081', 'added routes 9080', 'removed routes 9081'),
  ],
  [
    'the port of a pod',
    'targetPort: 8080',
    'targetPort: 8090',
    [
      'added clusters inbound|8080||',
      'removed clusters inbound|8090||',
      'removed endpoints outbound|80||web.shop.svc.cluster.local endpoints[0].lbEndpoints[10.244.0.5:8090]',
      'added endpoints outbound|80||web.shop.svc.cluster.local endpoints[0].lbEndpoints[10.244.0.5:8080]',
      ...['added', 'removed'].flatMap((change) =>
        [6, 7].map((chain) => `${change} listeners virtualInbound filterChains[${chain}]`),
      ),
      ...['start', 'end'].map(
        (end) =>
          `changed listeners virtualInbound listenerFilters[envoy.filters.listener.http_inspector].filterDisabled.orMatch.rules[0].destinationPortRange.${end}`,
      ),
    ],
  ],
  [
    'an outlier detection',
    'trafficPolicy: {',
    'trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}, ',
    [...ofClusters('removed', 'commonLbConfig.healthyPanicThreshold'), ...ofClusters('removed', 'outlierDetection')],
  ],
];

interface Drift {
  readonly drift: readonly {
    readonly type: string;
    readonly name: string;
    readonly change: string;
    readonly differences?: readonly {
      readonly change: string;
      readonly where: string;
      readonly path: string;
      readonly origin?: string;
    }[];
  }[];
}

function linesOf({ drift }: Drift): string[] {
  return drift.flatMap(({ type, name, change, differences }) =>
    differences === undefined
      ? [`${change} ${type} ${name}`]
      : differences.map((difference) => `${difference.change} ${type} ${name} ${difference.where}`),
  );
}

describe('mesh drift', () => {
  test('a dump of the same manifests has none', async () => {
    const dump = await dumpOf(manifests);
    const answer = await mesh(['drift', 'dump.json', '-f', 'm.yaml'], { '/work/dump.json': dump, '/work/m.yaml': manifests });
    expect(answer).toEqual({ exitCode: 0, output: 'shop/web-0: no drift\n', errors: '' });
  });

  for (const [name, from, to, expected] of edits) {
    test(`one edit is told as exactly that: ${name}`, async () => {
      expect(manifests).toContain(from);
      const files = { '/work/dump.json': await dumpOf(manifests), '/work/m.yaml': manifests.replace(from, to) };
      const answer = await mesh(['drift', 'dump.json', '-f', 'm.yaml', '-o', 'json'], files);
      expect(answer.exitCode).toBe(1);
      expect(linesOf(JSON.parse(answer.output)).sort()).toEqual([...expected].sort());
    });
  }

  test('says where in the proxy and where in the manifests', async () => {
    const files = { '/work/dump.json': await dumpOf(manifests), '/work/m.yaml': manifests.replace('5s', '7s') };
    const { output } = await mesh(['drift', 'dump.json', '-f', 'm.yaml'], files);
    expect(output).toBe(`~ cluster ${reviewsV1}
    ~ connectTimeout: "7s" by the manifests, "5s" in the proxy  (m.yaml:30 DestinationRule shop/reviews)
~ cluster ${reviews}
    ~ connectTimeout: "7s" by the manifests, "5s" in the proxy  (m.yaml:5 Service shop/reviews)
shop/web-0: 2 changed, 0 only in the proxy, 0 missing in the proxy
`);
    const json = await mesh(['drift', 'dump.json', '-f', 'm.yaml', '-o', 'json'], files);
    expect(JSON.parse(json.output).drift[0].differences[0]).toMatchObject({
      change: 'changed',
      path: '$.connectTimeout',
      manifests: '7s',
      proxy: '5s',
    });
  });

  test('what a running Envoy adds of its own is none: versions, times, static resources, health, weights', async () => {
    const dump = JSON.parse(await dumpOf(manifests));
    for (const config of dump.configs) {
      config.version_info = '2026-11-21T10:00:00Z/7';
      for (const cluster of config.dynamicActiveClusters ?? []) cluster.last_updated = '2026-11-21T10:00:00Z';
      for (const { endpointConfig } of config.dynamicEndpointConfigs ?? []) {
        endpointConfig.policy = { overprovisioning_factor: 140 };
        for (const group of endpointConfig.endpoints ?? []) {
          delete group.loadBalancingWeight;
          group.locality = group.locality ?? {};
          for (const endpoint of group.lbEndpoints) {
            endpoint.health_status = 'UNHEALTHY';
            endpoint.load_balancing_weight = 1;
            endpoint.endpoint.health_check_config = {};
          }
        }
      }
      config.dynamicListeners?.reverse();
    }
    const files = { '/work/dump.json': JSON.stringify(dump), '/work/m.yaml': manifests };
    const { exitCode, output } = await mesh(['drift', 'dump.json', '-f', 'm.yaml'], files);
    expect([exitCode, output]).toEqual([0, 'shop/web-0: no drift\n']);
  });

  test('another name of the pod is found by its workload, or named with --pod', async () => {
    const dump = (await dumpOf(manifests)).replaceAll('web-0.shop', 'web-7d5f.shop').replaceAll('"web-0"', '"web-7d5f"');
    const files = { '/work/dump.json': dump, '/work/m.yaml': manifests };
    expect((await mesh(['drift', 'dump.json', '-f', 'm.yaml', '--pod', 'web-0.shop'], files)).exitCode).toBe(0);
    const unknown = await mesh(['drift', 'dump.json', '-f', 'm.yaml'], files);
    expect([unknown.exitCode, unknown.errors]).toEqual([
      64,
      expect.stringContaining('no pod with a proxy is named "shop/web-7d5f"'),
    ]);
  });

  test('--no-endpoints leaves out what only the cluster knows', async () => {
    const files = { '/work/dump.json': await dumpOf(manifests), '/work/m.yaml': manifests.replaceAll(/^status: .*$/gm, '') };
    expect((await mesh(['drift', 'dump.json', '-f', 'm.yaml'], files)).exitCode).toBe(1);
    const { exitCode, output } = await mesh(['drift', 'dump.json', '-f', 'm.yaml', '--no-endpoints'], files);
    expect([exitCode, output]).toEqual([0, 'shop/web-0: no drift\n']);
  });

  test('the dump of a ztunnel is told, with what prints it', async () => {
    const { exitCode, errors } = await mesh(['drift', 'z.json'], { '/work/z.json': '{"workloads": [], "services": []}' });
    expect([exitCode, errors]).toEqual([65, expect.stringContaining('mesh ztunnel-config all -f z.json prints it')]);
  });

  test('a file that is no dump is told', async () => {
    const { exitCode, errors } = await mesh(['drift', 'm.yaml'], { '/work/m.yaml': manifests });
    expect([exitCode, errors]).toEqual([65, expect.stringContaining('m.yaml is not the JSON of an Envoy dump')]);
  });
});
