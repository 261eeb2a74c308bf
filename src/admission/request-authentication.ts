import type { JWTRule } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { parseUrl } from '../util/url.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import { strictHeaderProblem } from './headers.ts';
import { readKeySet } from './key-set.ts';
import { checkDuration } from './numbers.ts';
import { checkAttachment } from './references.ts';

/** A RequestAuthentication; istio pkg/config/validation/validation.go ValidateRequestAuthentication. */
export function* checkRequestAuthentication({ spec }: ResourceOf<'RequestAuthentication'>, behaviours: Behaviours): Findings {
  yield* checkAttachment(spec);
  for (const [index, rule] of (spec.jwtRules ?? []).entries()) yield* checkRule(['spec', 'jwtRules', index], rule, behaviours);
}

function* checkRule(path: Path, rule: JWTRule, behaviours: Behaviours): Findings {
  const { audiences = [], issuer = '', jwksUri = '', jwks = '', fromHeaders = [], fromParams = [], fromCookies = [] } = rule;
  for (const [index, audience] of audiences.entries())
    if (audience === '') yield error([...path, 'audiences', index], 'audience must be non-empty string');
  if (issuer === '' && jwksUri === '') yield error(path, 'issuer or jwksUri must be non-empty string');
  if (jwksUri !== '') yield* errorIf([...path, 'jwksUri'], keyAddressProblem(jwksUri));
  if (jwks !== '') yield* checkKeys([...path, 'jwks'], jwks, behaviours);
  for (const [index, { name = '' }] of fromHeaders.entries())
    if (name === '') yield error([...path, 'fromHeaders', index, 'name'], 'location header name must be non-empty string');
  for (const [index, parameter] of fromParams.entries())
    if (parameter === '') yield error([...path, 'fromParams', index], 'location query must be non-empty string');
  for (const [index, cookie] of fromCookies.entries())
    if (cookie === '') yield error([...path, 'fromCookies', index], 'cookie name must be non-empty string');
  for (const [index, { claim = '', header = '' }] of (rule.outputClaimToHeaders ?? []).entries()) {
    const at = [...path, 'outputClaimToHeaders', index];
    if (claim === '' || header === '') yield error(at, 'outputClaimToHeaders header and claim value must be non-empty string');
    else yield* errorIf([...at, 'header'], strictHeaderProblem(header));
  }
  yield* checkDuration([...path, 'timeout'], rule.timeout);
}

/** What is wrong with the address of keys; istio pkg/config/security ParseJwksURI. */
function keyAddressProblem(address: string): string | undefined {
  const url = parseUrl(address);
  if (url === undefined) return `parse ${quote(address)}: ${urlProblem(address)}`;
  if (url.scheme === 'http' || url.scheme === 'https') return undefined;
  return `URI scheme ${quote(url.scheme)} is not supported`;
}

/** Why Go's net/url refuses a URL, as far as it is worth telling apart. */
function urlProblem(url: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what makes the URL invalid
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(url)?.[0];
  if (escape !== undefined) return `invalid URL escape ${quote(escape)}`;
  const [, authority] = /^[^:]*:\/\/([^/?#]*)/.exec(url) ?? [];
  if (authority === undefined) return 'first path segment in URL cannot contain colon';
  const port = /:[^:]*$/.exec(authority)?.[0] ?? '';
  return /^(:\d*)?$/.test(port) ? 'invalid character in host name' : `invalid port ${quote(port)} after host`;
}

/** Keys that stand in the resource itself; of private ones Istio warns. */
function* checkKeys(path: Path, text: string, { warnsOfPrivateKeySets }: Behaviours): Findings {
  const { problem, keys } = readKeySet(text);
  if (problem !== undefined) {
    yield error(path, `jwks parse error: ${problem}`);
    return;
  }
  for (const [index, key] of keys.entries())
    if (warnsOfPrivateKeySets && key.isPrivate) {
      const consequence = 'only public keys are used for verification';
      yield warning(path, `jwks key at index ${index} contains private key material; ${consequence}`);
    }
}
