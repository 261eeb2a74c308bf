import type { HttpConnectionManager } from '../../envoy/api.gen.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import type { AcceptedConnection } from '../accepted.ts';
import { type MessageHeaders, sceneOf } from '../headers.ts';
import { TOLD_CERTIFICATE } from '../recording/parts.ts';
import type { Forwarded } from '../recording/recorder.ts';
import { made, type TextSource } from '../recording/source.ts';
import { rangeFormula } from '../recording/text-formulas.ts';
import type { PeerCertificate } from '../run.ts';
import { inRange } from '../strings.ts';
import { showsIdentity } from '../tls.ts';

/** The address of a client, and where it comes from if a header of the request tells it. */
export interface RemoteAddress {
  readonly remoteIp: string;
  readonly forwarded: Forwarded | undefined;
}

/**
 * What is done to headers before anything looks at them: scheme, forwarded address and protocol, client certificate. Gives
 * the address of the client. Envoy source/common/http/conn_manager_utility.cc mutateRequestHeaders.
 */
export function prepareHeaders(
  accepted: AcceptedConnection,
  manager: HttpConnectionManager,
  headers: MessageHeaders,
): RemoteAddress {
  const { connection, isTls, peer, pod } = accepted;
  const directIp = connection.source.ip;
  const hops = manager.xffNumTrustedHops ?? 0;
  const list = headers.sourceOf('x-forwarded-for');
  const addresses = (headers.told('x-forwarded-for') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const fromHeader = (skip: number): RemoteAddress => {
    const ip = addresses.at(-1 - skip);
    const remoteIp = ip !== undefined && isIpAddress(ip) ? ip : directIp;
    return { remoteIp, forwarded: forwardedBy(list, skip, directIp) };
  };
  const isEdge = manager.useRemoteAddress === true;
  const isInternal = isInternalRequest(headers, list, addresses, directIp, manager);
  if (isEdge) {
    const { watch } = accepted.run.dataPlane;
    watch?.note(isInternal, ({ ip }) => addresses.length === 0 && isInternalAddress(ip(directIp), manager));
  }
  const scheme = isTls ? 'https' : 'http';
  const direct: RemoteAddress = { remoteIp: directIp, forwarded: undefined };
  const remote = isEdge ? (hops > 0 ? fromHeader(hops - 1) : direct) : fromHeader(hops);
  if (isEdge && manager.skipXffAppend !== true) {
    const value = [...addresses, directIp].join(',');
    headers.set('x-forwarded-for', value, headers.recorder && { kind: 'list', of: list, last: directIp, value });
  }
  if (isEdge && hops === 0) headers.set('x-forwarded-proto', scheme);
  else headers.setIfAbsent('x-forwarded-proto', scheme);
  if (isInternal) headers.set('x-envoy-internal', 'true');
  else for (const name of internalHeaders) headers.remove(name);
  if (isEdge && !isInternal) {
    const source = remote.forwarded === undefined ? undefined : made('forwarded address', [list], remote.remoteIp);
    headers.set('x-envoy-external-address', remote.remoteIp, source);
  }
  const protocol = headers.told('x-forwarded-proto') ?? scheme;
  const own = protocol === 'http' || protocol === 'https' ? protocol : scheme;
  headers.set(':scheme', own, made(`scheme or ${scheme}`, [headers.sourceOf('x-forwarded-proto')], own));
  forwardCertificate(manager, headers, peer, showsIdentity(accepted.chain) ? pod.identity : undefined);
  if (manager.generateRequestId !== false) headers.setIfAbsent('x-request-id', REQUEST_ID);
  return remote;
}

/** Where the address at a place of a list comes from, if it is the client that says it. */
function forwardedBy(list: TextSource, skip: number, otherwise: string): Forwarded | undefined {
  if (list.kind === 'list') return skip === 0 ? undefined : forwardedBy(list.of, skip - 1, otherwise);
  return list.kind === 'constant' ? undefined : { list, skip, otherwise };
}

/** Addresses count as internal only where the configuration says so. */
function isInternalRequest(
  headers: MessageHeaders,
  list: TextSource,
  addresses: readonly string[],
  directIp: string,
  manager: HttpConnectionManager,
): boolean {
  const ranges = manager.internalAddressConfig?.cidrRanges ?? [];
  if (ranges.length === 0) return false;
  const scene = { ...sceneOf(headers), address: () => ({ ip: directIp, forwarded: undefined }) };
  if (list.kind !== 'constant') headers.get('x-forwarded-for');
  for (const range of ranges) headers.recorder?.holds(rangeFormula('sourceAddress', range), inRange(range, directIp), scene);
  if (manager.useRemoteAddress === true) return addresses.length === 0 && isInternalAddress(directIp, manager);
  return addresses.length === 1 && isInternalAddress(addresses[0] ?? '', manager);
}

function isInternalAddress(ip: string, { internalAddressConfig }: HttpConnectionManager): boolean {
  return (internalAddressConfig?.cidrRanges ?? []).some((range) => inRange(range, ip));
}

/** What only requests from inside may tell Envoy to do. */
const internalHeaders: readonly string[] = [
  'x-envoy-internal',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-max-retries',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
];

/** A request id of a simulation: any will do. */
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

function forwardCertificate(
  manager: HttpConnectionManager,
  headers: MessageHeaders,
  peer: PeerCertificate | undefined,
  own: string | undefined,
): void {
  const mode = manager.forwardClientCertDetails ?? 'SANITIZE';
  const { subject, cert, dns, uri } = manager.setCurrentClientCertDetails ?? {};
  const isKept = mode === 'ALWAYS_FORWARD_ONLY' || (mode === 'FORWARD_ONLY' && peer !== undefined);
  if (isKept || peer?.source !== undefined) {
    const config = isKept ? 'as the client says' : JSON.stringify([mode, own, subject, cert, dns, uri]);
    headers.recorder?.assume({ kind: 'unseen', what: TOLD_CERTIFICATE, config });
  }
  if (isKept) return;
  if (mode === 'SANITIZE' || peer === undefined) {
    headers.remove('x-forwarded-client-cert');
    return;
  }
  const { uris, dnsNames } = peer;
  const value = [
    ...(own === undefined ? [] : [`By=${own}`]),
    `Hash=${'0'.repeat(64)}`,
    // Its beginning alone is known.
    ...(cert === true ? ['Cert="-----BEGIN%20CERTIFICATE-----"'] : []),
    ...(subject === true ? [`Subject="${peer.subject ?? ''}"`] : []),
    ...(uri === true ? (uris.length === 0 ? [''] : uris).map((name) => `URI=${name}`) : []),
    ...(dns === true ? dnsNames.map((name) => `DNS=${name}`) : []),
  ].join(';');
  // Of a certificate that may be any, which details are told.
  const details = peer.source && made(`certificate ${JSON.stringify([own, subject, cert, dns, uri])}`, [peer.source], value);
  if (mode !== 'APPEND_FORWARD') {
    headers.set('x-forwarded-client-cert', value, details);
    return;
  }
  const before = headers.told('x-forwarded-client-cert');
  const all = before === undefined ? value : `${before},${value}`;
  const given = headers.sourceOf('x-forwarded-client-cert');
  const source = details === undefined ? made(`with ${value}`, [given], all) : made('with', [given, details], all);
  headers.set('x-forwarded-client-cert', all, source);
}
