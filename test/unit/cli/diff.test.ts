import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { edit, type Files, fixture } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';

async function mesh(args: readonly string[], files: Files) {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])) });
  const exitCode = await run(args, io);
  return { exitCode, output: io.output(), errors: io.errors() };
}

const under = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
const bookinfo = fixture('bookinfo');
const changed = edit(bookinfo, 'reviews-routing.yaml', 'subset: v2', 'subset: v3');
const sides = { ...under('old', bookinfo), ...under('new', changed) };

describe('mesh diff', () => {
  test('says what was edited, who gets what, and which requests end otherwise', async () => {
    const { exitCode, output } = await mesh(['diff', 'old', 'new'], sides);
    expect(exitCode).toBe(1);
    expect(output).toBe(`VirtualService default/reviews changed (new/reviews-routing.yaml:17)
    ~ spec.http[0].route[0].destination.subset: "v2" -> "v3"  (new/reviews-routing.yaml:17)
  6 proxies: default/details-v1-0, default/productpage-v1-0, default/ratings-v1-0, default/reviews-v1-0, default/reviews-v2-0, default/reviews-v3-0
    ~ route 9080  virtualHosts[reviews.default.svc.cluster.local:9080].routes[0].route.cluster: "outbound|9080|v2|reviews.default.svc.cluster.local" -> "outbound|9080|v3|reviews.default.svc.cluster.local"

Requests that end otherwise
  GET http://reviews.default.svc.cluster.local:9080/  end-user: jason
    which: requests where header end-user is "jason"
    from default/details-v1, default/productpage-v1, default/ratings-v1, default/reviews-v1, default/reviews-v2, default/reviews-v3
    cluster: outbound|9080|v2|reviews.default.svc.cluster.local -> outbound|9080|v3|reviews.default.svc.cluster.local
    pods: default/reviews-v2-0 -> default/reviews-v3-0
All other requests end as before: proven over 40 classes of requests.

6 proxies changed, 0 added, 0 removed, 0 unchanged; 6 of 12 requests end otherwise; 0 findings introduced, 0 fixed, 0 unchanged
`);
  });

  test('says of which rare requests it has not looked, where others end otherwise', async () => {
    const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ratings, namespace: default}
spec: {selector: {matchLabels: {app: ratings}}, mtls: {mode: STRICT}}
`;
    const { output } = await mesh(['diff', 'old', 'new'], {
      ...under('old', bookinfo),
      ...under('new', { ...bookinfo, 'strict.yaml': strict }),
    });
    expect(output).toMatch(
      /^All other requests that were looked at end as before: proven over \d+ classes of requests\.\n {2}not looked at: ports that no Service, policy or container names, bytes and TLS that pods without a sidecar send$/m,
    );
  });

  test('says nothing, with status 0, where nothing changes', async () => {
    expect(await mesh(['diff', 'old', 'old'], sides)).toEqual({ exitCode: 0, output: '', errors: '' });
  });

  test('compares for the istiod that flags name', async () => {
    const keepAlive = 'trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 5s, timeout: 1s}}}}';
    const rule = (policy: string): string =>
      `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: keep, namespace: default}\nspec: {host: ratings, ${policy}}\n`;
    const files = {
      ...under('old', { ...bookinfo, 'keep.yaml': rule('trafficPolicy: {connectionPool: {http: {}}}') }),
      ...under('new', { ...bookinfo, 'keep.yaml': rule(keepAlive) }),
    };
    const { output } = await mesh(['diff', 'old', 'new', '--no-requests', '--istio-version', '1.31'], files);
    expect(output).toContain('cluster outbound|9080||ratings.default.svc.cluster.local');
    expect(await mesh(['diff', 'old', 'old', '--istio-version', '9.9'], files)).toMatchObject({
      exitCode: 64,
      errors: expect.stringContaining('9.9'),
    });
  });

  test('markdown folds the details and keeps markup apart', async () => {
    const { output } = await mesh(['diff', 'old', 'new', '-o', 'markdown'], sides);
    expect(output).toContain('### Mesh: `old` → `new`');
    expect(output).toContain(
      '| `GET http://reviews.default.svc.cluster.local:9080/  end-user: jason`<br>which: `requests where header end-user is "jason"` |',
    );
    expect(output).toContain('outbound\\|9080\\|v3\\|reviews');
    expect(output).toContain(
      '<details><summary>VirtualService default/reviews changed (new/reviews-routing.yaml:17): 6 proxies</summary>',
    );
    expect((await mesh(['diff', 'old', 'old', '-o', 'markdown'], sides)).output).toContain('Nothing changes for any proxy.');
  });

  test('several edits are told apart: each with the changes that it makes', async () => {
    const both = edit(changed, 'ratings.yaml', 'replicas: 1', 'replicas: 2');
    const { output } = await mesh(['diff', 'old', 'new', '-o', 'json', '--no-requests'], { ...sides, ...under('new', both) });
    const report = JSON.parse(output) as {
      causes: { causes: { kind: string; name: string }[]; groups: { changes: { type: string }[] }[] }[];
    };
    const told = report.causes.map(({ causes, groups }) => [
      causes.map(({ kind, name }) => `${kind} ${name}`).join(', '),
      [...new Set(groups.flatMap(({ changes }) => changes.map(({ type }) => type)))].sort().join(', '),
    ]);
    expect(told).toEqual([
      ['Deployment ratings-v1', 'endpoints'],
      ['VirtualService reviews', 'routes'],
    ]);
  });

  test('MeshConfig can differ by itself, and is the cause', async () => {
    const files = { ...sides, 'a.yaml': 'accessLogFile: /dev/stdout\n', 'b.yaml': 'accessLogFile: ""\n' };
    const { exitCode, output } = await mesh(
      ['diff', 'old', 'old', '--old-mesh-config', 'a.yaml', '--new-mesh-config', 'b.yaml'],
      files,
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('MeshConfig changed (b.yaml)\n    ~ accessLogFile: "/dev/stdout" -> ""  (b.yaml)\n');
    expect(output).not.toContain('Requests that end otherwise');
  });

  test('findings that come and go are told, those that stay are counted', async () => {
    const broken = edit(bookinfo, 'reviews-routing.yaml', 'subset: v2', 'subset: v9');
    const files = { ...under('old', bookinfo), ...under('new', broken) };
    const text = (await mesh(['diff', 'old', 'new'], files)).output;
    expect(text).toMatch(/\+ new\/reviews-routing\.yaml:16:\d+: error \[IST0101\] VirtualService default\/reviews/);
    expect((await mesh(['diff', 'new', 'old'], files)).output).toMatch(/- new\/reviews-routing\.yaml:16:\d+: error \[IST0101\]/);
  });

  test('a config dump is compared with the proxy of its pod', async () => {
    const dumped = await mesh(['translate', '-f', 'old', '--proxy', 'ratings-v1-0', '-o', 'config-dump'], sides);
    const files = { ...sides, 'dump.json': dumped.output };
    expect((await mesh(['diff', 'dump.json', 'old'], files)).exitCode).toBe(0);
    const { exitCode, output } = await mesh(['diff', 'dump.json', 'new'], files);
    expect(exitCode).toBe(1);
    expect(output).toContain('1 proxy: default/ratings-v1-0\n    ~ route 9080');
  });

  test('a config dump of a pod of another name finds its workload', async () => {
    const dumped = await mesh(['translate', '-f', 'old', '--proxy', 'ratings-v1-0', '-o', 'config-dump'], sides);
    const files = { ...sides, 'dump.json': dumped.output.replaceAll('ratings-v1-0', 'ratings-v1-7c9d-x2x') };
    expect((await mesh(['diff', 'dump.json', 'old'], files)).exitCode).toBe(0);
    const nobody = { ...sides, 'dump.json': dumped.output.replaceAll('ratings-v1', 'nobody') };
    const { exitCode, errors } = await mesh(['diff', 'dump.json', 'old'], nobody);
    expect([exitCode, errors]).toEqual([
      65,
      'error: dump.json is of the proxy default/nobody-0, and old has no pod or workload of that name\n',
    ]);
  });

  test('input with errors and wrong calls have statuses of their own', async () => {
    const broken = { ...sides, 'new/bad.yaml': 'kind: [' };
    expect((await mesh(['diff', 'old', 'new'], broken)).exitCode).toBe(65);
    expect((await mesh(['diff', 'old', 'nowhere'], sides)).exitCode).toBe(65);
    expect((await mesh(['diff', '-', '-'], sides)).exitCode).toBe(64);
    expect((await mesh(['diff', 'old'], sides)).exitCode).toBe(64);
  });
});
