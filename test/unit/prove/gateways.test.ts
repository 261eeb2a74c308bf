import { expect, test } from 'vitest';
import { groundOf, proveText, shopManifests } from '../../support/proving.ts';

/** The answer to a statement about the shop, with who sends what where it is broken. */
function answerTo(statement: string, others: Readonly<Record<string, string>> = {}): string {
  const [proven] = proveText(`statements: [${statement}]`, groundOf(shopManifests(others))).statements;
  if (proven?.verdict.kind !== 'refuted') return proven?.verdict.kind ?? '';
  const { question, server } = proven.verdict.witness;
  return `${question.from} reaches ${server} at ${question.address ?? question.url}`;
}

test('a pod reaches a gateway that a statement names by its address, with a host that the gateway routes', () => {
  const open = (shopManifests()['gateway.yaml'] ?? '').replace('tls: { httpsRedirect: true }', '');
  const never = '{ never: { from: { workloads: [shop/orders] }, to: { namespaces: [istio-system] } } }';
  expect(answerTo(never, { 'gateway.yaml': open })).toMatch(/^shop\/orders-0 reaches istio-system\/ingress-0 at /);
  // What it serves itself, as a redirect, gets no further.
  const closed = (shopManifests()['gateway.yaml'] ?? '').replace(/route: \[.*\]/g, 'directResponse: { status: 200 }');
  expect(answerTo(never, { 'gateway.yaml': closed })).toBe('proven');
});

test('what comes through a gateway is sent by none that leaves the gateway out', () => {
  const open = (shopManifests()['gateway.yaml'] ?? '').replace('tls: { httpsRedirect: true }', '');
  const only = (namespace: string): string =>
    `{ only: { from: [{ notNamespaces: [${namespace}] }, { notWorkloads: [shop/orders] }], to: { workloads: [istio-system/ingress, shop/web] } } }`;
  expect(answerTo(only('istio-system'), { 'gateway.yaml': open })).toMatch(/^shop\/orders-0 reaches shop\/web-0 at /);
  expect(answerTo(only('pay'), { 'gateway.yaml': open })).toBe('proven');
});

test('where a gateway binds a port that the system chooses, nothing is proven of it; of what it binds otherwise as before', () => {
  const gateway = shopManifests()['gateway.yaml'] ?? '';
  const tls = '{ always: { tls: true, gateways: [istio-system/ingress] } }';
  const unnumbered = gateway.replace('number: 80, ', '');
  expect(answerTo(tls, { 'gateway.yaml': gateway.replace('number: 80, ', 'number: 8080, ') })).toBe('proven');
  expect(answerTo(tls, { 'gateway.yaml': unnumbered })).toBe('undecided');
  const [proven] = proveText(`statements: [${tls}]`, groundOf(shopManifests({ 'gateway.yaml': unnumbered }))).statements;
  expect(JSON.stringify(proven?.verdict)).toContain('what comes in at a port that the system chooses');
});

test('a gateway sends what pods send through it, also where nobody outside could', () => {
  const egress = `
apiVersion: v1
kind: Pod
metadata: { name: egress-0, namespace: istio-system, labels: { istio: egress } }
spec: { containers: [{ name: istio-proxy, image: istio/proxyv2, args: [proxy, router], ports: [{ containerPort: 8443 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: egress, namespace: istio-system }
spec: { selector: { istio: egress }, ports: [{ name: tls, port: 443, targetPort: 8443 }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: egress, namespace: istio-system }
spec:
  selector: { istio: egress }
  servers: [{ port: { number: 443, name: https, protocol: HTTPS }, tls: { mode: ISTIO_MUTUAL }, hosts: [web.shop.svc.cluster.local] }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: egress, namespace: istio-system }
spec: { host: egress.istio-system.svc.cluster.local, trafficPolicy: { tls: { mode: ISTIO_MUTUAL, sni: web.shop.svc.cluster.local } } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: by-egress, namespace: shop }
spec:
  hosts: [web.shop.svc.cluster.local]
  gateways: [mesh, istio-system/egress]
  http:
    - match: [{ gateways: [mesh] }]
      route: [{ destination: { host: egress.istio-system.svc.cluster.local, port: { number: 443 } } }]
    - match: [{ gateways: [istio-system/egress] }]
      route: [{ destination: { host: web.shop.svc.cluster.local, port: { number: 80 } } }]
`;
  const never = '{ never: { from: { workloads: [istio-system/egress-0] }, to: { workloads: [shop/web] } } }';
  expect(answerTo(never, { 'egress.yaml': egress })).toMatch(/^(shop\/orders|pay\/ledger)-0 reaches shop\/web-0 at /);
  const unrouted = egress.slice(0, egress.lastIndexOf('---'));
  expect(answerTo(never, { 'egress.yaml': unrouted })).toBe('proven');
});
