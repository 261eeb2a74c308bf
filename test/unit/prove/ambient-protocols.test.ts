import { describe, expect, test } from 'vitest';
import { namespace, waypoint, workload } from '../../support/ambient-mesh.ts';
import { groundOf, proveText } from '../../support/proving.ts';
import { ambientRelease } from '../../support/waypoint-mesh.ts';

const NEVER = 'statements: [{never: {from: {workloads: [shop/client]}, to: {workloads: [shop/web]}}}]';

/** A waypoint that looks for TLS at port 80 for the sake of another service, and lets in who asks for one name. */
function mesh(protocol: string, name: string): Readonly<Record<string, string>> {
  const text = [
    namespace('shop', 'ambient', 'istio.io/use-waypoint: way'),
    workload('web', 'shop', { ip: 5, protocol }),
    workload('other', 'shop', { ip: 7, protocol: 'tls' }),
    workload('client', 'shop', { ip: 6 }),
    waypoint('way', 'shop', { ip: 20 }),
    `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: named, namespace: shop}
spec: {targetRefs: [{kind: Service, group: "", name: web}], action: ALLOW, rules: [{when: [{key: connection.sni, values: [${name}]}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: through, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/way]}}]}]}
`,
  ];
  return { 'm.yaml': text.join('') };
}

/** The answer, with who sends what where the statement is broken. */
function answer(protocol: string): string {
  const [proven] = proveText(NEVER, groundOf(mesh(protocol, 'a.example'), ambientRelease)).statements;
  if (proven?.verdict.kind !== 'refuted') return proven?.verdict.kind ?? '';
  const { from, url } = proven.verdict.witness.question;
  return `${from} to ${url}`;
}

describe('that nobody gets through a waypoint', () => {
  test('is refuted by TLS without HTTP in it, which a port without a protocol passes on for one name', () => {
    expect(answer('""')).toBe('shop/client to tls://10.96.0.5:80');
  });

  test('is refuted by TLS at a port for bytes', () => {
    expect(answer('tcp')).toMatch(/^shop\/client to (tls|https):\/\/10\.96\.0\.5:80/);
  });

  test('is proven of a port for HTTP, at which it takes nothing else', () => {
    expect(answer('http')).toBe('proven');
  });
});
