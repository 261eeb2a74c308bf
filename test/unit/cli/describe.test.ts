import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { parseYamlValue } from '../../../src/util/yaml.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const base = `
apiVersion: v1
kind: Service
metadata: {name: productpage, namespace: default}
spec: {selector: {app: productpage}, ports: [{name: http, port: 9080, targetPort: http}]}
---
apiVersion: v1
kind: Pod
metadata: {name: productpage-0, namespace: default, labels: {app: productpage, version: v2}}
spec: {containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]}
`;

const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: productpage, namespace: default}
spec:
  host: productpage
  subsets: [{name: v1, labels: {version: v1}}]
  trafficPolicy:
    loadBalancer: {simple: RANDOM}
    connectionPool: {tcp: {maxConnections: 10}}
    outlierDetection: {}
    tls: {mode: ISTIO_MUTUAL}
    portLevelSettings: [{port: {number: 8080}, tls: {mode: DISABLE}, loadBalancer: {simple: RANDOM}, connectionPool: {}, outlierDetection: {}}]
`;

const routes = (gateways: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bookinfo, namespace: default}
spec:
  hosts: [productpage]
  gateways: ${gateways}
  http:
  - match: [{uri: {prefix: /prefix}}]
    route:
    - {destination: {host: productpage}, weight: 30}
    - {destination: {host: productpage2}, weight: 20}
    - {destination: {host: productpage3}, weight: 50}
`;

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gateway, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]
---
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}]}
status: {loadBalancer: {ingress: [{ip: 1.1.1.1}]}}
---
apiVersion: v1
kind: Pod
metadata:
  name: istio-ingressgateway-0
  namespace: istio-system
  labels: {istio: ingressgateway}
  annotations: {inject.istio.io/templates: gateway}
spec: {containers: [{name: istio-proxy}]}
`;

async function mesh(
  args: readonly string[],
  ...yaml: readonly string[]
): Promise<{ exitCode: number; output: string; errors: string }> {
  const io = createFakeIo({ files: { '/work/m.yaml': yaml.join('\n---\n') } });
  const exitCode = await run([...args, '-f', 'm.yaml'], io);
  return { exitCode, output: io.output(), errors: io.errors() };
}

const routesText = `VirtualService: bookinfo
   Route to host "productpage" with weight 30%
   Route to host "productpage2" with weight 20%
   Route to host "productpage3" with weight 50%
   Match: /prefix*
`;

describe('mesh describe', () => {
  test('a service: its rule, its routes and the gateway that exposes it, as istioctl tells them', async () => {
    const { output, exitCode } = await mesh(['describe', 'svc', 'productpage'], base, rule, routes('[mesh, gateway]'), gateway);
    expect(exitCode).toBe(0);
    expect(output).toBe(`Service: productpage
   Port: http 9080/HTTP targets pod port 8080
DestinationRule: productpage for "productpage"
   WARNING POD DOES NOT MATCH ANY SUBSETS.  (Non matching subsets v1)
   Matching subsets: 
      (Non-matching subsets v1)
   Traffic Policy TLS Mode: ISTIO_MUTUAL
   Policies: load balancer/connection pool/outlier detection
   Port Level Settings:
    8080:
      TLS Mode: DISABLE
      Policies: load balancer/connection pool/outlier detection
${routesText}--------------------
Exposed on Ingress Gateway http://1.1.1.1
Gateway: gateway with hosts *
${routesText}`);
  });

  test('a pod: its ports, what its services have, mutual TLS and policies', async () => {
    const { output } = await mesh(
      ['describe', 'pod', 'productpage-0'],
      base,
      `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: default}
spec: {selector: {matchLabels: {app: productpage}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: default}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}`,
    );
    expect(output).toBe(`Pod: productpage-0
   Pod Revision: default
   Pod Ports: 8080 (app)
--------------------
Service: productpage
   Port: http 9080/HTTP targets pod port 8080
RBAC policies: ns[default]-policy[readers]-rule[0]
--------------------
Effective PeerAuthentication:
   Workload mTLS mode: STRICT
   Port Level mTLS mode:
      8080: DISABLE
Applied PeerAuthentication:
   strict.default
Skipping Gateway information (no ingress gateway pods)
`);
  });

  test('a Gateway of the Gateway API is not taken for the Gateway of Istio of the same name', async () => {
    const twin = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway, namespace: default}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}`;
    const parts = [base, rule, routes('[mesh, gateway]'), gateway] as const;
    const alone = await mesh(['describe', 'svc', 'productpage'], ...parts);
    const beside = await mesh(['describe', 'svc', 'productpage'], twin, ...parts);
    expect(alone.output).toContain('Gateway: gateway with hosts *');
    expect(beside.output).toBe(alone.output);
  });

  test('warns of routes to subsets that no rule defines, and of those that the pod is not in', async () => {
    const toSubset = (subset: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bookinfo, namespace: default}
spec: {hosts: [productpage], http: [{route: [{destination: {host: productpage, subset: ${subset}}}]}]}
`;
    const warned = async (...yaml: readonly string[]): Promise<string> =>
      (await mesh(['des', 'pod', 'productpage-0.default'], base, ...yaml)).output;
    expect(await warned(toSubset('v1'))).toContain('Warning: Route to subset v1 but NO DESTINATION RULE defining subsets!');
    expect(await warned(rule, toSubset('v9'))).toContain(
      'Warning: Route to UNKNOWN subset v9; check DestinationRule productpage',
    );
    expect(await warned(rule, toSubset('v1'))).toContain(`   WARNING: No destinations match pod subsets (checked 1 HTTP routes)
      Route to non-matching subset v1 for (everything)
`);
  });

  test('tells of pods outside the mesh and outside of services', async () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: default, labels: {app: alone, sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app}]}
`;
    const { output } = await mesh(['describe', 'pod', 'default/alone'], base, pod);
    expect(output).toContain('WARNING: alone is not part of mesh; no Istio sidecar\n');
    expect(output).toContain('Warning: No Kubernetes Services select pod alone');
  });

  test('as data: the same facts, in JSON and YAML', async () => {
    const parts = [base, rule, routes('[mesh, gateway]'), gateway] as const;
    const described = async (kind: string, output: string): Promise<string> =>
      (await mesh(['describe', kind, 'productpage', '-o', output], ...parts)).output;
    const data = JSON.parse(await described('service', 'json'));
    expect(data).toMatchObject({ kind: 'Service', name: 'productpage', namespace: 'default', pods: 1, podsInMesh: 1 });
    const [port] = data.services[0].ports;
    expect(port).toMatchObject({ port: 9080, name: 'http', protocol: 'HTTP', target: 'http', podPort: 8080 });
    expect(port.configuration.destinationRule).toMatchObject({
      name: 'productpage',
      subsets: { matching: [], others: ['v1'] },
      trafficPolicy: {
        tlsMode: 'ISTIO_MUTUAL',
        sets: ['loadBalancer', 'connectionPool', 'outlierDetection'],
        ports: [{ port: 8080, tlsMode: 'DISABLE' }],
      },
    });
    const destinations = [
      { host: 'productpage', weight: 30, leads: { to: 'pods' } },
      { host: 'productpage2', weight: 20, leads: { to: 'other-host' } },
      { host: 'productpage3', weight: 50, leads: { to: 'other-host' } },
    ];
    const route = { protocol: 'http', reaches: true, destinations, matches: [{ uri: { prefix: '/prefix' } }] };
    expect(port.configuration.virtualService).toMatchObject({ name: 'bookinfo', namespace: 'default', routes: [route] });
    expect(data.ingress).toMatchObject({
      gatewayPods: 1,
      exposures: [
        {
          addresses: [{ scheme: 'http', address: '1.1.1.1', port: 80 }],
          gateway: { name: 'gateway', namespace: 'default', hosts: ['*'] },
          virtualService: { name: 'bookinfo' },
        },
      ],
    });
    expect(parseYamlValue(await described('service', 'yaml'))).toEqual(data);
    const pod = JSON.parse((await mesh(['describe', 'pod', 'productpage-0', '-o', 'json'], ...parts)).output);
    expect(pod).toMatchObject({
      kind: 'Pod',
      ports: [{ port: 8080, protocol: 'TCP', container: 'app' }],
      phase: 'Running',
      warnings: [],
      services: data.services,
      peerAuthentication: { mode: 'PERMISSIVE', ports: [], policies: [] },
    });
  });

  test('a name that nothing has is answered with near ones', async () => {
    const { exitCode, errors } = await mesh(['describe', 'service', 'productpages'], base);
    expect([exitCode, errors]).toEqual([64, 'error: no service is named "productpages"; did you mean default/productpage?\n']);
  });
});

describe('mesh authz check', () => {
  const policies = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: default}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {methods: [HEAD]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-admin, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}
`;
  // Connections that are not HTTP cannot meet a condition on requests: there, the policy allows nothing.
  const table = `ACTION   AuthorizationPolicy         RULES
DENY     no-admin.istio-system       1
ALLOW    _anonymous_match_nothing_   1
ALLOW    readers.default             2
`;

  test('lists the policies at a pod by action, with the number of their rules', async () => {
    expect((await mesh(['authz', 'check', 'productpage-0'], base, policies)).output).toBe(table);
    const data = JSON.parse((await mesh(['authz', 'check', 'productpage-0', '-o', 'json'], base, policies)).output);
    const rows = table
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(/\s{2,}/));
    expect(data.map((row: Record<string, unknown>) => [row.action, row.authorizationPolicy, String(row.rules)])).toEqual(rows);
    expect((await mesh(['authz', 'check', 'productpage-0'], base)).output).toBe('ACTION   AuthorizationPolicy   RULES\n');
  });

  test('of a dump, gives the same', async () => {
    const dump = await mesh(['translate', '-o', 'config-dump', '--proxy', 'productpage-0'], base, policies);
    const io = createFakeIo({ files: { '/work/dump.json': dump.output } });
    expect(await run(['authz', 'check', '-f', 'dump.json'], io)).toBe(0);
    expect(io.output()).toBe(table);
  });

  test('a policy without rules has one that nothing matches', async () => {
    const nothing = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing, namespace: default}
spec: {}
`;
    expect((await mesh(['authz', 'check', 'productpage-0'], base, nothing)).output).toBe(`ACTION   AuthorizationPolicy   RULES
ALLOW    nothing.default       1
`);
  });
});
