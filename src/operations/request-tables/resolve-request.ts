import { usageError } from '../../diagnostics/user-error.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { TableRequest } from '../../trace/table.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { findPod, OUTSIDE } from '../../workbench/addresses.ts';
import { parseRequestUrl } from '../../workbench/request-url.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { noEntrance } from '../why/entrance.ts';
import type { WrittenRequest } from './request-table.ts';

/** A request of a table with the client's pod and the address in place of names; from outside it enters at `gateway`, if that is named. */
export function resolveRequest(request: WrittenRequest, surroundings: Surroundings, gateway?: string): TableRequest {
  const { dataPlane, namespace, meshes } = surroundings;
  const { url, ...rest } = request;
  const client = findPod(request.from, dataPlane, namespace);
  const from = client === undefined ? OUTSIDE : podKey(client);
  const parts = url === undefined ? undefined : parseRequestUrl(url);
  const scheme = request.scheme ?? parts?.scheme;
  const host = request.host ?? (parts && formatHostPort(parts.host, parts.port));
  const common = {
    ...rest,
    from,
    ...(scheme === undefined ? {} : { scheme }),
    ...(host === undefined ? {} : { host }),
    ...(parts === undefined || rest.path !== undefined ? {} : { path: parts.target }),
  };
  const written = request.to ?? host;
  if (written === undefined) throw usageError('the request needs an address: "to", "url" or "host"');
  const place = parseHostPort(written);
  if (place === undefined) throw usageError(`"${written}" is no host with a port from 1 to 65535`);
  const { host: name, port = parts?.port ?? (parts?.scheme === 'https' ? 443 : 80) } = place;
  if (request.to !== undefined && place.port !== undefined && isIpAddress(name)) {
    const entersAt = client === undefined ? surroundings.outsideAt(name, gateway) : undefined;
    return { ...common, to: request.to, isWithoutNodes: true, ...(entersAt !== undefined && { entersAt }) };
  }
  const found =
    client === undefined
      ? surroundings.entrance({ host: name, port, target: request.path ?? parts?.target, gateway })
      : surroundings.resolve(name, port, client);
  if (found === undefined) throw noEntrance(meshes, name, port);
  if ('unresolved' in found) return { ...common, to: formatHostPort(name, port), unresolved: found };
  const { entersAt } = found;
  return { ...common, to: formatHostPort(found.ip, found.port), ...(entersAt !== undefined && { entersAt }) };
}
