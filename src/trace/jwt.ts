import type { JsonWebKey } from 'node:crypto';
import type { JwtAuthentication, JwtProvider, JwtRequirement } from '../envoy/api.gen.ts';
import { anyOf, type ClaimDimension, type Formula, textTest } from '../request-space/formula.ts';
import { cryptography } from '../util/crypto.ts';
import { isObject, own, setOwn } from '../util/object.ts';
import type { ExpressionCompiler } from '../util/re2.ts';
import { quoteMeta } from '../util/text.ts';
import { cookiesOf, type HeaderValues, type MessageHeaders, queryKey } from './headers.ts';
import { splitQuery } from './path.ts';
import { AUTHORIZATION, type KnownIssuer, type Recorder, type TokenPlace } from './recording/recorder.ts';
import { cookieDimension } from './recording/route-formulas.ts';
import { AS_SENT } from './recording/scenes.ts';
import { ABSENT, CLAIM, type TextSource } from './recording/source.ts';
import { stringFormula } from './recording/text-formulas.ts';
import { matchesString } from './strings.ts';

/** How the check of tokens ends; everything but `ok` is the text that Envoy answers with. */
export type JwtStatus = 'ok' | (string & {});

const MISSING = 'Jwt is missing';
const UNKNOWN_ISSUER = 'Jwt issuer is not configured';
const AUDIENCE = 'Audiences in Jwt are not allowed';
const CLOCK_SKEW = 60;

/** What the check needs beside the request. */
export interface JwtContext {
  readonly headers: HeaderValues;
  /** Hears what is asked of claims; the token as a whole is told before. */
  readonly recorder?: Recorder | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Tokens whose signature counts as valid. */
  readonly trustedTokens: readonly string[];
  readonly compile: ExpressionCompiler;
}

/** The result of a check, and what accepted tokens leave for later filters. */
export interface JwtResult {
  readonly status: JwtStatus;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The accepted token's provider and payload. */
  readonly accepted: readonly Accepted[];
  /** A provider asks to choose the route anew. */
  readonly clearsRoute: boolean;
}

interface Accepted {
  readonly providerName: string;
  readonly provider: JwtProvider;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly token: Found;
}

/** A token, and where in the request it stands. */
interface Found {
  readonly text: string;
  readonly place: { readonly kind: 'header' | 'parameter' | 'cookie'; readonly name: string };
}

/**
 * Checks a requirement. As Envoy source/extensions/filters/http/jwt_authn (verifier.cc, authenticator.cc, extractor.cc): of
 * alternatives one must hold, and of their errors the last one that says more than "missing" is the answer.
 */
export function checkJwt(config: JwtAuthentication, requirement: JwtRequirement, context: JwtContext): JwtResult {
  const providers = config.providers ?? {};
  const accepted: Accepted[] = [];
  const status = check(requirement, Object.keys(providers), { ...context, providers, accepted });
  const successes = status === 'ok' ? accepted : [];
  const metadata: Record<string, unknown> = {};
  for (const { provider, payload } of successes) {
    if (provider.payloadInMetadata !== undefined) setOwn(metadata, provider.payloadInMetadata, normalized(provider, payload));
  }
  return {
    status,
    metadata,
    accepted: successes,
    clearsRoute: successes.some(({ provider }) => provider.clearRouteCache === true),
  };
}

interface Checking extends JwtContext {
  readonly providers: Readonly<Record<string, JwtProvider>>;
  readonly accepted: Accepted[];
}

/** `siblings`: the providers whose tokens a requirement that allows missing ones looks for. */
function check(requirement: JwtRequirement, siblings: readonly string[], checking: Checking): JwtStatus {
  const { providerName, providerAndAudiences, requiresAny, requiresAll } = requirement;
  if (providerName !== undefined) return checkProvider(providerName, undefined, checking);
  if (providerAndAudiences !== undefined) {
    return checkProvider(providerAndAudiences.providerName ?? '', providerAndAudiences.audiences, checking);
  }
  if (requiresAny !== undefined) return checkAny(requiresAny.requirements ?? [], siblings, checking);
  if (requiresAll !== undefined) {
    for (const inner of requiresAll.requirements ?? []) {
      const status = check(inner, siblings, checking);
      if (status !== 'ok') return status;
    }
    return 'ok';
  }
  if (requirement.allowMissing !== undefined) return checkTokens(siblings, checking);
  if (requirement.allowMissingOrFailed !== undefined) {
    checkTokens(siblings, checking);
    return 'ok';
  }
  return 'ok';
}

function checkAny(requirements: readonly JwtRequirement[], outer: readonly string[], checking: Checking): JwtStatus {
  const named = requirements.flatMap(({ providerName, providerAndAudiences }) => {
    const name = providerName ?? providerAndAudiences?.providerName;
    return name === undefined ? [] : [name];
  });
  const siblings = named.length === 0 ? outer : named;
  let answer: JwtStatus = MISSING;
  for (const inner of requirements) {
    const status = check(inner, siblings, checking);
    if (status === 'ok') return 'ok';
    const saysLittle = status === MISSING || (status === UNKNOWN_ISSUER && answer !== MISSING);
    if (!saysLittle) answer = status;
  }
  return answer;
}

function checkProvider(name: string, audiences: readonly string[] | undefined, checking: Checking): JwtStatus {
  const provider = own(checking.providers, name);
  if (provider === undefined) return UNKNOWN_ISSUER;
  checking.recorder?.tokens(issuerOf(provider));
  const tokens = findTokens(provider, checking.headers);
  if (tokens.length === 0) return MISSING;
  return checkEach(tokens, [[name, audiences === undefined ? provider : { ...provider, audiences }]], checking);
}

/** Any token that is there must be good. */
function checkTokens(names: readonly string[], checking: Checking): JwtStatus {
  const candidates = names.flatMap((name) => {
    const provider = own(checking.providers, name);
    return provider === undefined ? [] : [[name, provider] as const];
  });
  for (const [, provider] of candidates) checking.recorder?.tokens(issuerOf(provider));
  const found = new Map<string, { token: Found; of: (readonly [string, JwtProvider])[] }>();
  for (const candidate of candidates) {
    for (const token of findTokens(candidate[1], checking.headers)) {
      const key = JSON.stringify(token);
      const entry = found.get(key) ?? { token, of: [] };
      entry.of.push(candidate);
      found.set(key, entry);
    }
  }
  for (const { token, of } of found.values()) {
    const status = checkEach([token], of, checking);
    if (status !== 'ok') return status;
  }
  return 'ok';
}

function checkEach(
  tokens: readonly Found[],
  providers: readonly (readonly [string, JwtProvider])[],
  checking: Checking,
): JwtStatus {
  for (const token of tokens) {
    const parsed = parseToken(token.text);
    if (typeof parsed === 'string') return parsed;
    const issuer = typeof parsed.payload.iss === 'string' ? parsed.payload.iss : '';
    const match = providers.find(([, provider]) => (provider.issuer ?? '') === '' || provider.issuer === issuer);
    if (match === undefined) return UNKNOWN_ISSUER;
    const [providerName, provider] = match;
    const status = checkToken(token.text, parsed, provider, checking);
    if (status !== 'ok') return status;
    checking.accepted.push({ providerName, provider, payload: parsed.payload, token });
  }
  return 'ok';
}

interface ParsedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signature: string;
  readonly signed: string;
}

/** Reads a token; a text says what is wrong with it. jwt_verify_lib/jwt.cc parseFromString. */
function parseToken(text: string): ParsedToken | string {
  const parts = text.split('.').filter((part) => part !== '');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) return 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections';
  const headerJson = decodePart(header);
  if (headerJson === undefined) return 'Jwt header is an invalid Base64url encoded';
  const headerValue = parseObject(headerJson);
  if (headerValue === undefined) return 'Jwt header is an invalid JSON';
  if (typeof headerValue.alg !== 'string') return 'Jwt header [alg] field is required and must be a string';
  if (!knownAlgorithms.has(headerValue.alg)) return 'Jwt header [alg] is not supported';
  if (headerValue.kid !== undefined && typeof headerValue.kid !== 'string') return 'Jwt header [kid] field is not a string';
  const payloadJson = decodePart(payload);
  if (payloadJson === undefined) return 'Jwt payload is an invalid Base64url encoded';
  const payloadValue = parseObject(payloadJson);
  if (payloadValue === undefined) return 'Jwt payload is an invalid JSON';
  if (decodePart(signature) === undefined) return 'Jwt signature is an invalid Base64url encoded';
  return { header: headerValue, payload: payloadValue, signature, signed: `${header}.${payload}` };
}

function decodePart(text: string): string | undefined {
  if (text === '' || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return Buffer.from(text, 'base64url').toString('utf8');
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const knownAlgorithms: ReadonlySet<string> = new Set(
  ['HS', 'RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((size) => `${family}${size}`)).concat('EdDSA'),
);

function checkToken(
  text: string,
  { header, payload, signature, signed }: ParsedToken,
  provider: JwtProvider,
  context: JwtContext,
): JwtStatus {
  const now = Math.floor(context.now / 1000);
  const skew = provider.clockSkewSeconds ?? CLOCK_SKEW;
  if (typeof payload.nbf === 'number' && payload.nbf > now + skew) return 'Jwt not yet valid';
  if (typeof payload.exp === 'number' && payload.exp + skew < now) return 'Jwt is expired';
  if (provider.requireExpiration === true && payload.exp === undefined) return 'Jwt must have expiration time';
  const audiences = provider.audiences ?? [];
  if (audiences.length > 0) {
    const isAllowed = listOf(payload.aud).some((audience) => audiences.map(trimAudience).includes(trimAudience(audience)));
    noteClaim(
      context,
      payload,
      'aud',
      (claim) => anyOf(audiences.map((audience) => audienceFormula(claim, audience))),
      isAllowed,
    );
    if (!isAllowed) return AUDIENCE;
  }
  const { subjects } = provider;
  if (subjects !== undefined) {
    const isAllowed = typeof payload.sub === 'string' && matchesString(subjects, payload.sub, context.compile);
    noteClaim(context, payload, 'sub', (claim) => stringFormula(claim, subjects), isAllowed);
    if (!isAllowed) return 'Jwt sub not allowed';
  }
  if (context.trustedTokens.includes(text)) return 'ok';
  return checkSignature(header, signed, signature, provider.localJwks?.inlineString);
}

/** The issuer of a provider, and where its tokens stand. In a cookie none is tried, which the recorder is told by its place. */
function issuerOf({ issuer = '', fromHeaders = [], fromParams = [], fromCookies = [] }: JwtProvider): KnownIssuer {
  const isDefault = fromHeaders.length + fromParams.length + fromCookies.length === 0;
  const headers = isDefault ? DEFAULT_HEADERS : fromHeaders;
  const tried: readonly TokenPlace[] = [
    ...headers.map(({ name = '', valuePrefix: prefix = '' }): TokenPlace => {
      return { dimension: { kind: 'header', name: name.toLowerCase() }, prefix };
    }),
    ...(isDefault ? DEFAULT_PARAMETERS : fromParams).map(
      (name): TokenPlace => ({ dimension: { kind: 'query', name }, prefix: '' }),
    ),
  ];
  const places = [...tried, ...fromCookies.map((name) => ({ dimension: cookieDimension(name), prefix: '' }))];
  return { issuer, place: tried[0] ?? AUTHORIZATION, places };
}

/** Where tokens stand unless a provider says otherwise. */
const DEFAULT_HEADERS = [{ name: 'Authorization', valuePrefix: 'Bearer ' }] as const;
const DEFAULT_PARAMETERS = ['access_token'] as const;

/** Whose token it is, as whoever records names it. */
export function issuerIn({ chosen }: Recorder, { iss }: Readonly<Record<string, unknown>>): string {
  return chosen.token?.issuer ?? (typeof iss === 'string' ? iss : '');
}

/** Tells the recorder what was asked of a claim. */
function noteClaim(
  { recorder }: JwtContext,
  payload: Readonly<Record<string, unknown>>,
  name: string,
  formulaOf: (claim: ClaimDimension) => Formula,
  isTrue: boolean,
): void {
  if (recorder === undefined) return;
  recorder.holds(formulaOf({ kind: 'claim', issuer: issuerIn(recorder, payload), path: [name] }), isTrue, AS_SENT);
}

/** As `trimAudience`. */
function audienceFormula(claim: ClaimDimension, audience: string): Formula {
  return textTest(claim, { kind: 'regex', expression: `(?:https?://)?${quoteMeta(trimAudience(audience))}/?` });
}

/** Audiences are compared without scheme and trailing slash. */
function trimAudience(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

function checkSignature(
  { alg, kid }: Readonly<Record<string, unknown>>,
  signed: string,
  signature: string,
  jwks: string | undefined,
): JwtStatus {
  const keys = parseObject(jwks ?? '')?.keys;
  if (!Array.isArray(keys) || keys.length === 0) return 'Jwks remote fetch is failed';
  const fitting = keys.filter(isObject).filter((key) => {
    const isSameKey = typeof kid !== 'string' || key.kid === undefined || key.kid === kid;
    return isSameKey && (key.alg === undefined || key.alg === alg) && key.kty === own(keyTypes, String(alg).slice(0, 2));
  });
  if (fitting.length === 0) return "Jwks doesn't have key to match kid or alg from Jwt";
  const isValid = fitting.some((key) => verifyWith(key, String(alg), signed, Buffer.from(signature, 'base64url')));
  return isValid ? 'ok' : 'Jwt verification fails';
}

const keyTypes: Readonly<Record<string, string>> = { RS: 'RSA', PS: 'RSA', ES: 'EC', HS: 'oct', Ed: 'OKP' };

function verifyWith(key: Readonly<Record<string, unknown>>, alg: string, signed: string, signature: Buffer): boolean {
  try {
    const publicKey = cryptography().createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    const digest = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
    const options = alg.startsWith('PS')
      ? { key: publicKey, padding: RSA_PSS_PADDING, saltLength: Number(alg.slice(2)) / 8 }
      : alg.startsWith('ES')
        ? { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
        : { key: publicKey };
    return cryptography().verify(digest, Buffer.from(signed), options, signature);
  } catch {
    // A key that cannot be read verifies nothing.
    return false;
  }
}

/** OpenSSL's number of the padding. */
const RSA_PSS_PADDING = 6;

/** The tokens that a request carries where a provider looks for them. */
function findTokens(provider: JwtProvider, headers: HeaderValues): readonly Found[] {
  const { fromHeaders = [], fromParams = [], fromCookies = [] } = provider;
  const isDefault = fromHeaders.length + fromParams.length + fromCookies.length === 0;
  const places = isDefault ? DEFAULT_HEADERS : fromHeaders;
  const found: Found[] = [];
  for (const { name = '', valuePrefix = '' } of places) {
    const value = headers.get(name);
    if (value === undefined) continue;
    const at = value.indexOf(valuePrefix);
    if (at === -1) continue;
    const text = valuePrefix === '' ? value : (/\S+/.exec(value.slice(at + valuePrefix.length))?.[0] ?? '');
    if (text !== '') found.push({ text, place: { kind: 'header', name } });
  }
  const parameters = new URLSearchParams(splitQuery(headers.get(':path') ?? '')[1]);
  for (const name of isDefault ? DEFAULT_PARAMETERS : fromParams) {
    const text = parameters.get(name);
    if (text !== null && text !== '') found.push({ text, place: { kind: 'parameter', name } });
  }
  const cookies = cookiesOf(headers.get('cookie') ?? '');
  for (const name of fromCookies) {
    const text = cookies.get(name);
    if (text !== undefined && text !== '') found.push({ text, place: { kind: 'cookie', name } });
  }
  return found;
}

/** Claims that hold several words become lists, as providers ask for. */
function normalized(provider: JwtProvider, payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...payload };
  for (const claim of provider.normalizePayloadInMetadata?.spaceDelimitedClaims ?? []) {
    const value = own(payload, claim);
    if (typeof value === 'string')
      setOwn(
        out,
        claim,
        value.split(' ').filter((word) => word !== ''),
      );
  }
  return out;
}

/** Headers that only accepted tokens may set. */
export function claimHeadersOf(provider: JwtProvider): string[] {
  const names = (provider.claimToHeaders ?? []).map(({ headerName }) => headerName ?? '');
  return provider.forwardPayloadHeader === undefined ? names : [...names, provider.forwardPayloadHeader];
}

/** Puts what accepted tokens say into headers, and takes away tokens that are not passed on. */
export function applyAccepted(accepted: JwtResult['accepted'], headers: MessageHeaders, recorder?: Recorder): void {
  for (const { provider, payload, token } of accepted) {
    for (const { claimName = '', headerName = '' } of provider.claimToHeaders ?? []) {
      const value = claimText(claimName, payload);
      if (value !== undefined) headers.set(headerName, value, recorder && claimSource(recorder, payload, claimName, value));
      else if (recorder !== undefined)
        headers.note(headerName.toLowerCase(), claimSource(recorder, payload, claimName, undefined));
    }
    if (provider.forwardPayloadHeader !== undefined) {
      const encoded = token.text.split('.')[1] ?? '';
      const padding = provider.padForwardPayloadHeader === true ? '='.repeat((4 - (encoded.length % 4)) % 4) : '';
      const text = `${encoded}${padding}`;
      headers.set(
        provider.forwardPayloadHeader,
        text,
        recorder && { kind: 'made', by: 'payload of the token', of: [], value: text },
      );
    }
    if (provider.forward !== true) removeToken(token, headers);
  }
}

/** Where a header comes from that says what a claim says: lists and objects are written in another form. */
function claimSource(
  recorder: Recorder,
  payload: Readonly<Record<string, unknown>>,
  name: string,
  value: string | undefined,
): TextSource {
  const dimension: ClaimDimension = { kind: 'claim', issuer: issuerIn(recorder, payload), path: name.split('.') };
  return { kind: 'made', by: CLAIM, of: [{ kind: 'request', dimension }], value };
}

function claimText(name: string, payload: Readonly<Record<string, unknown>>): string | undefined {
  let value: unknown = payload;
  for (const part of name.split('.')) value = isObject(value) ? own(value, part) : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) || isObject(value) ? Buffer.from(JSON.stringify(value)).toString('base64') : undefined;
}

function removeToken({ place, text }: Found, headers: MessageHeaders): void {
  if (place.kind === 'header') headers.remove(place.name);
  if (place.kind === 'parameter') {
    const [bare, query] = splitQuery(headers.told(':path') ?? '');
    const kept = query
      .slice(1)
      .split('&')
      .filter((part) => part !== `${place.name}=${text}`);
    headers.set(':path', kept.length === 0 ? bare : `${bare}?${kept.join('&')}`, headers.recorder && headers.sourceOf(':path'));
    headers.note(queryKey(place.name), ABSENT);
  }
}
