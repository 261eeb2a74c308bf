import type { JWTRule } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { HttpFilter, JwtProvider, JwtRequirement } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { goSort } from '../../util/go-sort.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { compareText } from '../../util/text.ts';
import { httpServerOf } from '../../util/url.ts';
import { subsetKey } from '../naming/names.ts';
import { providerCluster } from '../naming/provider-cluster.ts';
import type { PolicyNote } from './notes.ts';

/**
 * What istiod puts in the place of keys that it cannot fetch: a public key whose private half nobody has, so that every token is
 * refused. Nothing is fetched offline, so it stands for every `jwksUri` without inline keys.
 * Value of istio pilot/pkg/model/jwks_resolver.go PublicOnlyJwks.
 */
const UNREACHABLE_KEYS: string = `{
  "keys": [
    {
      "kty": "RSA",
      "e": "AQAB",
      "n": "0xObjM0UvS_oaazjpEYlAbwctEJ4L8pH3OuTb7qth7gUwqet-EzQB4dgFdvSdMgrLnSncQGRjpEYz3F3viIbH-3EN3TxSlPNviHxeOdyiBVfumN8dMxbLvVJUpfNOnvmMxJcl-8NNjAwcOjk4otSALaYgYYyOPyvKtgVdrQr-FoubWX4yrjxW-MJ2-7OBeepUUNOsVwGV23YX03sVkkyvY3otRflkBcY3_HKpBxJl9wk2GyOShN4_PNUF9-vwfnvOXMbCDX-w4PTef4geeb_GiT40YCKHTKMSPVanGRn5GExIWmki-mmqh94-mPTJyBR74ShspL3BxPZitDL574T1w"
    }
  ]
}`;

/** Claims that are lists written as text with spaces, whatever the rule says. */
const spaceDelimitedClaims: readonly string[] = ['permission', 'scope'];

const JWT_FILTER = 'envoy.filters.http.jwt_authn';

/**
 * The JWT filter of a workload: a token that a request carries must be valid for one of the rules; a request without passes.
 * Rules of all policies are taken together, in the order of their issuers. `clearRouteCache` lets claims decide the route
 * (gateways only). Undefined where no rule applies.
 * As istio pilot/pkg/security/authn/policy_applier.go convertToEnvoyJwtConfig.
 */
export function buildJwtFilter(
  mesh: KeySources,
  policies: readonly ResourceOf<'RequestAuthentication'>[],
  clearRouteCache: boolean,
): HttpFilter | undefined {
  const rules = goSort(
    policies.flatMap((resource) => (resource.spec.jwtRules ?? []).map((rule, index) => ({ resource, rule, index }))),
    (a, b) => (a.rule.issuer ?? '') < (b.rule.issuer ?? ''),
  );
  const [first] = rules;
  if (first === undefined) return undefined;
  const providers = rules.map(({ resource, rule, index }, place): [string, JwtProvider] => [
    `origins-${place}`,
    withOrigin(jwtProvider(mesh, rule, clearRouteCache), resource, ['spec', 'jwtRules', index]),
  ]);
  const config = any('type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
    providers: Object.fromEntries(providers),
    rules: [{ match: { prefix: '/' }, requires: requirement(providers.map(([name]) => name)) }],
    bypassCorsPreflight: true,
  });
  return { name: JWT_FILTER, typedConfig: withOrigin(config, first.resource, ['spec', 'jwtRules']) };
}

/** Rules whose keys mesh cannot know: istiod would fetch them. */
export function jwtNotes(mesh: KeySources, policies: readonly ResourceOf<'RequestAuthentication'>[]): readonly PolicyNote[] {
  return policies.flatMap((resource) =>
    (resource.spec.jwtRules ?? []).flatMap((rule, index): readonly PolicyNote[] => {
      const isRemote = remoteKeys(mesh, rule) !== undefined;
      if ((rule.jwks ?? '') !== '' && !isRemote) return [];
      const source = (rule.jwksUri ?? '') === '' ? `of issuer ${rule.issuer ?? ''}` : `at ${rule.jwksUri}`;
      const reason = isRemote
        ? `keys ${source} are fetched by proxies at run time; offline, nobody knows them`
        : `keys ${source} are fetched by istiod at run time; offline, they are shown as unreachable`;
      return [{ kind: 'unreachable-keys', resource, path: ['spec', 'jwtRules', index], reason }];
    }),
  );
}

/**
 * One provider: its token or none. Several: a token of one of them; or each token that is present valid, which rules that share a
 * place for tokens can never satisfy, hence the alternatives.
 */
function requirement(names: readonly string[]): JwtRequirement {
  const each = names.map(
    (providerName): JwtRequirement => ({ requiresAny: { requirements: [{ providerName }, { allowMissing: {} }] } }),
  );
  const [only] = each;
  if (each.length === 1 && only !== undefined) return only;
  const alternatives = names.map((providerName): JwtRequirement => ({ providerName }));
  return { requiresAny: { requirements: [...alternatives, { requiresAll: { requirements: each } }] } };
}

/** What decides where keys come from. */
type KeySources = Pick<Mesh, 'registry' | 'release'>;

/** How the proxy fetches the keys of a rule itself; undefined where istiod hands them out. */
function remoteKeys(mesh: KeySources, { jwksUri = '', timeout }: JWTRule): JwtProvider['remoteJwks'] {
  const mode = mesh.release.behaviours.jwtEnableRemoteJwks;
  if (mode === 'istiod' || jwksUri === '') return undefined;
  const { hostname, port } = httpServerOf(jwksUri) ?? { hostname: '', port: 0 };
  const found = hostname === '' ? undefined : providerCluster(mesh, hostname, port)?.cluster;
  // A cluster that does not exist is better than none: Envoy says so.
  const cluster = found ?? (mode === 'envoy' ? subsetKey('outbound', '', hostname, port) : undefined);
  if (cluster === undefined) return undefined;
  return {
    httpUri: { uri: jwksUri, cluster, timeout: canonicalDuration(timeout) ?? '5s' },
    cacheDuration: '300s',
  };
}

function jwtProvider(mesh: KeySources, rule: JWTRule, clearRouteCache: boolean): JwtProvider {
  const remoteJwks = remoteKeys(mesh, rule);
  // Where the proxy could fetch keys, those that are written down beside the URI do not count.
  const written = mesh.release.behaviours.jwtEnableRemoteJwks !== 'istiod' && rule.jwksUri ? '' : rule.jwks;
  return compact({
    issuer: rule.issuer || undefined,
    audiences: unlessEmpty(rule.audiences),
    remoteJwks,
    localJwks: remoteJwks === undefined ? { inlineString: written || UNREACHABLE_KEYS } : undefined,
    forward: rule.forwardOriginalToken || undefined,
    fromHeaders: unlessEmpty(
      rule.fromHeaders?.map(({ name, prefix }) => compact({ name: name || undefined, valuePrefix: prefix || undefined })),
    ),
    fromParams: unlessEmpty(rule.fromParams),
    fromCookies: unlessEmpty(rule.fromCookies),
    forwardPayloadHeader: rule.outputPayloadToHeader || undefined,
    payloadInMetadata: 'payload',
    normalizePayloadInMetadata: {
      spaceDelimitedClaims: [...new Set([...spaceDelimitedClaims, ...(rule.spaceDelimitedClaims ?? [])])].sort(compareText),
    },
    claimToHeaders: unlessEmpty(
      rule.outputClaimToHeaders?.map(({ header, claim }) =>
        compact({ headerName: header || undefined, claimName: claim || undefined }),
      ),
    ),
    clearRouteCache: clearRouteCache || undefined,
  });
}

function unlessEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
