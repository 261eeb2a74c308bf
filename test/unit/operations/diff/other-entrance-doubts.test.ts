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
  });

  test('is nothing to speak of where it is Istio that does', async () => {
    const { doubts } = await equal(ingress('web', { className: 'istio' }), ingress('api', { className: 'istio' }));
    expect(doubts).toEqual([]);
    expect((await equal(gateway('istio', 'web'), gateway('istio', 'api'))).doubts).toEqual([]);
  });
});
