import { describe, expect, test } from 'vitest';
import { inputOfTexts } from '../../../src/input/load.ts';
import { measureCoverage } from '../../../src/trace/coverage.ts';
import { unknownServers } from '../../../src/trace/servers/unknown.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { openWorkbench } from '../../../src/workbench/workbench.ts';

const pod = (name: string): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: app, image: app}]}
`;
const policy = (name: string, port: number, annotations: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop${annotations}}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["${port}"]}}]}]}
`;
const cart = `---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}, {name: tcp, port: 90}]}
`;

/** The policies of the pod `cart`, and whether the connection or request to it meets them. */
function policiesMet(yaml: string, scheme: 'http' | 'tcp'): readonly string[] {
  const bench = openWorkbench(inputOfTexts([{ file: 'm.yaml', text: cart + pod('cart') + pod('web') + yaml }]));
  const ip = bench.mesh.registry.services.find(({ name }) => name === 'cart')?.address ?? '';
  const outcomes = traceRequest(bench.dataPlane({ servers: unknownServers, now: 0 }), {
    ...{ from: 'shop/web', scheme, method: 'GET', target: '/', authority: 'cart', headers: [] },
    address: { ip, port: scheme === 'http' ? 80 : 90 },
  });
  const snapshots = bench.proxies.flatMap((proxy) => bench.snapshotOf(proxy) ?? []);
  return [...measureCoverage(snapshots, outcomes)]
    .filter(({ kind }) => kind === 'policy')
    .map(({ origin, isMet }) => `${origin.resource.name} ${isMet ? 'met' : 'not met'}`);
}

describe.each([
  ['http', 80],
  ['tcp', 90],
] as const)('coverage of policies by %s', (scheme, port) => {
  test('counts a policy that decides', () => {
    expect(policiesMet(policy('stop', port, ''), scheme)).toEqual(['stop met']);
  });

  test('counts a policy that is only tried out', () => {
    const tried = ', annotations: {istio.io/dry-run: "true"}';
    expect(policiesMet(policy('try', port, tried), scheme)).toEqual(['try met']);
  });

  test('tells one that nothing meets', () => {
    const tried = ', annotations: {istio.io/dry-run: "true"}';
    expect(policiesMet(policy('try', 1234, tried), scheme)).toEqual(['try not met']);
  });
});
