import { expect, test } from 'vitest';
import { inputOfTexts } from '../../../../src/input/load.ts';
import { computeGraph } from '../../../../src/operations/reachability/compute.ts';
import { inWords } from '../../../../src/output/graph/words.ts';
import { openWorkbench } from '../../../../src/workbench/workbench.ts';
import { shopOf } from '../../../support/diff-shop.ts';

/** What is said of the graph of a shop with a network policy for `web`. */
function notesWith(spec: string, kind = 'NetworkPolicy', apiVersion = 'networking.k8s.io/v1'): readonly string[] {
  const policy = `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: p, namespace: shop}
spec: {${spec}}`;
  const files = { ...shopOf(['web', 'api', 'client']), 'policy.yaml': policy };
  const texts = Object.entries(files).map(([file, text]) => ({ file, text }));
  const graph = computeGraph(openWorkbench(inputOfTexts(texts)));
  expect(graph.edges).toHaveLength(6);
  return inWords(graph).notes ?? [];
}

const toWeb = 'podSelector: {matchLabels: {app: web}}';

test('what network policies may stop is told once', () => {
  expect(notesWith(`${toWeb}, policyTypes: [Ingress]`)).toEqual([
    '2 ways shown as allowed may be stopped by network policies, which are not simulated: NetworkPolicy shop/p',
  ]);
  expect(notesWith(`${toWeb}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}]`)).toEqual([
    '1 way shown as allowed may be stopped by network policies, which are not simulated: NetworkPolicy shop/p',
  ]);
  expect(notesWith('endpointSelector: {matchLabels: {app: web}}', 'CiliumNetworkPolicy', 'cilium.io/v2')).toEqual([
    '4 ways shown as allowed may be stopped by network policies, which are not simulated: CiliumNetworkPolicy shop/p',
  ]);
});

test('those that let all through, or are about nobody, are not told', () => {
  expect(notesWith(`${toWeb}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 8080}]}]`)).toEqual([]);
  expect(notesWith(`${toWeb}, ingress: [{}]`)).toEqual([]);
  expect(notesWith('podSelector: {matchLabels: {app: nobody}}')).toEqual([]);
});
