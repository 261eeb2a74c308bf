import { expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { inputOfTexts } from '../../../src/input/load.ts';
import { followRequest } from '../../../src/operations/trace/follow.ts';
import { readQuestion } from '../../../src/operations/trace/question.ts';
import { formatTraceJson, formatTraceText } from '../../../src/output/trace/trace.ts';
import { openWorkbench } from '../../../src/workbench/workbench.ts';
import { shopOf } from '../../support/diff-shop.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** A shop with a network policy. */
function filesWith(spec: string, kind = 'NetworkPolicy', apiVersion = 'networking.k8s.io/v1') {
  const policy = `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: p, namespace: shop}
spec: {${spec}}`;
  return { ...shopOf(['web', 'api', 'client']), 'policy.yaml': policy };
}

/** What a trace from a client to `web` says, as text and as JSON, beside a network policy. */
function traced(...policy: Parameters<typeof filesWith>) {
  const files = filesWith(...policy);
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

/** What a table of two requests, to `web` and `api`, says beside a network policy. */
async function tested(...policy: Parameters<typeof filesWith>) {
  const table = `
requests:
  - {from: shop/client-0, to: web.shop, expect: {status: 200}}
  - {from: shop/client-0, to: api.shop, expect: {status: 200}}
  - {from: shop/client-0, to: web.shop, expect: {status: 403}}
`;
  const written = Object.entries({ ...filesWith(...policy), 'calls.mesh-test.yaml': table });
  const files = Object.fromEntries(written.map(([name, text]) => [`/work/manifests/${name}`, text]));
  const called = async (...argv: readonly string[]): Promise<string> => {
    const io = createFakeIo({ files });
    await run(['test', 'manifests', ...argv], io);
    return io.output();
  };
  return { text: await called(), json: JSON.parse(await called('-o', 'json')) };
}

test('a table says once which network policies may stop its requests, and of those that fail how', async () => {
  const { text, json } = await tested(`${toWeb}, policyTypes: [Ingress]`);
  expect(text).toContain('not simulated: NetworkPolicy shop/p may stop the connection from shop/client-0 to shop/web-0:8080\n');
  expect(text).toContain(`2 of 3 requests as expected, 1 not
2 requests may be stopped by network policies, which are not simulated: NetworkPolicy shop/p
`);
  const told = json.tables[0].requests.map(({ stoppable }: { stoppable?: readonly object[] }) => stoppable?.length);
  expect(told).toEqual([1, undefined, 1]);
});

test('a table says nothing of network policies that let its requests through', async () => {
  const { text, json } = await tested(`${toWeb}, ingress: [{}]`);
  expect(text).toContain('2 of 3 requests as expected');
  expect(text).not.toContain('simulated');
  expect(JSON.stringify(json)).not.toContain('stoppable');
});
