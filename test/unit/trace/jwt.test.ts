import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JwtAuthentication, JwtProvider } from '../../../src/envoy/api.gen.ts';
import { createHeaders } from '../../../src/trace/headers.ts';
import { applyAccepted, checkJwt } from '../../../src/trace/jwt.ts';
import { compileExpression } from '../../../src/util/re2.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] };
const NOW = Date.UTC(2026, 0, 1);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(claims: object, { kid = 'k1', key = privateKey } = {}): string {
  const signed = `${encode({ alg: 'RS256', kid })}.${encode({ iss: 'https://id.example', exp: NOW / 1000 + 60, ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function check(headers: Record<string, string>, provider: JwtProvider = {}, required = false) {
  const config: JwtAuthentication = {
    providers: {
      p: {
        issuer: 'https://id.example',
        localJwks: { inlineString: JSON.stringify(jwks) },
        payloadInMetadata: 'payload',
        ...provider,
      },
    },
  };
  const requirement = required
    ? { providerName: 'p' }
    : { requiresAny: { requirements: [{ providerName: 'p' }, { allowMissing: {} }] } };
  return checkJwt(config, requirement, {
    headers: createHeaders(Object.entries({ ':path': '/', ...headers })),
    now: NOW,
    compile: compileExpression,
    trustedTokens: [],
  });
}

describe('tokens', () => {
  test('a signed token is accepted and its claims are kept', () => {
    const result = check(
      { authorization: `Bearer ${token({ sub: 'me', scope: 'a b' })}` },
      { normalizePayloadInMetadata: { spaceDelimitedClaims: ['scope'] } },
    );
    expect(result.status).toBe('ok');
    expect(result.metadata).toMatchObject({ payload: { sub: 'me', scope: ['a', 'b'] } });
  });

  const refusals: readonly [string, string, string][] = [
    ['not a token', 'nonsense', 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
    ['expired', token({ exp: NOW / 1000 - 61 }), 'Jwt is expired'],
    ['not valid yet', token({ nbf: NOW / 1000 + 61 }), 'Jwt not yet valid'],
    ['of another issuer', token({ iss: 'https://other.example' }), 'Jwt issuer is not configured'],
    ['of another key', token({}, { kid: 'k2' }), "Jwks doesn't have key to match kid or alg from Jwt"],
    [
      'signed by somebody else',
      token({}, { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
      'Jwt verification fails',
    ],
  ];
  test.each(refusals)('%s', (_, text, status) => {
    expect(check({ authorization: `Bearer ${text}` }).status).toBe(status);
  });

  test('a missing token is refused only where one is demanded', () => {
    expect(check({}).status).toBe('ok');
    expect(check({}, {}, true).status).toBe('Jwt is missing');
  });

  test('audiences are compared without scheme and last slash', () => {
    expect(
      check({ authorization: `Bearer ${token({ aud: 'https://api.example/' })}` }, { audiences: ['api.example'] }).status,
    ).toBe('ok');
    expect(check({ authorization: `Bearer ${token({ aud: 'other' })}` }, { audiences: ['api.example'] }).status).toBe(
      'Audiences in Jwt are not allowed',
    );
  });

  test('a provider looks only where it is told to', () => {
    const provider = { fromHeaders: [{ name: 'x-token', valuePrefix: 'Token ' }], fromCookies: ['session'], fromParams: ['t'] };
    expect(check({ authorization: 'Bearer nonsense' }, provider).status).toBe('ok');
    expect(check({ 'x-token': 'Token nonsense' }, provider).status).not.toBe('ok');
    expect(check({ cookie: 'a=b; session=nonsense' }, provider).status).not.toBe('ok');
    expect(check({ ':path': '/?t=nonsense' }, provider).status).not.toBe('ok');
  });

  test('an accepted token is taken away unless it is forwarded, and claims become headers', () => {
    const text = token({ sub: 'me', org: { id: 7 } });
    const provider = {
      claimToHeaders: [
        { claimName: 'sub', headerName: 'x-user' },
        { claimName: 'org.id', headerName: 'x-org' },
      ],
    };
    const result = check({ authorization: `Bearer ${text}` }, provider);
    const headers = createHeaders([['authorization', `Bearer ${text}`]]);
    applyAccepted(result.accepted, headers);
    expect(headers.entries()).toEqual([
      ['x-user', 'me'],
      ['x-org', '7'],
    ]);
  });
});
