import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeIo } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';
import { namespace, workload } from '../../support/ambient-mesh.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/migration');

async function printed(...argv: readonly string[]): Promise<{ readonly exitCode: number; readonly text: string }> {
  const parts: string[] = [];
  const io = { ...createNodeIo(), out: (part: unknown) => parts.push(String(part)) > 0, err: () => {} };
  const exitCode = await run(['diff', ...argv], io);
  return { exitCode, text: parts.join('').replaceAll(`${folder}/`, '') };
}

/** What differs besides the configuration of proxies: from the requests on. */
async function endOf(...argv: readonly string[]): Promise<string> {
  const { text } = await printed(...argv);
  return text.slice(text.search(/^(Requests that end|No request ends|Policies and rules|No policy)/m));
}

const expected = (name: string) => `${folder}/${name}/expected.txt`;
const moved = (name: string, namespace: string) => endOf('--ambient-namespace', namespace, `${folder}/${name}`);
const sides = (name: string) => endOf(`${folder}/${name}/before`, `${folder}/${name}/after`);

describe('the preview of a migration to ambient mode', () => {
  test('a DENY policy by path refuses nobody at ztunnel', async () => {
    await expect(await moved('deny', 'shop')).toMatchFileSnapshot(expected('deny'));
  });

  test('an ALLOW policy by path lets nobody in at ztunnel', async () => {
    await expect(await moved('allow-path', 'shop')).toMatchFileSnapshot(expected('allow-path'));
  });

  test('an EnvoyFilter and a VirtualService fall silent', async () => {
    await expect(await moved('silent', 'shop')).toMatchFileSnapshot(expected('silent'));
  });

  test('sidecars of a STRICT namespace refuse what comes from ambient mode, and are let in the other way round', async () => {
    await expect(await moved('strict', 'web')).toMatchFileSnapshot(expected('strict'));
  });

  test('a gateway goes past the waypoint and its policies', async () => {
    await expect(await sides('gateway')).toMatchFileSnapshot(expected('gateway'));
  });

  test('a gateway past the waypoint takes no tokens, which a refused one shows; one that uses the waypoint takes them', async () => {
    const text = await endOf(`${folder}/gateway-token/before`, `${folder}/gateway-token/after`);
    await expect(text).toMatchFileSnapshot(expected('gateway-token'));
    const sound = await endOf(`${folder}/gateway-token/before`, `${folder}/gateway-token/sound`);
    expect(sound).toMatch(/^No request ends otherwise.*\nNo policy and no rule falls silent\.$/m);
  });

  test('a namespace with a waypoint that has all its policies by targetRefs moves without a change', async () => {
    await expect(await sides('quiet')).toMatchFileSnapshot(expected('quiet'));
  });

  test('sidecars go past the waypoint of a namespace that moves without them', async () => {
    await expect(await sides('sidecar-client')).toMatchFileSnapshot(expected('sidecar-client'));
  });

  test('pods outside of the mesh go past a waypoint where mutual TLS is not asked for', async () => {
    const text = await sides('gateway');
    expect(text).toContain(
      'GET http://orders.shop:8080/admin\n  GET http://orders.shop:8080/adminx\n    which: requests where path begins with /admin\n    from a pod without sidecar',
    );
    expect(await sides('quiet')).not.toContain('a pod without sidecar');
  });

  test('what is refused either way shows nothing of a policy', async () => {
    const text = await endOf('--ambient-namespace', 'default', `${folder}/../operations/manifests`);
    expect(text).toContain('No policy and no rule falls silent.');
    expect(text).toContain('why: PeerAuthentication foo/reviews-strict demands mutual TLS');
  });

  test('nobody is refused where the sidecars of a STRICT namespace take tunnels', async () => {
    const config = `${folder}/tunnels.yaml`;
    expect(await endOf('--mesh-config', config, '--ambient-namespace', 'web', `${folder}/strict`)).toMatch(
      /^No request ends otherwise, but some that are rarely sent\.\nNo policy and no rule falls silent\.$/m,
    );
  });

  test('tells who moves and which proxies go, and leaves out what the mode of istiod changes by itself', async () => {
    const { exitCode, text } = await printed('--ambient-namespace', 'shop', `${folder}/deny`);
    expect(exitCode).toBe(1);
    expect(text.slice(0, text.indexOf('Namespace shop changed'))).toBe(`1 workload moved to ambient mode: shop/orders
The ambient mode of istiod alone changes 2 proxies; that is left out below.

- proxy shop/orders-0

`);
    expect(text).not.toContain('connect_originate\n');
  });

  test('JSON has the finding with its place, the fix, and the witness in words and as facts', async () => {
    const { text } = await printed('--ambient-namespace', 'shop', `${folder}/deny`, '-o', 'json');
    const { migration } = JSON.parse(text);
    expect(migration).toMatchObject({ toAmbient: ['shop/orders'], toSidecars: [], switched: ['shop/orders-0', 'web/front-0'] });
    expect(migration.silent).toMatchObject([
      {
        finding: { code: 'MESH2303', location: { file: 'deny/shop.yaml', line: 46 } },
        fix: 'Attach the policy to a waypoint by targetRefs.',
        witness: {
          requests: [{ method: 'GET', url: 'http://orders.shop.svc.cluster.local/admin' }],
          from: ['web/front'],
          differences: { status: ['403', '200'] },
          facts: { from: [{ kind: 'workload', workload: 'web/front' }] },
        },
      },
    ]);
  });

  test('markdown has them in sight', async () => {
    const { text } = await printed('--ambient-namespace', 'shop', `${folder}/deny`, '-o', 'markdown');
    expect(text).toContain('- 1 workload moved to ambient mode: shop/orders');
    expect(text).toContain('**Policies and rules that fall silent**');
    expect(text).toContain('  - fix: Attach the policy to a waypoint by targetRefs.');
    expect(text).toContain('  - witness: `GET http://orders.shop.svc.cluster.local/admin`');
  });
});

describe('mesh diff --ambient-namespace', () => {
  async function mesh(files: Readonly<Record<string, string>>, ...argv: readonly string[]) {
    const io = createFakeIo({
      files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])),
    });
    const exitCode = await run(['diff', ...argv], io);
    return { exitCode, output: io.output(), errors: io.errors() };
  }
  const farm = [namespace('farm', 'none', 'istio-injection: enabled'), workload('hen', 'farm', { ip: 1 })].join('');

  test('a Sidecar that limits what may be reached falls silent', async () => {
    const sidecar = `
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: closed, namespace: farm}
spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}`;
    const barn = [namespace('barn', 'none'), workload('cow', 'barn', { ip: 2 })].join('');
    const { output } = await mesh({ 'all.yaml': farm + barn + sidecar }, '--ambient-namespace', 'farm', 'all.yaml', '-o', 'json');
    expect(JSON.parse(output).migration.silent).toMatchObject([
      { finding: { code: 'IST0167' }, witness: { from: ['farm/hen'], differences: { status: ['502', '200'] } } },
    ]);
  });

  test('makes the Namespace where there is none', async () => {
    const files = { 'all.yaml': workload('hen', 'farm', { ip: 1 }) };
    const { output } = await mesh(files, '--ambient-namespace', 'farm', 'all.yaml');
    expect(output).toContain('1 workload moved to ambient mode: farm/hen');
    expect(output).toContain('- proxy farm/hen');
  });

  test('takes sidecars out of pods as a cluster has them, and leaves gateways alone', async () => {
    const pod = (name: string, more: string) => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: farm, labels: {app: ${name}, sidecar.istio.io/inject: "true", security.istio.io/tlsMode: istio}, annotations: {sidecar.istio.io/status: '{}'${more}}}
spec:
  containers: [{name: app, image: app}, {name: istio-proxy, image: istio/proxyv2:1.30.3, args: [proxy, sidecar]}]
status: {podIP: 10.0.7.${name.length}}`;
    const files = { 'all.yaml': `${farm}${pod('duck', '')}${pod('gate', ', inject.istio.io/templates: gateway')}` };
    const { output } = await mesh(files, '--ambient-namespace', 'farm', 'all.yaml', '-o', 'json');
    const { migration, proxies } = JSON.parse(output);
    expect(migration.toAmbient).toEqual(['farm/duck', 'farm/hen']);
    expect(proxies.removed).not.toContain('farm/gate');
  });

  test('says that nothing is in a namespace, and which one may be meant', async () => {
    expect(await mesh({ 'all.yaml': farm }, '--ambient-namespace', 'fram', 'all.yaml')).toMatchObject({
      exitCode: 64,
      errors: expect.stringContaining('--ambient-namespace fram: nothing is in it (did you mean "farm"?)'),
    });
  });

  test('has one side', async () => {
    expect(await mesh({ 'all.yaml': farm }, '--ambient-namespace', 'farm', 'all.yaml', 'all.yaml')).toMatchObject({
      exitCode: 64,
      errors: expect.stringContaining('one side'),
    });
  });

  test('moves back to sidecars too', async () => {
    const files = { 'old.yaml': [namespace('farm'), workload('hen', 'farm', { ip: 1 })].join(''), 'new.yaml': farm };
    expect((await mesh(files, 'old.yaml', 'new.yaml')).output).toContain('1 workload moved to sidecars: farm/hen');
  });
});
