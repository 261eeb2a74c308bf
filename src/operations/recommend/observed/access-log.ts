import { parseHostPort } from '../../../util/host-port.ts';
import { type Fields, fieldsOf, own, scalarOf } from '../../../util/object.ts';
import type { ObservedCall, ObservedPod, ObservedServer } from './observation.ts';

/** What a line of an access log tells of a call; texts that Envoy writes as `-` are absent. */
interface LogLine {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly protocol: string | undefined;
  readonly authority: string | undefined;
  readonly cluster: string | undefined;
  readonly local: string | undefined;
  readonly remote: string | undefined;
  readonly serverName: string | undefined;
  /** The pod whose proxy wrote the line, where whoever collected the log noted it. */
  readonly pod: ObservedPod | undefined;
}

/** The call that a line of an access log tells of, in Envoy's text or JSON format as Istio sets them; undefined for other lines. */
export function callOfLogLine(file: string, text: string, line: number): ObservedCall | undefined {
  // As `kubectl logs --prefix` writes it.
  const [prefix = '', name] = /^\[pod\/([^/\]]+)\/[^\]]*\] /.exec(text) ?? [];
  const written = text.slice(prefix.length);
  const read = (written.includes('{') ? jsonLine(written) : undefined) ?? textLine(written);
  return read && callOf(name === undefined ? read : { ...read, pod: { name } }, { file, line });
}

/** The names of Istio's JSON format; pilot/pkg/model/telemetry_logging.go EnvoyJSONLogFormatIstio. */
function jsonLine(text: string): LogLine | undefined {
  let fields: Fields;
  try {
    fields = fieldsOf(JSON.parse(text.slice(text.indexOf('{'))));
  } catch {
    return undefined;
  }
  const told = (name: string): string | undefined => known(scalarOf(own(fields, name)));
  const line: LogLine = {
    method: told('method'),
    path: told('path'),
    protocol: told('protocol'),
    authority: told('authority'),
    cluster: told('upstream_cluster'),
    local: told('downstream_local_address'),
    remote: told('downstream_remote_address'),
    serverName: told('requested_server_name'),
    pod: podIn(fields),
  };
  return line.remote === undefined && line.cluster === undefined ? undefined : line;
}

/**
 * Istio's text format. What stands after the request line differs by release, so that its other parts are counted from the end;
 * pilot/pkg/model/telemetry_logging.go EnvoyTextLogFormat.
 */
function textLine(text: string): LogLine | undefined {
  const tokens = [...text.matchAll(/"[^"]*"|\[[^[\]]*\]|[^\s"[\]]\S*/g)].map(([token]) => token);
  const at = tokens.findIndex((token) => token.startsWith('"'));
  if (at === -1 || tokens.length - at < 19) return undefined;
  const [method, path, protocol] = (tokens[at] ?? '').slice(1, -1).split(' ');
  const fromEnd = (place: number): string | undefined => known(tokens.at(-place)?.replaceAll('"', ''));
  return {
    method: known(method),
    path: known(path),
    protocol: known(protocol),
    authority: fromEnd(8),
    cluster: fromEnd(6),
    local: fromEnd(4),
    remote: fromEnd(3),
    serverName: fromEnd(2),
    pod: undefined,
  };
}

/** The pod as Fluent Bit and Fluentd note it. */
function podIn(fields: Fields): ObservedPod | undefined {
  const { pod_name: name, namespace_name: namespace } = fieldsOf(fields.kubernetes);
  if (typeof name !== 'string') return undefined;
  return { name, ...(typeof namespace === 'string' && { namespace }) };
}

function known(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' ? undefined : text;
}

function callOf(line: LogLine, place: ObservedCall['place']): ObservedCall | undefined {
  const { method, path, protocol, authority, remote, cluster = '', pod } = line;
  const client = parseHostPort(remote ?? '');
  const server = serverOf(line);
  if (client === undefined || server === undefined) return undefined;
  const isOwn = pod !== undefined && !cluster.startsWith('inbound');
  const isHttp = method !== undefined && path !== undefined;
  return {
    client: isOwn ? { pod, ip: client.host } : { ip: client.host },
    server,
    isHttp,
    count: 1,
    place,
    ...(isHttp && authority !== undefined && { request: { method, path, authority, isHttp2: protocol === 'HTTP/2' } }),
  };
}

/** Who was called: at the client's proxy the host that was asked for, at the server's the service in its TLS, else the pod itself. */
function serverOf({ cluster = '', authority, local, serverName }: LogLine): ObservedServer | undefined {
  const [direction = '', clusterPort = '', , clusterHost = ''] = cluster.split('|');
  const place = parseHostPort(local ?? '');
  const asked = authority === undefined ? undefined : parseHostPort(authority)?.host;
  if (direction.startsWith('inbound')) {
    const [, port, , host] = /^(?:outbound)_\.(\d+)_\.([^_]*)_\.(.+)$/.exec(serverName ?? '') ?? [];
    const address = place && { ip: place.host, port: Number(clusterPort) || (place.port ?? 0) };
    return {
      hosts: [host, asked].filter((name) => name !== undefined),
      ...(port !== undefined && { port: Number(port) }),
      ...(address !== undefined && { address }),
    };
  }
  const port = place?.port ?? (clusterPort === '' ? undefined : Number(clusterPort));
  const hosts = [asked, serverName, clusterHost === '' ? undefined : clusterHost, place?.host].filter(
    (name) => name !== undefined,
  );
  return hosts.length === 0 ? undefined : { hosts, ...(port !== undefined && { port }) };
}
