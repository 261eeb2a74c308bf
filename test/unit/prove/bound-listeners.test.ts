import { expect, test } from 'vitest';
import { groundOf, proveText, shopManifests } from '../../support/proving.ts';

const LEDGER = '{ never: { from: { workloads: [shop/clerk] }, to: { services: [pay/ledger] } } }';

const clerk = (annotations: string, egress: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: clerk, namespace: shop, labels: { app: clerk }, annotations: { ${annotations} } }
spec: { serviceAccountName: orders, containers: [{ name: clerk, image: clerk }] }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: clerk, namespace: shop }
spec:
  workloadSelector: { labels: { app: clerk } }
  egress: [${egress}]
`;
const NONE = 'sidecar.istio.io/interceptionMode: NONE';
const AT_80 = '{ port: { number: 80, name: http, protocol: HTTP }, bind: 127.0.0.1, captureMode: NONE, hosts: [pay/*] }';

/** What breaks the statement, if anything does. */
function answerTo(manifest: string): string {
  const [proven] = proveText(`statements: [${LEDGER}]`, groundOf(shopManifests({ 'clerk.yaml': manifest }))).statements;
  return proven?.verdict.kind === 'refuted'
    ? `${proven.verdict.witness.question.url} ${proven.verdict.witness.question.address}`
    : (proven?.verdict.kind ?? '');
}

test.each([
  ['a port that the proxy of a pod without interception has bound', NONE],
  ['one beside interception', ''],
])('%s leads to servers', (_, annotations) => {
  expect(answerTo(clerk(annotations, AT_80))).toMatch(/127\.0\.0\.1:80/);
});

test('a Unix socket that leads to servers is no proof', () => {
  expect(
    answerTo(clerk(NONE, AT_80.replace('127.0.0.1', "'unix:///run/ledger.sock'").replace('number: 80, ', 'number: 0, '))),
  ).toBe('undecided');
});

test('a pod whose proxy leads elsewhere reaches nobody who wants mutual TLS', () => {
  expect(answerTo(clerk(NONE, AT_80.replace('pay/*', 'legacy/*')))).toBe('proven');
});

test.each([
  ['another port', '127.0.0.1:5432'],
  ['a socket', 'unix:///run/ledger.sock'],
])('a server is that of its Service also where its proxy sends on to %s', (_, defaultEndpoint) => {
  const ingress = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ledger, namespace: pay }
spec:
  workloadSelector: { labels: { app: ledger } }
  ingress: [{ port: { number: 8080, name: http, protocol: HTTP }, defaultEndpoint: '${defaultEndpoint}' }]
`;
  const ground = groundOf(shopManifests({ 'ingress.yaml': ingress }));
  const [proven] = proveText('statements: [{ never: { to: { services: [pay/ledger] } } }]', ground).statements;
  expect(proven?.verdict).toMatchObject({ kind: 'refuted', witness: { port: 8080 } });
});
