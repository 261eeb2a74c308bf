import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

const shop = shopOf(['web', 'api']);

/** An Ingress, of another controller unless its class is Istio's. */
const ingress = (service: string, { name = 'i', more = '', className = 'nginx' } = {}): Files => ({
  'ingress.yaml': `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop${more}}
spec:
  ingressClassName: ${className}
  rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${service}, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: istio}
spec: {controller: istio.io/ingress-controller}
`,
});

const gateway = (className: string, service: string): Files => ({
  'gateway.yaml': `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: shop}
spec: {gatewayClassName: ${className}, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: ${service}, port: 80}]}]}
`,
});

const route = (service: string): Files => ({
  'route.yaml': `
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec: {host: shop.example, to: {kind: Service, name: ${service}}}
`,
});

interface EntranceDoubt {
  readonly to: string;
  readonly because: string;
  readonly is?: string;
}

/** The exit status of `--equal`, and what others lead in that is not proven. */
async function equal(before: Files, after: Files) {
  const { exitCode, report } = await diffOf({ ...shop, ...before }, { ...shop, ...after }, ['--equal']);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly EntranceDoubt[] } };
  const doubts = (proof?.doubts ?? []).filter(({ because }) => because === 'other entrance');
  return { exitCode, doubts: doubts.map(({ to, is }) => `${to} ${is}`) };
}

describe('what others than Istio lead in', () => {
  test.each([
    ['an Ingress', ingress('web'), ingress('api'), 'Ingress shop/i changed'],
    [
      'annotations of an Ingress',
      ingress('web'),
      ingress('web', { more: ', annotations: {nginx/x: "on"}' }),
      'Ingress shop/i changed',
    ],
    ['an Ingress that comes', {}, ingress('web'), 'Ingress shop/i added'],
    ['an Ingress that goes', ingress('web'), {}, 'Ingress shop/i removed'],
    ['a route of a Gateway', gateway('nginx', 'web'), gateway('nginx', 'api'), 'HTTPRoute shop/r changed'],
    ['a kind of its own', route('web'), route('api'), 'Route shop/r changed'],
  ])('is not proven to be as before: %s', async (_, before, after, doubt) => {
    expect(await equal(before, after)).toEqual({ exitCode: 1, doubts: [doubt] });
  });

  test('is nothing to speak of where it stays, whatever it is called', async () => {
    const proven = { exitCode: 0, doubts: [] };
    expect(await equal(ingress('web'), ingress('web', { name: 'other' }))).toEqual(proven);
    expect(await equal(ingress('web'), ingress('web', { more: ', labels: {team: a}' }))).toEqual(proven);
    const deployed = ', annotations: {team: a, argocd.argoproj.io/sync-wave: "1", meta.helm.sh/release-name: shop}';
    expect(await equal(ingress('web'), ingress('web', { more: deployed }))).toEqual(proven);
  });

  const path = (name: string, pathType: string): string =>
    `{path: ${name}, pathType: ${pathType}, backend: {service: {name: web, port: {number: 80}}}}`;
  const rule = (host: string, ...paths: string[]): string => `{host: "${host}", http: {paths: [${paths.join()}]}}`;
  const withRules = (...rules: string[]): Files => ({
    'ingress.yaml': (ingress('web')['ingress.yaml'] ?? '').replace(/rules: .*/, `rules: [${rules.join()}]`),
  });

  test('is the same whatever the order of hosts, and of paths of which the longest counts', async () => {
    const [one, other] = [path('/', 'Prefix'), path('/a', 'Exact')];
    const { doubts } = await equal(
      withRules(rule('a.example', one, other), rule('b.example', one)),
      withRules(rule('b.example', one), rule('a.example', other, one)),
    );
    expect(doubts).toEqual([]);
  });

  test.each([
    ['of hosts of which one holds others', [rule('*.example', path('/', 'Prefix')), rule('b.example', path('/', 'Prefix'))]],
    ['of rules for one host', [rule('b.example', path('/a', 'Prefix')), rule('b.example', path('/', 'Prefix'))]],
  ])('is another where the order differs %s', async (_, rules) => {
    expect((await equal(withRules(...rules), withRules(...rules.toReversed()))).doubts).toEqual(['Ingress shop/i changed']);
  });

  test('is another where the order of paths differs that controllers read in their own way', async () => {
    const paths = [path('/a.*', 'ImplementationSpecific'), path('/ab', 'ImplementationSpecific')];
    const { doubts } = await equal(withRules(rule('a.example', ...paths)), withRules(rule('a.example', ...paths.toReversed())));
    expect(doubts).toEqual(['Ingress shop/i changed']);
  });

  const edited = (from: string, to: string): Files => {
    const text = gateway('nginx', 'web')['gateway.yaml'] ?? '';
    expect(text).toContain(from);
    return { 'gateway.yaml': text.replace(from, to) };
  };

  test.each([
    [
      'listeners',
      '{name: http, port: 80, protocol: HTTP}',
      '{name: a, port: 80, protocol: HTTP}, {name: b, port: 81, protocol: HTTP}',
      '{name: b, port: 81, protocol: HTTP}, {name: a, port: 80, protocol: HTTP}',
    ],
    ['hosts', 'parentRefs:', 'hostnames: [a.example, b.example], parentRefs:', 'hostnames: [b.example, a.example], parentRefs:'],
    ['a namespace that is written', 'name: web, port', 'name: web, port', 'name: web, namespace: shop, port'],
  ])('is the same of a Gateway for another order or form: %s', async (_, from, before, after) => {
    expect((await equal(edited(from, before), edited(from, after))).doubts).toEqual([]);
  });

  test('is another of a Gateway for another namespace', async () => {
    const { doubts } = await equal(gateway('nginx', 'web'), edited('name: web, port', 'name: web, namespace: other, port'));
    expect(doubts).toEqual(['HTTPRoute shop/r changed']);
  });

  test('is nothing to speak of where it is Istio that does', async () => {
    const { doubts } = await equal(ingress('web', { className: 'istio' }), ingress('api', { className: 'istio' }));
    expect(doubts).toEqual([]);
    expect((await equal(gateway('istio', 'web'), gateway('istio', 'api'))).doubts).toEqual([]);
  });
});
