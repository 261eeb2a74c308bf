import { expect, test } from 'vitest';
import { inputOfTexts } from '../../../src/input/load.ts';
import { followRequest } from '../../../src/operations/trace/follow.ts';
import { readQuestion } from '../../../src/operations/trace/question.ts';
import { formatTraceJson, formatTraceText } from '../../../src/output/trace/trace.ts';
import { openWorkbench } from '../../../src/workbench/workbench.ts';
import { shopOf } from '../../support/diff-shop.ts';

/** What a trace from a client to `web` says, as text and as JSON, beside a network policy. */
function traced(spec: string, kind = 'NetworkPolicy', apiVersion = 'networking.k8s.io/v1') {
  const policy = `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: p, namespace: shop}
spec: {${spec}}`;
  const files = { ...shopOf(['web', 'api', 'client']), 'policy.yaml': policy };
  const texts = Object.entries(files).map(([file, text]) => ({ file, text }));
  const question = readQuestion({ from: 'shop/client-0', url: 'http://web/' });
  const trace = followRequest(openWorkbench(inputOfTexts(texts)), question, 0);
  const printing = { locate: () => undefined, isVerbose: false };
  return { text: `${formatTraceText(trace, printing)}`, json: JSON.parse(`${formatTraceJson(trace, printing)}`) };
}

const toWeb = 'podSelector: {matchLabels: {app: web}}';

test('a trace names the network policies that may stop its connections', () => {
  const { text, json } = traced(`${toWeb}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]`);
  expect(text).toContain(`
Network policies are not simulated:
  NetworkPolicy shop/p may stop the connection from shop/client-0 to shop/web-0:8080
`);
  expect(json.stoppable).toEqual([{ from: 'shop/client-0', to: 'shop/web-0', port: 8080, policies: ['NetworkPolicy shop/p'] }]);
  expect(traced('endpointSelector: {matchLabels: {app: web}}', 'CiliumNetworkPolicy', 'cilium.io/v2').text).toContain(
    'CiliumNetworkPolicy shop/p may stop',
  );
});

test('a trace says nothing of those that let it through or are about others', () => {
  for (const spec of [
    `${toWeb}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 8080}]}]`,
    `${toWeb}, policyTypes: [Egress]`,
    'podSelector: {matchLabels: {app: api}}',
  ]) {
    const { text, json } = traced(spec);
    expect(text).toContain('200 served by shop/web-0:8080');
    expect(text).not.toContain('Network policies');
    expect(json).not.toHaveProperty('stoppable');
  }
});
