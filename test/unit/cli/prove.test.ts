import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { shopManifests } from '../../support/proving.ts';

const POLICY = readFileSync(resolve(import.meta.dirname, '../../../fixtures/prove/shop.mesh-policy.yaml'), 'utf8');
const manifests = Object.fromEntries(Object.entries(shopManifests()).map(([name, text]) => [`/work/manifests/${name}`, text]));

async function mesh(argv: readonly string[], files: Readonly<Record<string, string>>) {
  const io = createFakeIo({ files: { ...manifests, ...files } });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const holding = 'statements:\n- {name: nobody, never: {from: outside, to: {services: [pay/ledger]}}}\n';

describe('mesh prove', () => {
  test('ends with 79 and the command that follows the request where a statement is refuted', async () => {
    const { code, out, err } = await mesh(['prove'], { '/work/shop.mesh-policy.yaml': POLICY });
    expect(code).toBe(79);
    expect(out).toContain('mesh trace --from shop/web-0 http://ledger.pay.svc.cluster.local/ -f manifests\n');
    expect(out).toMatch(/\n5 of 7 statements proven, 2 refuted\n$/);
    expect(err).toBe('error: 2 of 7 statements are refuted\n');
  });

  test('ends with 0 where all are proven', async () => {
    expect(await mesh(['prove'], { '/work/shop.mesh-policy.yaml': holding })).toEqual({
      code: 0,
      out: 'ok   shop.mesh-policy.yaml  1 of 1 proven\n\n1 of 1 statements proven\n',
      err: '',
    });
  });

  test('ends with 80 where one is neither proven nor refuted, and never takes it for proven', async () => {
    const gateway = shopManifests()['gateway.yaml']?.replace(
      'rewrite: { uri: /orders }',
      "rewrite: { uriRegexRewrite: { match: '/api/(.*)', rewrite: '/\\1' } }",
    );
    const { code, out } = await mesh(['prove'], {
      '/work/manifests/gateway.yaml': gateway ?? '',
      '/work/shop.mesh-policy.yaml':
        'statements:\n- {name: no admin, never: {from: outside, to: {services: [shop/orders], paths: [/admin*]}}}\n',
    });
    expect(code).toBe(80);
    expect(out).toMatch(/undecided: nothing is known of .*, for requests from outside to http/);
    expect(out).toMatch(/0 of 1 statements proven, 1 undecided\n$/);
    const json = await mesh(['prove', '-o', 'json'], {
      '/work/manifests/gateway.yaml': gateway ?? '',
      '/work/shop.mesh-policy.yaml':
        'statements:\n- {name: no admin, never: {from: outside, to: {services: [shop/orders], paths: [/admin*]}}}\n',
    });
    const [{ because }] = JSON.parse(json.out).files[0].statements;
    expect(new Set(because.map(({ what }: { what: string }) => what)).size).toBe(because.length);
    expect(because[0].requests).toContainEqual({ from: 'outside', to: expect.stringMatching(/^https?:/) });
  });

  test('ends with 65 and the place of each mistake where a file cannot be used', async () => {
    const text = 'statements:\n- {name: x, never: {to: {services: [shop/ordres]}}}\n- {always: {}}\n';
    const { code, err } = await mesh(['prove'], { '/work/shop.mesh-policy.yaml': text });
    expect(code).toBe(65);
    expect(err).toContain(
      'error: shop.mesh-policy.yaml:3:12: statements[1].always is no statement; it must be one of mutualTLS, token and tls\n',
    );
    const other = await mesh(['prove'], { '/work/shop.mesh-policy.yaml': text.replace('- {always: {}}\n', '') });
    expect(other.err).toContain('services[0] is "shop/ordres"; it must be a service of the mesh (did you mean "shop/orders"?)');
    expect((await mesh(['prove'], {})).code).toBe(64);
  });

  test('tells programs what it tells people', async () => {
    const files = { '/work/shop.mesh-policy.yaml': POLICY };
    const json = JSON.parse((await mesh(['prove', '-o', 'json'], files)).out);
    expect(json.summary).toEqual({ statements: 7, proven: 5, refuted: 2, undecided: 0 });
    expect(json.files[0].statements[2]).toMatchObject({
      verdict: 'refuted',
      location: { file: 'shop.mesh-policy.yaml', line: 12 },
      witness: { server: 'pay/ledger-0', port: 8080, security: 'mutual TLS', status: 200 },
    });
    const junit = await mesh(['prove', '-o', 'junit'], files);
    expect(junit.out).toContain('<testsuites name="mesh prove" tests="7" failures="2" errors="0">');
    const github = await mesh(['prove', '-o', 'github'], files);
    expect(github.out).toMatch(
      /^::error file=shop\.mesh-policy\.yaml,line=12,col=\d+,endLine=\d+,title=MESH3000::only orders reaches the ledger: refuted/,
    );
    const sarif = JSON.parse((await mesh(['prove', '-o', 'sarif'], files)).out);
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(['MESH3000', 'MESH3000']);
  });

  test('suggests statements that it proves itself', async () => {
    const { code, out } = await mesh(['prove', '--suggest'], {});
    expect(code).toBe(0);
    expect(out).toContain('{only: {from: [outside, {workloads: [shop/web]}], to: {services: [shop/orders]}}}');
    expect(await mesh(['prove'], { '/work/all.mesh-policy.yaml': out })).toMatchObject({ code: 0 });
  });
});
