// A mesh of N services as files, for timing: each service has two pods, a VirtualService and a DestinationRule with two subsets;
// ten services make a namespace, and one namespace in five has a Sidecar that narrows it to itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const yaml = (documents) => `${documents.map((document) => JSON.stringify(document)).join('\n---\n')}\n`;

/** Writes what makes the manifests of `folder` those of a cluster: its network, and an east-west gateway at an address. */
export function writeCluster(network, address, folder) {
  const labels = { 'topology.istio.io/network': network };
  const ports = [{ name: 'tls', port: 15443 }];
  const documents = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', labels } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'istio-eastwestgateway', namespace: 'istio-system', labels },
      spec: { type: 'LoadBalancer', selector: { istio: 'eastwestgateway' }, ports },
      status: { loadBalancer: { ingress: [{ ip: address }] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'istio-eastwestgateway-1', namespace: 'istio-system', labels: { istio: 'eastwestgateway' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'istio/proxyv2', args: ['proxy', 'router'] }] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'cross-network', namespace: 'istio-system' },
      spec: {
        selector: { istio: 'eastwestgateway' },
        servers: [
          { port: { number: 15443, name: 'tls', protocol: 'TLS' }, tls: { mode: 'AUTO_PASSTHROUGH' }, hosts: ['*.local'] },
        ],
      },
    },
  ];
  writeFileSync(join(folder, 'cluster.yaml'), yaml(documents));
}

/** Writes the manifests of a mesh of `count` services under `folder`. */
export function writeMesh(count, folder) {
  const namespaces = [];
  const services = [];
  const pods = [];
  const rules = [];
  for (let i = 0; i < count; i++) {
    const namespace = `team-${Math.floor(i / 10)}`;
    const name = `service-${i}`;
    const metadata = { name, namespace };
    if (i % 10 === 0) {
      namespaces.push({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'istio-injection': 'enabled' } },
      });
      if ((i / 10) % 5 === 0) {
        rules.push({
          apiVersion: 'networking.istio.io/v1',
          kind: 'Sidecar',
          metadata: { name: 'default', namespace },
          spec: { egress: [{ hosts: ['./*', 'istio-system/*'] }] },
        });
      }
    }
    services.push({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { app: name },
        ports: [
          { name: 'http', port: 8080 },
          { name: 'grpc', port: 9090 },
        ],
      },
    });
    for (const version of ['v1', 'v2']) {
      pods.push({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${name}-${version}-0`, namespace, labels: { app: name, version } },
        spec: {
          serviceAccountName: name,
          containers: [{ name: 'app', image: 'example/app', ports: [{ containerPort: 8080 }, { containerPort: 9090 }] }],
        },
      });
    }
    const to = (subset, weight) => ({ destination: { host: name, subset }, ...(weight && { weight }) });
    rules.push(
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata,
        spec: {
          hosts: [name],
          http: [
            { match: [{ headers: { 'x-canary': { exact: 'true' } } }], route: [to('v2')] },
            { route: [to('v1', 90), to('v2', 10)], timeout: '5s', retries: { attempts: 3, perTryTimeout: '1s' } },
          ],
        },
      },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata,
        spec: {
          host: name,
          trafficPolicy: {
            loadBalancer: { simple: 'LEAST_REQUEST' },
            outlierDetection: { consecutive5xxErrors: 5, interval: '10s' },
          },
          subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
        },
      },
    );
  }
  mkdirSync(folder, { recursive: true });
  const files = { namespaces, services, pods, rules };
  for (const [name, documents] of Object.entries(files)) writeFileSync(join(folder, `${name}.yaml`), yaml(documents));
}

/** Writes three documents for each of `services` services (Service, VirtualService, DestinationRule), in one file or a file each. */
export function writeDocuments(services, folder, layout) {
  mkdirSync(folder, { recursive: true });
  const texts = [];
  for (let i = 0; i < services; i++) {
    const metadata = { name: `service-${i}`, namespace: `team-${Math.floor(i / 10) % 50}` };
    const { name } = metadata;
    const istio = (kind, spec) =>
      `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: ${JSON.stringify(metadata)}\nspec:\n${spec}`;
    texts.push(
      `apiVersion: v1\nkind: Service\nmetadata: ${JSON.stringify(metadata)}\nspec:\n  selector: {app: ${name}}\n  ports:\n  - {name: http, port: 8080}\n`,
      istio('VirtualService', `  hosts: [${name}]\n  http:\n  - route:\n    - destination: {host: ${name}, subset: v1}\n`),
      istio('DestinationRule', `  host: ${name}\n  subsets:\n  - name: v1\n    labels: {version: v1}\n`),
    );
  }
  if (layout === 'one file') writeFileSync(join(folder, 'all.yaml'), texts.join('---\n'));
  else for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.yaml`), text);
}
