import type { Server } from '../../api/istio.gen.ts';
import { isHttpServer, isPassthroughServer, terminatesHttps } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { namespacedName, placeOfField } from './destinations.ts';
import type { RuleKind, WhyNot } from './reason.ts';
import { whyNoRules } from './virtual-services.ts';

interface FoundServer {
  readonly gateway: ResourceOf<'Gateway'>;
  readonly server: Server;
  readonly index: number;
}

/** Why no gateway listens for a port: what became of each server that is for it. */
export function whyNoListener(mesh: Mesh, host: string, port: number): readonly WhyNot[] {
  const servers = serversOf(mesh);
  const ofPort = servers.filter(({ server }) => server.port?.number === port);
  if (ofPort.length === 0) {
    const ports = [...new Set(servers.flatMap(({ server }) => server.port?.number ?? []))].sort((a, b) => a - b);
    return [{ kind: 'no server at port', port, ports }];
  }
  return ofPort.flatMap((found) => whyNotServed(mesh, found, host, port));
}

function whyNotServed(mesh: Mesh, { gateway, server, index }: FoundServer, host: string, port: number): readonly WhyNot[] {
  const label = namespacedName(gateway);
  const proxies = mesh.proxies.filter(
    (proxy) =>
      proxy.role === 'gateway' &&
      mesh.gateways.select(proxy.workload.ownLabels, proxy.targets).some((one) => one.gateway === gateway),
  );
  const [proxy] = proxies;
  if (proxy === undefined)
    return [{ kind: 'gateway selects nothing', gateway: label, port, at: placeOfField(gateway, ['spec', 'selector']) }];
  const place = placeOfField(gateway, ['spec', 'servers', index]);
  const needs = neededRules(server);
  const rules = whyNoRules(mesh, proxy, host, needs).filter(({ kind }) => kind !== 'no virtual service');
  return [{ kind: 'server without rules', gateway: label, port, needs, at: place }, ...rules];
}

/** The rules that a server takes its routes from; istio pilot/pkg/networking/core/gateway.go. */
export function neededRules(server: Server): RuleKind {
  if (isPassthroughServer(server)) return 'tls';
  return isHttpServer(server) || terminatesHttps(server) ? 'http' : 'tcp';
}

/** Why a gateway has no filter chain for a connection to one of its ports. */
export function whyNoChain(
  mesh: Mesh,
  proxy: Proxy,
  target: number,
  name: string,
  isTls: boolean,
  host: string,
): readonly WhyNot[] {
  const selected = new Set(mesh.gateways.select(proxy.workload.ownLabels, proxy.targets).map(({ gateway }) => gateway));
  const numbers = new Set([
    target,
    ...proxy.targets.filter(({ targetPort }) => targetPort === target).map(({ port }) => port.port),
  ]);
  const servers = serversOf(mesh).filter(({ gateway, server }) => selected.has(gateway) && numbers.has(server.port?.number ?? 0));
  const [first] = servers;
  const port = first?.server.port?.number ?? target;
  if (!isTls && servers.some(({ server }) => server.tls !== undefined)) {
    return [
      { kind: 'port takes TLS only', port, ...(first && { at: placeOfField(first.gateway, ['spec', 'servers', first.index]) }) },
    ];
  }
  const names = [...new Set(servers.flatMap(({ server }) => (server.hosts ?? []).map((own) => own.slice(own.indexOf('/') + 1))))];
  const covered = servers.find(({ server }) => (server.hosts ?? []).some((own) => own.endsWith(name) || own.endsWith('*')));
  if (covered !== undefined) return whyNoRules(mesh, proxy, host, neededRules(covered.server));
  return [
    {
      kind: 'no server for the name',
      name,
      port,
      names,
      ...(first && { at: placeOfField(first.gateway, ['spec', 'servers', first.index, 'hosts']) }),
    },
  ];
}

function serversOf(mesh: Mesh): readonly FoundServer[] {
  return mesh.gateways.all.flatMap((gateway) =>
    (gateway.spec.servers ?? []).map((server, index) => ({ gateway, server, index })),
  );
}
