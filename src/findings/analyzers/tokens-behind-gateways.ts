import type { JWTRule } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { tokenTakenOff } from '../../diagnostics/problems/policy-effects.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { type Demand, demandsOf, enforced, type RuleDemands } from './support/authorization.ts';
import { portOf, proxiesByAddress } from './support/traffic.ts';

/** Tokens that a gateway takes off where workloads behind it ask for them; Envoy's jwt_authn removes what it does not forward. */
export const tokensBehindGateways: Analyzer = {
  name: 'mesh.requestauthentication.BehindGateways',
  about: 'RequestAuthentications of gateways that take off the tokens which workloads behind them ask for',
  reads: ['RequestAuthentication', 'AuthorizationPolicy', 'VirtualService', 'HTTPRoute', 'Pod'],
  codes: [tokenTakenOff.code],
  run: (reader, report) => {
    const isTakenOff = ({ spec }: ResourceOf<'RequestAuthentication'>): boolean => (spec.jwtRules ?? []).some(takesOff);
    if (!reader.list('RequestAuthentication').some(isTakenOff)) return;
    const mesh = reader.mesh();
    const traffic = reader.traffic();
    const proxyAt = proxiesByAddress(mesh.proxies);
    // Many rules lead to one service.
    const serversOf = memo((service: Service, port: ServicePort) =>
      mesh.registry.endpointsOf(service, port).flatMap(({ address }) => {
        const server = proxyAt.get(address);
        return server?.role === 'sidecar' && needsToken(mesh, server) ? [server] : [];
      }),
    );
    const told = new Set<JWTRule>();
    for (const rule of traffic.rules) {
      if (rule.list !== 'http') continue;
      for (const client of traffic.clientsOf(rule)) {
        const [gateway] = client.proxies;
        if (gateway === undefined || client.role !== 'gateway') continue;
        const checked = checkedBy(mesh, gateway).filter((one) => takesOff(one.jwtRule) && !told.has(one.jwtRule));
        if (checked.length === 0) continue;
        for (const { destination } of rule.destinations) {
          const service = traffic.serviceFor(client.namespace, destination.host ?? '');
          const port = service && portOf(service, destination);
          if (service === undefined || port === undefined) continue;
          for (const server of serversOf(service, port)) {
            for (const { jwtRule, authentication, index } of checked) {
              const issuer = jwtRule.issuer ?? '';
              const other = checkedBy(mesh, server).find(
                (one) => (one.jwtRule.issuer ?? '') === issuer && isAtSamePlace(one.jwtRule, jwtRule),
              );
              if (other === undefined || told.has(jwtRule)) continue;
              told.add(jwtRule);
              const path = ['spec', 'jwtRules', index];
              const name = `RequestAuthentication ${fullName(other.authentication)}`;
              report(tokenTakenOff(at(authentication, path), formatField(path), issuer, name, fullName(server)));
            }
          }
        }
      }
    }
  },
};

/** A header that Envoy removes; of parameters and cookies nothing is concluded. */
function takesOff({ forwardOriginalToken, fromParams = [], fromCookies = [] }: JWTRule): boolean {
  return forwardOriginalToken !== true && fromParams.length === 0 && fromCookies.length === 0;
}

function isAtSamePlace(one: JWTRule, other: JWTRule): boolean {
  const placeOf = ({ fromHeaders = [], fromParams = [], fromCookies = [] }: JWTRule): string =>
    JSON.stringify([fromHeaders, fromParams, fromCookies]);
  return placeOf(one) === placeOf(other);
}

interface Checked {
  readonly jwtRule: JWTRule;
  readonly authentication: ResourceOf<'RequestAuthentication'>;
  readonly index: number;
}

function checkedBy(mesh: Mesh, proxy: Proxy): readonly Checked[] {
  return mesh.policies
    .requestAuthentications(proxy)
    .flatMap((authentication) =>
      (authentication.spec.jwtRules ?? []).map((jwtRule, index) => ({ jwtRule, authentication, index })),
    );
}

/** Whether a workload lets in nothing without a token, whatever else the request is. */
function needsToken(mesh: Mesh, proxy: Proxy): boolean {
  const { deny, allow } = mesh.policies.authorizationPolicies(proxy);
  const allowing = enforced(allow).flatMap(demandsOf);
  return (allowing.length > 0 && allowing.every(asksToken)) || enforced(deny).flatMap(demandsOf).some(deniesWithout);
}

function asksToken({ sources, conditions }: RuleDemands): boolean {
  const isToken = ({ asked, values }: Demand): boolean => asked === 'token' && values.length > 0;
  return conditions.some(isToken) || sources.every((source) => source.some(isToken));
}

function deniesWithout({ sources, operations, conditions }: RuleDemands): boolean {
  return (
    conditions.length === 0 &&
    operations.some((operation) => operation.length === 0) &&
    sources.some(
      ([first, ...rest]) =>
        rest.length === 0 && first?.asked === 'token' && first.values.length === 0 && first.notValues.includes('*'),
    )
  );
}
