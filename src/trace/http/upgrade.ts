import { allOf, type Formula, textTest } from '../../request-space/formula.ts';
import type { HeaderValues, MessageHeaders } from '../headers.ts';
import { METHOD } from '../recording/parts.ts';
import type { Response } from './exchange.ts';
import { actionOf, type Exchange } from './exchange.ts';

/** Whether a request wants its connection to become another. Envoy Utility::isUpgrade. */
export function wantsUpgrade(headers: MessageHeaders): boolean {
  return headers.decide(
    () => WANTS_UPGRADE,
    (values) => upgradeIn(values) !== undefined,
  );
}

const UPGRADE = { kind: 'header', name: 'upgrade' } as const;
const WANTS_UPGRADE: Formula = allOf([
  textTest({ kind: 'header', name: 'connection' }, { kind: 'regex', expression: '(?is)(?:.*,)?\\s*upgrade\\s*(?:,.*)?' }),
  textTest(UPGRADE, { kind: 'present' }),
]);

/** Whether a request asks for a tunnel. */
export function isConnect(headers: MessageHeaders): boolean {
  return headers.decide(
    () => textTest(METHOD, { kind: 'exact', text: 'CONNECT' }),
    (values) => values.get(':method') === 'CONNECT',
  );
}

/** What a request wants its connection to become (`websocket`); undefined where it wants nothing. */
function upgradeIn(headers: HeaderValues): string | undefined {
  const tokens = (headers.get('connection') ?? '').toLowerCase().split(',');
  return tokens.some((token) => token.trim() === 'upgrade') ? headers.get('upgrade')?.toLowerCase() : undefined;
}

/**
 * Whether a connection manager, or the route, lets the request change the protocol of its connection. CONNECT counts as an upgrade of its
 * own, where a route takes it. Envoy source/extensions/filters/network/http_connection_manager/config.cc createUpgradeFilterChain.
 */
export function allowsUpgrade(exchange: Exchange): boolean {
  const { headers, manager, selection } = exchange;
  const isTunnel = isConnect(headers);
  if (isTunnel && selection === undefined) return true;
  const isUpgrade = wantsUpgrade(headers);
  if (!isUpgrade && !isTunnel) return true;
  const isWanted = ({ upgradeType = '' }: { readonly upgradeType?: string }): boolean =>
    isUpgrade
      ? headers.decide(
          () => textTest(UPGRADE, { kind: 'exact', text: upgradeType, ignoringCase: true }),
          (values) => values.get('upgrade')?.toLowerCase() === upgradeType.toLowerCase(),
        )
      : upgradeType.toLowerCase() === 'connect';
  const ofRoute = (actionOf(exchange)?.upgradeConfigs ?? []).find(isWanted);
  const ofManager = (manager.upgradeConfigs ?? []).find(isWanted);
  return (ofRoute ?? ofManager ?? { enabled: false }).enabled ?? true;
}

/** The answer to an upgrade that the server did not make: it has no body, and the connection ends. */
export function withoutUpgrade(exchange: Exchange, response: Response): Response {
  if (exchange.details !== 'via_upstream' || response.status === 101 || !wantsUpgrade(exchange.headers)) return response;
  exchange.details = 'websocket_handshake_unsuccessful';
  response.headers.remove('content-type');
  response.headers.set('content-length', '0');
  return { ...response, body: '' };
}
