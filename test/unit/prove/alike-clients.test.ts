import { expect, test } from 'vitest';
import { groundOf, proveText } from '../../support/proving.ts';

function pod(namespace: string, name: string, ip: string): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}-0, namespace: ${namespace}, labels: {app: ${name}}}
spec:
  serviceAccountName: ${name}
  containers: [{name: ${name}, image: example/${name}, ports: [{containerPort: 8080}]}]
status: {podIP: ${ip}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  clusterIP: 10.96.0.${ip.split('.')[3]}
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
`;
}

const NAMESPACES = ['near', 'far', 'other']
  .map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {istio-injection: enabled}}\n---\n`)
  .join('');

const STRICT = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
`;

function witnessesOf(statements: string, manifests: string): readonly string[] {
  return proveText(`statements:\n${statements}`, groundOf({ 'manifests.yaml': manifests })).statements.map(({ verdict }) =>
    verdict.kind === 'refuted' ? `${verdict.witness.question.from} reaches ${verdict.witness.server}` : verdict.kind,
  );
}

test('of clients that are alike, one is asked for what the first calls of itself', () => {
  const [first, second] = [pod('near', 'a', '10.0.0.1'), pod('near', 'b', '10.0.0.2')];
  const onlyAIsOpen = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: near}
spec: {selector: {matchLabels: {app: b}}}
`;
  const statements = '  - never: { from: { namespaces: [near] }, to: { namespaces: [near] } }\n';
  expect(witnessesOf(statements, NAMESPACES + STRICT + first + second + onlyAIsOpen)).toEqual(['near/b-0 reaches near/a-0']);
  expect(witnessesOf(statements, NAMESPACES + STRICT + first)).toEqual(['proven']);
});

test('what is found of a client is that of others only as far as their own proxies do the same', () => {
  const pods = pod('near', 'a', '10.0.0.1') + pod('far', 'b', '10.0.0.2') + pod('other', 'c', '10.0.0.3');
  const registryOnly = (namespace: string): string => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: ${namespace}}
spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
---
`;
  const statements = `  - always: { mutualTLS: true, from: { namespaces: [near] }, to: { namespaces: [other] } }
  - always: { mutualTLS: true, from: { namespaces: [near, far] }, to: { namespaces: [other] } }
`;
  const both = NAMESPACES + registryOnly('near') + registryOnly('far') + pods;
  expect(witnessesOf(statements, both)).toEqual(['proven', 'proven']);
  const one = NAMESPACES + registryOnly('near') + pods;
  expect(witnessesOf(statements, one)).toEqual(['proven', 'far/b-0 reaches other/c-0']);
});

test('who a server lets in is asked of each identity', () => {
  const pods = pod('near', 'a', '10.0.0.1') + pod('far', 'b', '10.0.0.2') + pod('other', 'c', '10.0.0.3');
  const onlyB = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: b, namespace: other}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/far/sa/b]}}]}]}
`;
  const statements = `  - never: { from: { namespaces: [near, far] }, to: { namespaces: [other] } }
  - never: { from: { namespaces: [near] }, to: { namespaces: [other] } }
`;
  expect(witnessesOf(statements, NAMESPACES + STRICT + pods + onlyB)).toEqual(['far/b-0 reaches other/c-0', 'proven']);
});
