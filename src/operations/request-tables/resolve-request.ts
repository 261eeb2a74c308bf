import { usageError } from '../../diagnostics/user-error.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { TableRequest } from '../../trace/table.ts';
import { podKey, type World } from '../../trace/world.ts';
import { findEntrance, findPod, OUTSIDE, resolveHost } from '../../workbench/addresses.ts';
import type { WrittenRequest } from './request-table.ts';

/** A request of a table with the client's pod and the address in place of names. */
export function resolveRequest(request: WrittenRequest, world: World, mesh: Mesh, namespace: string): TableRequest {
  const { url, ...rest } = request;
  const client = findPod(request.from, world, namespace);
  const from = client === undefined ? OUTSIDE : podKey(client);
  const parts = url === undefined ? undefined : urlParts(url);
  const scheme = request.scheme ?? parts?.scheme;
  const host = request.host ?? parts?.host;
  const common = {
    ...rest,
    from,
    ...(scheme === undefined ? {} : { scheme }),
    ...(host === undefined ? {} : { host }),
    ...(parts === undefined || rest.path !== undefined ? {} : { path: parts.path }),
  };
  if (request.to !== undefined && /^[\d.]+:\d+$/.test(request.to)) return { ...common, to: request.to };
  const [, name = '', port = parts?.port ?? '80'] = /^(.*?)(?::(\d+))?$/.exec(request.to ?? host ?? '') ?? [];
  if (name === '') throw usageError('the request needs an address: "to", "url" or "host"');
  const found =
    client === undefined ? findEntrance(name, Number(port), mesh, world) : resolveHost(name, Number(port), client, mesh, world);
  return { ...common, to: `${found.ip}:${found.port}` };
}

function urlParts(url: string): { scheme: NonNullable<TableRequest['scheme']>; host: string; port: string; path: string } {
  const match = /^(https?|tcp|tls):\/\/([^/:?#]+)(?::(\d+))?([/?].*)?$/.exec(url);
  if (match === null) throw usageError(`"${url}" is not a URL`);
  const [, scheme = 'http', name = '', port, path = '/'] = match;
  const host = port === undefined ? name : `${name}:${port}`;
  return {
    scheme: scheme as NonNullable<TableRequest['scheme']>,
    host,
    port: port ?? (scheme === 'https' ? '443' : '80'),
    path: path.startsWith('/') ? path : `/${path}`,
  };
}
