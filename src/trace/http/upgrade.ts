import type { MessageHeaders } from '../headers.ts';
import type { Response } from './exchange.ts';
import { actionOf, type Exchange } from './exchange.ts';

/** What a request wants its connection to become (`websocket`); undefined where it wants nothing. Envoy Utility::isUpgrade. */
export function upgradeOf(headers: MessageHeaders): string | undefined {
  const tokens = (headers.get('connection') ?? '').toLowerCase().split(',');
  return tokens.some((token) => token.trim() === 'upgrade') ? headers.get('upgrade')?.toLowerCase() : undefined;
}

/**
 * Whether a connection manager, or the route, lets the request change the protocol of its connection. CONNECT counts as an upgrade of its
 * own, where a route takes it. Envoy source/extensions/filters/network/http_connection_manager/config.cc createUpgradeFilterChain.
 */
export function allowsUpgrade(exchange: Exchange): boolean {
  const { headers, manager, selection } = exchange;
  const isConnect = headers.get(':method') === 'CONNECT';
  if (isConnect && selection === undefined) return true;
  const wanted = upgradeOf(headers) ?? (isConnect ? 'connect' : undefined);
  if (wanted === undefined) return true;
  const isWanted = ({ upgradeType = '' }: { readonly upgradeType?: string }): boolean => upgradeType.toLowerCase() === wanted;
  const ofRoute = (actionOf(exchange)?.upgradeConfigs ?? []).find(isWanted);
  const ofManager = (manager.upgradeConfigs ?? []).find(isWanted);
  return (ofRoute ?? ofManager ?? { enabled: false }).enabled ?? true;
}

/** The answer to an upgrade that the server did not make: it has no body, and the connection ends. */
export function withoutUpgrade(exchange: Exchange, response: Response): Response {
  if (exchange.details !== 'via_upstream' || response.status === 101 || upgradeOf(exchange.headers) === undefined)
    return response;
  exchange.details = 'websocket_handshake_unsuccessful';
  response.headers.remove('content-type');
  response.headers.set('content-length', '0');
  return { ...response, body: '' };
}
