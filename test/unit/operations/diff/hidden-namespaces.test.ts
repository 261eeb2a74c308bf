import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

const shop = shopOf(['web', 'client']);

/** A namespace that istiod does not look at where discovery selectors ask for another label, with two servers and a Service. */
const legacy = (service: string): Files => ({
  'legacy.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: legacy, labels: {kept: out}}
---
${['old', 'other']
  .map(
    (name) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: legacy, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
`,
  )
  .join('')}
apiVersion: v1
kind: Service
metadata: {name: old, namespace: legacy}
spec: {${service}}
`,
});

const selectors = 'discoverySelectors: [{matchExpressions: [{key: kept, operator: DoesNotExist}]}]';
const config = { 'mesh.yaml': selectors };

interface NamedDoubt {
  readonly what?: readonly string[];
}

/** The exit status of `--equal`, requests that end otherwise, and what is not known, with discovery selectors. */
async function equal(before: Files, after: Files, flags: readonly string[] = ['--mesh-config', 'mesh.yaml']) {
  const { exitCode, requests, report } = await diffOf(
    { ...shop, ...before },
    { ...shop, ...after },
    ['--equal', ...flags],
    config,
  );
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly NamedDoubt[] } };
  return { exitCode, requests, unknown: (proof?.doubts ?? []).flatMap(({ what = [] }) => what) };
}

describe('Services of namespaces that discovery selectors keep from istiod', () => {
  const service = (app: string): Files =>
    legacy(`clusterIP: 10.96.9.9, selector: {app: ${app}}, ports: [{name: http, port: 80, targetPort: 8080}]`);
  const headless = (app: string): Files => legacy(`clusterIP: None, selector: {app: ${app}}, ports: [{name: http, port: 80}]`);

  test('are there for nodes: requests to them end at the pods that they select', async () => {
    const { exitCode, requests } = await equal(service('old'), service('other'));
    expect(exitCode).toBe(1);
    expect(requests).toEqual([
      'a pod without sidecar, shop/client, shop/web: GET http://old.legacy/: pods legacy/old -> legacy/other',
    ]);
    expect(await equal(service('old'), service('old'))).toEqual({ exitCode: 0, requests: [], unknown: [] });
  });

  test('are there for DNS: a headless one that leads elsewhere is not proven to make no difference', async () => {
    expect((await equal(headless('old'), headless('other'))).unknown).toEqual(['what DNS answers for Service legacy/old']);
    expect(await equal(headless('old'), headless('old'))).toEqual({ exitCode: 0, requests: [], unknown: [] });
  });

  test('are for DNS what they were where selectors come that hide them', async () => {
    const { unknown } = await equal(headless('old'), headless('old'), ['--new-mesh-config', 'mesh.yaml']);
    expect(unknown).toEqual([]);
  });
});
