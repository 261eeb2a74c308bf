// npm run bench -- --growth: how the time of commands grows with what a user can make long (docs/performance.md).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeMesh } from './mesh-of.mjs';

const list = (count, make) => Array.from({ length: count }, (_, index) => make(index));
const address = (block, index) => `10.${block}.${Math.floor(index / 250)}.${(index % 250) + 1}`;
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { 'istio-injection': 'enabled' } } };
const networking = (kind, name, spec) => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name, namespace: 'a' },
  spec,
});
const service = (name, ip, ports) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'a' },
  spec: { clusterIP: ip, selector: { app: name }, ports },
});
const pod = (name, app, ip, metadata = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'a', labels: { app }, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] },
  status: { podIP: ip },
});
const web = service('web', '10.96.0.10', [{ name: 'http', port: 80, targetPort: 8080 }]);
const small = [namespace, web, pod('web-0', 'web', '10.244.0.1'), pod('cli-0', 'cli', '10.245.0.1')];
const gateway = [
  service('gw', '10.96.0.11', [{ name: 'https', port: 443, targetPort: 8443 }]),
  pod('gw-0', 'gw', '10.246.0.1', { annotations: { 'inject.istio.io/templates': 'gateway' } }),
];

/** What can be long: its documents for a count, the count of the first measurement, and the commands that meet it. */
const dimensions = {
  'pods of a service': {
    start: 1250,
    documents: (n) => [...small, ...list(n, (i) => pod(`web-${i + 1}`, 'web', address(247, i)))],
    commands: ['graph', 'analyze', 'trace', 'translate one'],
  },
  'ports of a service': {
    start: 125,
    documents: (n) => [
      ...small,
      service(
        'many',
        '10.96.0.12',
        list(n, (i) => ({ name: `http-${i}`, port: 1000 + i })),
      ),
    ],
    commands: ['graph', 'analyze', 'scaffold', 'describe', 'translate one'],
  },
  'hosts of a ServiceEntry': {
    start: 625,
    documents: (n) => [
      ...small,
      networking('ServiceEntry', 'e', {
        hosts: list(n, (i) => `h${i}.example.com`),
        ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
        resolution: 'DNS',
      }),
    ],
    commands: ['graph', 'analyze', 'scaffold', 'trace', 'translate one'],
  },
  'routes of a VirtualService': {
    start: 315,
    documents: (n) => [
      ...small,
      networking('VirtualService', 'v', {
        hosts: ['web'],
        http: list(n, (i) => ({ match: [{ uri: { prefix: `/p${i}/` } }], route: [{ destination: { host: 'web' } }] })),
      }),
    ],
    commands: ['graph', 'analyze', 'scaffold', 'trace', 'translate one'],
  },
  'servers of a Gateway': {
    start: 125,
    documents: (n) => [
      ...small,
      ...gateway,
      networking('Gateway', 'g', {
        selector: { app: 'gw' },
        servers: list(n, (i) => ({
          port: { number: 443, name: `https-${i}`, protocol: 'HTTPS' },
          hosts: [`h${i}.example.com`],
          tls: { mode: 'SIMPLE', credentialName: `c${i}` },
        })),
      }),
      networking('VirtualService', 'v', {
        hosts: ['*.example.com'],
        gateways: ['g'],
        http: [{ route: [{ destination: { host: 'web' } }] }],
      }),
    ],
    commands: ['graph', 'analyze', 'translate'],
  },
  'hosts and ranges of a TLS match': {
    start: 75,
    documents: (n) => [
      ...small,
      networking('ServiceEntry', 'e', {
        hosts: ['*.e.com'],
        ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
        resolution: 'NONE',
      }),
      networking('VirtualService', 'v', {
        hosts: ['*.e.com'],
        tls: [
          {
            match: [
              {
                port: 443,
                sniHosts: list(n, (i) => `h${i}.e.com`),
                destinationSubnets: list(n, (i) => `10.${Math.floor(i / 250)}.${i % 250}.0/24`),
              },
            ],
            route: [{ destination: { host: 'web' } }],
          },
        ],
      }),
    ],
    commands: ['analyze'],
  },
  'rules of an AuthorizationPolicy': {
    start: 315,
    documents: (n) => [
      ...small,
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: { name: 'p', namespace: 'a' },
        spec: {
          rules: list(n, (i) => ({
            from: [{ source: { principals: [`cluster.local/ns/a/sa/s${i}`] } }],
            to: [{ operation: { paths: [`/p${i}*`] } }],
          })),
        },
      },
    ],
    commands: ['graph', 'analyze', 'trace', 'translate one'],
  },
  'subsets of a DestinationRule': {
    start: 125,
    documents: (n) => [
      ...small,
      networking('DestinationRule', 'd', { host: 'web', subsets: list(n, (i) => ({ name: `s${i}`, labels: { v: `${i}` } })) }),
    ],
    commands: ['graph', 'analyze', 'translate one'],
  },
  'ServiceEntries, each of one host': {
    start: 315,
    documents: (n) => [
      ...small,
      ...list(n, (i) =>
        networking('ServiceEntry', `e${i}`, {
          hosts: [`h${i}.example.com`],
          ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
          resolution: 'DNS',
        }),
      ),
    ],
    commands: ['graph', 'analyze', 'translate one'],
  },
  'proxies, each of a workload of its own': {
    start: 125,
    documents: (n) => [...small, ...list(n, (i) => pod(`w${i}-0`, `w${i}`, address(247, i)))],
    commands: ['graph', 'analyze', 'scaffold', 'translate'],
  },
  'namespaces, each with a Service and a pod': {
    // Up to here, all pairs of proxies and services are compiled.
    start: 250,
    documents: (n) => [
      ...small,
      ...list(n, (i) => {
        const name = `n${i}`;
        const inside = (document) => ({ ...document, metadata: { ...document.metadata, namespace: name } });
        return [
          { ...namespace, metadata: { ...namespace.metadata, name } },
          inside(service('s', address(97, i), web.spec.ports)),
          inside(pod('s-0', 's', address(247, i))),
        ];
      }).flat(),
    ],
    commands: ['analyze', 'trace', 'translate one'],
  },
};

const outFolder = (files) => join(files.at(-1), '..', 'out');
const argumentsOf = {
  translate: (files) => ['translate', '--out-dir', outFolder(files), ...files],
  'translate one': (files) => ['translate', '--out-dir', outFolder(files), '--proxy', 'a/cli-0', ...files],
  graph: (files) => ['graph', '-o', 'json', ...files],
  analyze: (files) => ['analyze', ...files],
  scaffold: (files) => ['test', '--scaffold', ...files],
  describe: (files) => ['describe', 'service', 'many.a', ...files],
  trace: (files) => ['trace', '--from', 'a/cli-0', 'http://web.a/', ...files],
};

/**
 * Times each command with the first count, four times and sixteen times as much; the exponent is that of the last step (1: linear).
 * `wanted` is a part of `what is long: command`.
 */
export function measureGrowth(work, measure, print, wanted = '') {
  print('what is long', 'command', ['1x', '4x', '16x'], 'exponent');
  const time = (name, command, start, filesOf) => {
    if (!`${name}: ${command}`.includes(wanted)) return;
    const seconds = [1, 4, 16].map((factor) => measure(argumentsOf[command](filesOf(start * factor))));
    // What every start costs does not grow.
    const [first, second, third] = seconds;
    const exponent = Math.log(Math.max(0.01, third - first) / Math.max(0.01, second - first)) / Math.log(15 / 3);
    const texts = seconds.map((one) => `${one.toFixed(2)} s`);
    print(`${name} (${start.toLocaleString('en')})`, command, texts, exponent.toFixed(2));
  };
  for (const [name, { start, documents, commands }] of Object.entries(dimensions)) {
    const filesOf = (count) => {
      const file = join(work, `${name} ${count}.yaml`);
      mkdirSync(work, { recursive: true });
      writeFileSync(
        file,
        `${documents(count)
          .map((one) => JSON.stringify(one))
          .join('\n---\n')}\n`,
      );
      return ['-f', file];
    };
    for (const command of commands) time(name, command, start, filesOf);
  }
  const meshOf = (count) => {
    const folder = join(work, `services ${count}`);
    writeMesh(count, folder);
    return ['-f', folder];
  };
  time('services, each with all it has', 'analyze', 50, meshOf);
  // What these two write is the square of it.
  time('services, each with all it has', 'graph', 5, meshOf);
  time('services, each with all it has', 'scaffold', 5, meshOf);
}
