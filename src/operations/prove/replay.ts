import { podKey, podNamed } from '../../trace/data-plane.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { compact } from '../../util/object.ts';
import { findPod, OUTSIDE } from '../../workbench/addresses.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { type AskedRequest, readQuestion } from '../trace/question.ts';
import { claimsOf } from './tokens.ts';

/** What `mesh trace` can be asked to follow this request, the shortest first; each with the request that it follows. */
export function* questionsFor(
  request: TraceRequest,
  surroundings: Surroundings,
  isAddressed: boolean,
): Iterable<{ readonly question: AskedRequest; readonly request: TraceRequest }> {
  for (const url of urlsFor(request)) {
    const { address, sourceIp, ...others } = askedWith(url, request);
    const named = compact({ ...others, gateway: gatewayFor(request, surroundings) });
    const addressed = compact({ ...named, address });
    const candidates = [...(isAddressed ? [] : [named]), addressed, compact({ ...addressed, sourceIp })];
    for (const question of candidates) {
      const followed = requestOf(question, surroundings);
      if (followed !== undefined) yield { question, request: followed };
    }
  }
}

/** Of several clusters, a gateway in whose cluster a request from outside begins: the one where it enters, if it does. */
function gatewayFor({ entersAt }: TraceRequest, { dataPlane }: Surroundings): string | undefined {
  const place = entersAt === undefined ? undefined : podNamed(dataPlane, entersAt);
  if (place === undefined) return undefined;
  const gateways = dataPlane.pods.filter(({ proxy, cluster }) => proxy === 'gateway' && cluster === place.cluster);
  const found = gateways.find((pod) => pod === place) ?? gateways[0];
  return found && podKey(found);
}

/** The request that `mesh trace` follows for a question; undefined where it does not know where to. */
function requestOf(question: AskedRequest, surroundings: Surroundings): TraceRequest | undefined {
  const { from, host, port, path, address, gateway, request } = readQuestion(question);
  const client = from === OUTSIDE ? undefined : findPod(from, surroundings.dataPlane, surroundings.namespace);
  const find = (): ReturnType<typeof surroundings.resolve> | undefined =>
    client === undefined
      ? surroundings.entrance({ host, port, target: path, gateway })
      : surroundings.resolve(host, port, client);
  const isByAddress = client === undefined && address !== undefined;
  if (isByAddress && gateway === undefined && surroundings.isShared(address.ip)) return undefined;
  const found = address ?? find();
  if (found === undefined) return undefined;
  const addressedAt = isByAddress ? surroundings.outsideAt(address.ip, gateway) : undefined;
  return {
    from,
    address: 'unresolved' in found ? found : { ip: found.ip, port: found.port },
    ...compact({ entersAt: 'entersAt' in found ? found.entersAt : addressedAt }),
    ...request,
  };
}

/** URLs that may say it, those that people would write first. */
function urlsFor({ scheme, authority, address, target }: TraceRequest): readonly string[] {
  if ('unresolved' in address) return [`${scheme}://${authority}${target}`];
  const path = scheme === 'tcp' || scheme === 'tls' ? '' : target;
  const place = parseHostPort(authority);
  const port = scheme === 'http' ? 80 : scheme === 'https' ? 443 : undefined;
  const named =
    place === undefined || place.host.includes(':')
      ? []
      : [`${scheme}://${formatHostPort(place.host, place.port ?? (port === undefined ? address.port : undefined))}${path}`];
  return [...named, `${scheme}://${formatHostPort(address.ip, address.port)}${path}`];
}

/** How a certificate is asked for. */
function askedCertificate(shown: TraceRequest['clientCertificate']): Partial<AskedRequest> {
  if (typeof shown !== 'object') return compact({ clientCert: shown });
  const { subjectAltNames = [], isTrusted = true } = shown;
  return compact({
    clientCert: subjectAltNames.length === 0 && isTrusted ? true : undefined,
    clientCertSan: subjectAltNames.length === 0 ? undefined : subjectAltNames,
    clientCertUntrusted: isTrusted ? undefined : true,
  });
}

function askedWith(url: string, request: TraceRequest): AskedRequest {
  const { from, address, method, authority, headers, serverName, speaks, sourceIp, trustedTokens = [] } = request;
  const [token] = trustedTokens;
  const isHttp = request.scheme === 'http' || request.scheme === 'https';
  const isTls = request.scheme === 'https' || request.scheme === 'tls';
  const usual = readQuestion({ from, url });
  const others = headers.filter(([, value]) => token === undefined || value !== `Bearer ${token}`);
  const host: readonly (readonly [string, string])[] =
    isHttp && usual.request.authority !== authority ? [['host', authority]] : [];
  const lines = [...host, ...others].map(([name, value]) => `${name}: ${value}`);
  return compact({
    from,
    url,
    method: isHttp && method !== 'GET' ? method : undefined,
    header: lines.length === 0 ? undefined : lines,
    address: 'unresolved' in address ? undefined : formatHostPort(address.ip, address.port),
    http2: speaks === 'HTTP/2' || undefined,
    grpc: speaks === 'gRPC' || undefined,
    websocket: speaks === 'WebSocket' || undefined,
    serverFirst: request.isServerFirst,
    sni: isTls && serverName !== usual.request.serverName ? (serverName ?? '') : undefined,
    ...askedCertificate(request.clientCertificate),
    sourceIp,
    claims: token === undefined ? undefined : claimsOf(token),
  });
}
