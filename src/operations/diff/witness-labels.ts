import type { Witness } from '../../exploration/request-of.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { hostIn } from './hosts-elsewhere.ts';
import type { RequestLabel } from './report.ts';

/** The request, for people: a token by its claims, and of a host that has another address where the connection goes. */
export function labelOfWitness({ request, token }: Witness, named: ReadonlySet<string>): RequestLabel {
  const { scheme, method, target, headers, address, clientCertificate: certificate } = request;
  // Of connections of TLS from pods, the name that they ask for is all that tells them apart.
  const isNamed = scheme === 'tls' && request.from !== '' && (request.serverName ?? '') !== '';
  const authority = isNamed ? (request.serverName ?? '') : request.authority;
  const isPlain = scheme === 'tcp' || scheme === 'tls';
  const [ip, port] = 'port' in address ? [address.ip, address.port] : ['', 0];
  const isUsualPort = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  const isElsewhere = !isPlain && named.has(hostIn(request));
  const to = isElsewhere ? formatHostPort(ip) : authority;
  const host = /:\d+$/.test(to) || isUsualPort ? to : `${to}:${port}`;
  const shown = token === undefined ? headers : headers.map(([name, value]) => [name, tokenShown(value, token)] as const);
  return {
    method: isPlain ? 'CONNECT' : method,
    url: `${scheme}://${host}${isPlain ? '' : target}`,
    headers: [...(isElsewhere ? [['host', authority] as const] : []), ...shown],
    ...(typeof certificate === 'object' && { clientCertificate: certificate.subjectAltNames ?? [] }),
  };
}

function tokenShown(value: string, { claims, isValid }: NonNullable<Witness['token']>): string {
  const start = Math.max(value.lastIndexOf(' '), value.lastIndexOf('=')) + 1;
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value.slice(start));
  if (!isToken) return value;
  const { exp: _, ...told } = claims;
  return `${value.slice(0, start)}${isValid ? '' : 'invalid '}${JSON.stringify(told)}`;
}
