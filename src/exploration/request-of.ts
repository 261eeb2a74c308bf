import { CLIENT_SUBJECT } from '../request-space/dimensions.ts';
import type { TextDimension } from '../request-space/formula.ts';
import type { PartValue } from '../request-space/variables.ts';
import type { TraceRequest } from '../trace/outcome.ts';
import { AUTHORIZATION, type CarriedToken, type Chosen, type KnownIssuer } from '../trace/recording/recorder.ts';
import { STRANGER } from '../trace/strangers.ts';
import { tokenText } from '../util/json-web-token.ts';
import { compact, setOwnAt } from '../util/object.ts';
import type { OpenRequest } from './open-request.ts';

/** A token as a request carries it, for people. */
export interface WitnessToken extends CarriedToken {
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A request that stands for others. */
export interface Witness {
  readonly request: TraceRequest;
  readonly chosen: Chosen;
  readonly token: WitnessToken | undefined;
}

/** Stands for all issuers that no proxy knows. */
export const OTHER_ISSUER = 'https://issuer.invalid';

/** The end of the year 9999. */
const FAR_AWAY = 253_402_300_799;

/** The request whose parts have these values; undefined where there is none, since a claim that is one text has several. */
export function requestOf(open: OpenRequest, values: readonly PartValue[], issuers: readonly KnownIssuer[]): Witness | undefined {
  const token = tokenIn(values);
  if (token === 'impossible') return undefined;
  const text = (kind: TextDimension['kind']): string | undefined | null => {
    const found = values.find((value) => value.kind === 'text' && value.dimension.kind === kind);
    return found?.kind === 'text' ? found.text : null;
  };
  const named = (kind: 'header' | 'query'): [string, string][] =>
    values.flatMap((value): [string, string][] =>
      value.kind === 'text' && value.dimension.kind === kind && value.text !== undefined
        ? [[value.dimension.name, value.text]]
        : [],
    );
  const address = values.find((value) => value.kind === 'address' && value.dimension.kind === 'sourceAddress');
  const sourceIp = address?.kind === 'address' ? address.address : STRANGER;
  const place = issuers.find(({ issuer }) => issuer === token?.issuer)?.place ?? AUTHORIZATION;
  const carried = token === undefined ? undefined : tokenText(token.claims, 'eA');
  const [headers, query] = [named('header'), named('query')];
  if (carried !== undefined && place.dimension.kind === 'query') query.push([place.dimension.name, carried]);
  if (carried !== undefined && place.dimension.kind === 'header')
    headers.push([place.dimension.name, `${place.prefix}${carried}`]);
  const [path, serverName] = [text('path') ?? '/', text('serverName')];
  const { from, address: to, entersAt, isWithoutNodes, scheme, speaks, clientCertificate, applicationProtocols } = open;
  const asked = serverName === null ? open.serverName : serverName;
  const isSecured = scheme === 'https' || scheme === 'tls';
  return {
    request: {
      ...compact({
        from,
        address: to,
        entersAt,
        isWithoutNodes,
        scheme,
        speaks,
        clientCertificate: clientCertificate ?? certificateOf(values),
        applicationProtocols,
        serverName: asked,
      }),
      ...(open.isFromAnyAddress && { sourceIp }),
      ...(carried !== undefined && token?.isValid === true && { trustedTokens: [carried] }),
      method: text('method') ?? 'GET',
      target: `${path}${query.length === 0 ? '' : `?${query.map(([name, value]) => `${name}=${value}`).join('&')}`}`,
      authority: text('authority') ?? open.authority,
      headers,
      isBrief: true,
    },
    chosen: {
      address: open.isFromAnyAddress ? sourceIp : undefined,
      serverName: open.isForAnyServerName ? (asked ?? '') : undefined,
      ...(isSecured && clientCertificate === undefined && { isAnyCertificate: true }),
      token: token && { issuer: token.issuer, isValid: token.isValid },
      issuers,
      isForOneAuthority: open.isForOneAuthority === true,
    },
    token,
  };
}

/** The certificate among some values. */
function certificateOf(values: readonly PartValue[]): TraceRequest['clientCertificate'] {
  const names = values.flatMap((value) => (value.kind === 'claim' && value.dimension.kind === 'certificate' ? value.texts : []));
  return names.length === 0 ? undefined : { subjectAltNames: names.filter((name) => name !== CLIENT_SUBJECT) };
}

/** The token among some values. */
function tokenIn(values: readonly PartValue[]): WitnessToken | 'impossible' | undefined {
  const carried = values.find((value) => value.kind === 'token' && value.is !== 'absent');
  if (carried?.kind !== 'token') return undefined;
  const { issuer } = carried.dimension;
  const claims: Record<string, unknown> = { iss: issuer === '' ? OTHER_ISSUER : issuer, exp: FAR_AWAY };
  for (const value of values) {
    if (value.kind !== 'claim' || value.dimension.kind !== 'claim' || value.dimension.issuer !== issuer) continue;
    const [only, second] = value.texts;
    if (only === undefined) continue;
    if (second !== undefined && isSingle(value.dimension.path)) return 'impossible';
    setOwnAt(claims, value.dimension.path, second === undefined ? only : value.texts);
  }
  return { issuer, isValid: carried.is === 'valid', claims };
}

/** Claims that are one text (RFC 7519). */
function isSingle(path: readonly string[]): boolean {
  return path.length === 1 && ['sub', 'iss', 'azp'].includes(path[0] ?? '');
}
