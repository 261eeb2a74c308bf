import { describe, expect, test } from 'vitest';
import type { JWTRule } from '../../../../src/api/istio.gen.ts';
import { isAny } from '../../../../src/envoy/any.ts';
import type { JwtAuthentication, JwtProvider } from '../../../../src/envoy/api.gen.ts';
import { buildServiceRegistry } from '../../../../src/model/registry/services.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildJwtFilter, jwtNotes } from '../../../../src/translate/security/jwt.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';
import { securityResource } from '../../../support/security-resource.ts';

const registry = buildServiceRegistry(
  resourcesOfYaml(`
apiVersion: v1
kind: Service
metadata: {name: keys, namespace: shop}
spec: {selector: {app: keys}, ports: [{name: http, port: 80}]}
`),
  {},
);
const mesh = { registry, release: defaultRelease };
const meshFetching = (jwtEnableRemoteJwks: 'hybrid' | 'envoy') => ({
  registry,
  release: { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, jwtEnableRemoteJwks } },
});

function policies(...jwtRules: JWTRule[]) {
  return [securityResource('RequestAuthentication', 'bookinfo/jwt', { jwtRules })];
}

function config(clearRouteCache: boolean, ...rules: JWTRule[]): JwtAuthentication | undefined {
  const typedConfig = buildJwtFilter(mesh, policies(...rules), clearRouteCache)?.typedConfig;
  const type = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
  return isAny(typedConfig, type) ? typedConfig : undefined;
}

/** The only provider of a rule. */
function provider(clearRouteCache: boolean, given: JWTRule): JwtProvider | undefined {
  return config(clearRouteCache, given)?.providers?.['origins-0'];
}

const rule: JWTRule = { issuer: 'a', jwks: '{"keys":[]}' };
const orMissing = (providerName: string): object => ({ requiresAny: { requirements: [{ providerName }, { allowMissing: {} }] } });

describe('the JWT filter', () => {
  test('is absent where no rule applies', () => {
    expect(buildJwtFilter(mesh, policies(), false)).toBeUndefined();
    expect(buildJwtFilter(mesh, [], false)).toBeUndefined();
  });

  test('lets requests without token pass', () => {
    expect(config(false, rule)).toMatchObject({
      rules: [{ match: { prefix: '/' }, requires: orMissing('origins-0') }],
      bypassCorsPreflight: true,
    });
  });

  test('of several rules wants a token of any, or every token present valid, in the order of issuers', () => {
    const built = config(false, { ...rule, issuer: 'b' }, rule);
    expect(built?.providers?.['origins-0']?.issuer).toBe('a');
    expect(built?.rules?.[0]?.requires).toEqual({
      requiresAny: {
        requirements: [
          { providerName: 'origins-0' },
          { providerName: 'origins-1' },
          { requiresAll: { requirements: [orMissing('origins-0'), orMissing('origins-1')] } },
        ],
      },
    });
  });

  test('remembers the rules that made it', () => {
    const built = config(false, { ...rule, issuer: 'b' }, rule);
    expect(originOf(built)).toMatchObject({ resource: { kind: 'RequestAuthentication' }, path: ['spec', 'jwtRules'] });
    expect(originOf(built?.providers?.['origins-1'])?.path).toEqual(['spec', 'jwtRules', 0]);
  });

  test('has no more in a provider than the rule says', () => {
    expect(JSON.parse(JSON.stringify(provider(false, rule)))).toEqual({
      issuer: 'a',
      localJwks: { inlineString: '{"keys":[]}' },
      payloadInMetadata: 'payload',
      normalizePayloadInMetadata: { spaceDelimitedClaims: ['permission', 'scope'] },
    });
  });

  test('takes all fields of a rule', () => {
    const full: JWTRule = {
      ...rule,
      audiences: ['shop'],
      fromHeaders: [{ name: 'x-token', prefix: 'Bearer ' }, { name: 'x-plain' }],
      fromParams: ['token'],
      fromCookies: ['session'],
      outputPayloadToHeader: 'x-payload',
      forwardOriginalToken: true,
      outputClaimToHeaders: [{ header: 'x-sub', claim: 'sub' }],
      spaceDelimitedClaims: ['roles', 'scope'],
    };
    expect(provider(false, full)).toMatchObject({
      audiences: ['shop'],
      fromHeaders: [{ name: 'x-token', valuePrefix: 'Bearer ' }, { name: 'x-plain' }],
      fromParams: ['token'],
      fromCookies: ['session'],
      forwardPayloadHeader: 'x-payload',
      forward: true,
      claimToHeaders: [{ headerName: 'x-sub', claimName: 'sub' }],
      normalizePayloadInMetadata: { spaceDelimitedClaims: ['permission', 'roles', 'scope'] },
    });
  });

  test('lets claims decide the route on gateways', () => {
    expect(provider(true, rule)?.clearRouteCache).toBe(true);
  });

  test('prefers inline keys to a URI, and has a key of nobody for keys that must be fetched, which is told', () => {
    const fetched: JWTRule = { issuer: 'a', jwksUri: 'https://issuer.example/keys' };
    const keys = JSON.parse(provider(false, fetched)?.localJwks?.inlineString ?? '').keys;
    expect(keys).toMatchObject([{ kty: 'RSA', e: 'AQAB' }]);
    expect(provider(false, { ...fetched, jwks: 'mine' })?.localJwks).toEqual({ inlineString: 'mine' });
    expect(jwtNotes(mesh, policies(rule, fetched))).toMatchObject([{ kind: 'unreachable-keys', path: ['spec', 'jwtRules', 1] }]);
  });

  describe('whose keys proxies fetch', () => {
    const host = 'keys.shop.svc.cluster.local';
    const remote = (mode: 'hybrid' | 'envoy', more: JWTRule) => {
      const filter = buildJwtFilter(meshFetching(mode), policies({ issuer: 'a', ...more }), false);
      const type = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
      return isAny(filter?.typedConfig, type) ? filter?.typedConfig.providers?.['origins-0'] : undefined;
    };

    test('names the cluster of the service in the URI, and keys written beside it do not count', () => {
      const built = remote('envoy', { jwksUri: `http://${host}:80/jwks`, jwks: 'mine', timeout: '2s' });
      expect(built?.localJwks).toBeUndefined();
      expect(built?.remoteJwks).toEqual({
        httpUri: { uri: `http://${host}:80/jwks`, cluster: `outbound|80||${host}`, timeout: '2s' },
        cacheDuration: '300s',
      });
      expect(remote('hybrid', { jwksUri: `https://${host}/jwks` })?.remoteJwks?.httpUri?.cluster).toBe(`outbound|443||${host}`);
    });

    test('has a cluster that nobody has for a server that the mesh does not know, or leaves it to istiod', () => {
      const jwksUri = 'https://user@issuer.example:8443/keys';
      expect(remote('envoy', { jwksUri })?.remoteJwks?.httpUri?.cluster).toBe('outbound|8443||issuer.example');
      expect(remote('hybrid', { jwksUri, jwks: 'mine' })?.localJwks?.inlineString).toContain('"kty": "RSA"');
    });

    test('takes keys that are written without a URI', () => {
      expect(remote('envoy', { jwks: 'mine' })?.localJwks).toEqual({ inlineString: 'mine' });
    });
  });
});
