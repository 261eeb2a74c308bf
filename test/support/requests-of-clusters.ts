import fc from 'fast-check';
import type { RequestEntrance } from '../../src/operations/prove/entrances.ts';
import type { ProvingGround } from '../../src/operations/prove/prove.ts';
import { readStatements } from '../../src/operations/prove/read-statements.ts';
import { resolveStatements } from '../../src/operations/prove/resolve-statements.ts';
import type { Statement } from '../../src/operations/prove/statement.ts';
import { parseText } from '../../src/source/parse.ts';
import { podKey, seenFrom } from '../../src/trace/data-plane.ts';
import type { TraceRequest } from '../../src/trace/outcome.ts';
import { joinedClusters } from '../../src/workbench/joined-clusters.ts';

/** Requests at random between clusters, that know nothing of where proofs look. */

const segments = fc.constantFrom(
  ...['cart', 'stock', 'secret', 'loans', 'staff', 'bench', 'vault', 'branch', 'meter', 'new', 'split', 'gone', 'from-afar'],
  ...['..', '', '%2e%2e', 'a', 'LOANS', 'stock%2Fsecret'],
);
const paths = fc.array(segments, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const methods = fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'CONNECT');
const headers = fc.array(
  fc.constantFrom<readonly [string, string]>(
    ['x-forwarded-for', '10.10.9.1'],
    ['x-forwarded-client-cert', 'By=spiffe://east.example/ns/shop/sa/web;URI=spiffe://east.example/ns/shop/sa/web'],
    ['where', 'west'],
    ['upgrade', 'websocket'],
  ),
  { maxLength: 2 },
);

/** Who sends a request and where to; the host that belongs to the address, if it is a service's. */
type Sent = Pick<TraceRequest, 'from' | 'address' | 'entersAt'> & {
  readonly kind: RequestEntrance['kind'];
  readonly host?: string;
};

/** Where requests may begin, whatever a statement is about: every pod, a stranger beside every pod, and the outside at every gateway. */
function beginningsOf({ benches, surroundings: { dataPlane } }: ProvingGround): fc.Arbitrary<Sent> {
  const { pods } = dataPlane;
  const clusters = joinedClusters(benches);
  const services = [...benches.map(({ mesh }) => mesh), ...clusters.map(({ local }) => local)].flatMap(
    ({ registry }) => registry.services,
  );
  const ofServices = services.flatMap(({ addresses, externalAddresses, addressesByCluster, ports }) =>
    [...addresses, ...externalAddresses, ...(addressesByCluster?.values() ?? [])]
      .flat()
      .flatMap((ip) => ports.map(({ port }) => ({ ip, port }))),
  );
  const ports = [8080, 80, 5000, 5001, 8443, 443, 15443, 9999];
  const places = [...pods.flatMap(({ ips }) => ips.flatMap((ip) => ports.map((port) => ({ ip, port })))), ...ofServices];
  // What a pod sends to a gateway by its own name is what anybody can send.
  const isOfGateway = (client: (typeof pods)[number], { ip, port }: (typeof places)[number]): boolean => {
    const view = seenFrom(dataPlane, client);
    const service = view.serviceAt({ ip, port });
    const there = service?.cluster === undefined ? view : seenFrom(dataPlane, { cluster: service.cluster });
    const ends =
      service === undefined ? [ip] : service.hosts.flatMap(({ destination }) => ('ip' in destination ? destination.ip : []));
    return ends.some((end) => there.podByAddress.get(end)?.proxy === 'gateway');
  };
  const ofPods = fc
    .tuple(fc.constantFrom(...pods.filter(({ proxy }) => proxy !== 'gateway')), fc.constantFrom(...places))
    .filter(([client, place]) => !isOfGateway(client, place))
    .map(([client, address]): Sent => ({ kind: 'pod', from: podKey(client), address }));
  // Calls as applications make them.
  const named = pods
    .filter(({ proxy }) => proxy !== 'gateway')
    .flatMap((client) =>
      (clusters.find(({ name }) => name === client.cluster)?.local.registry.services ?? []).flatMap(
        ({ hostname, addresses, ports: own }) =>
          addresses.flatMap((ip) =>
            own.map(({ port }): Sent => ({ kind: 'pod', from: podKey(client), address: { ip, port }, host: hostname })),
          ),
      ),
    )
    .filter(({ from, address }) => {
      const client = dataPlane.podByKey.get(from);
      return client !== undefined && 'ip' in address && !isOfGateway(client, address);
    });
  const strangers = fc.tuple(fc.constantFrom(...pods.filter(({ proxy }) => proxy !== 'gateway')), fc.constantFrom(...ports)).map(
    ([pod, port]): Sent => ({
      kind: 'stranger',
      from: 'outside',
      address: { ip: pod.ips[0] ?? '', port },
      entersAt: podKey(pod),
    }),
  );
  const gateways = pods.filter(({ proxy }) => proxy === 'gateway');
  if (gateways.length === 0) return fc.oneof(ofPods, fc.constantFrom(...named), strangers);
  const outside = fc.tuple(fc.constantFrom(...gateways), fc.constantFrom(8080, 8443, 5000, 15443)).map(
    ([pod, port]): Sent => ({
      kind: 'outside',
      from: 'outside',
      address: { ip: pod.ips[0] ?? '', port },
      entersAt: podKey(pod),
    }),
  );
  return fc.oneof(ofPods, fc.constantFrom(...named), strangers, outside);
}

/** A request of anybody in these clusters. */
export function requestsIn(ground: ProvingGround): fc.Arbitrary<{ readonly kind: Sent['kind']; readonly request: TraceRequest }> {
  const services = ground.benches.flatMap(({ mesh }) => mesh.registry.services);
  const names = services.flatMap(({ hostname, name, namespace, addresses, ports }) => [
    ...[hostname, name, `${name}.${namespace}`, ...addresses],
    ...ports.flatMap(({ port }) => [
      `outbound_.${port}_._.${hostname}`,
      ...['v1', 'v2', 'hub', 'branch', 'west'].map((subset) => `outbound_.${port}_.${subset}_.${hostname}`),
    ]),
  ]);
  const hosts = fc.constantFrom(...new Set([...names, 'shop.example', 'library.example', 'mail.example', 'unknown.example']));
  return fc
    .record({
      sent: beginningsOf(ground),
      scheme: fc.constantFrom('http', 'http', 'https', 'tcp', 'tls'),
      path: paths,
      authority: hosts,
      serverName: hosts,
      isNamedAlike: fc.boolean(),
      isForHost: fc.boolean(),
      method: methods,
      headers,
      protocol: fc.constantFrom(undefined, undefined, 'istio', 'istio-peer-exchange', 'h2'),
    })
    .map(
      ({ sent: { kind, host, ...sent }, scheme, path, serverName, isNamedAlike, method, headers: told, protocol, ...others }) => {
        const authority = others.isForHost && host !== undefined ? host : others.authority;
        return {
          kind,
          request: {
            ...sent,
            scheme,
            method,
            target: path,
            authority,
            serverName: isNamedAlike ? authority : serverName,
            headers: told,
            ...(protocol !== undefined && (scheme === 'tls' || scheme === 'https') && { applicationProtocols: [protocol] }),
            isBrief: true,
          },
        };
      },
    );
}

/** Statements, written as YAML, over clusters. */
export function statementsOf(written: readonly string[], ground: ProvingGround): readonly Statement[] {
  const text = `statements:\n${written.map((one) => `  - ${one}\n`).join('')}`;
  const [document] = parseText('x.mesh-policy.yaml', text, () => {});
  const file = document === undefined ? [] : readStatements(document);
  return 'statements' in file ? resolveStatements(file, ground.benches, ground.surroundings.dataPlane).statements : [];
}

/** That nobody of each kind reaches each pod, whether that holds or not. */
export function pairsOf({ surroundings: { dataPlane } }: ProvingGround): readonly string[] {
  const servers = dataPlane.pods.map(podKey);
  const senders = ['outside', '{plainText: true}', ...servers.map((key) => `{workloads: [${key}]}`)];
  return senders.flatMap((from) => servers.map((to) => `{never: {from: ${from}, to: {workloads: [${to}]}}}`));
}
