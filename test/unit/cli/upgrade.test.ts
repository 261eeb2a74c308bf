import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import type { Files } from '../../support/diff.ts';
import { fixture } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';

async function mesh(args: readonly string[], files: Files) {
  const named = Object.entries(files).map(([name, text]) => [`/work/manifests/${name}`, text] as const);
  const io = createFakeIo({ files: Object.fromEntries(named) });
  const exitCode = await run(args, io);
  return { exitCode, output: io.output(), errors: io.errors() };
}

interface FindingJson {
  readonly code: string;
  readonly resource?: { readonly name: string };
}

interface ReportJson {
  readonly proxies: { readonly changed: readonly string[]; readonly unchanged: number };
  readonly effects: readonly {
    readonly summary: string;
    readonly causes: readonly {
      readonly kind: string;
      readonly name?: string;
      readonly change?: number;
      readonly former?: { readonly variable: string; readonly value: string };
    }[];
    readonly resources: number;
    readonly groups: readonly {
      readonly proxies: readonly string[];
      readonly changes: readonly { readonly type: string; readonly resource: string }[];
    }[];
  }[];
  readonly requests: {
    readonly changed: readonly {
      readonly requests: readonly { readonly url: string }[];
      readonly which?: readonly string[];
      readonly differences: Readonly<Record<string, readonly [string, string]>>;
      readonly causes: readonly { readonly kind: string; readonly name?: string }[];
    }[];
  };
  readonly findings: Readonly<Record<'refused' | 'outdated' | 'introduced' | 'fixed', readonly FindingJson[]>>;
  readonly news: readonly { readonly release: string; readonly upgradeNotes: string }[];
}

async function preview(flags: readonly string[], files: Files): Promise<ReportJson> {
  const { output } = await mesh(['diff', 'manifests', '-o', 'json', ...flags], files);
  return JSON.parse(output) as ReportJson;
}

const causesOf = ({ effects }: ReportJson): readonly string[] =>
  effects.map(({ causes }) => causes.map(({ kind, name }) => name ?? kind).join(' + '));

const web = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: web }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: web }] }
status: { conditions: [{ type: Ready, status: "False" }] }
`;

const subset = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web
  trafficPolicy: { tls: { mode: DISABLE } }
  subsets: [{ name: all, labels: { app: web }, trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } }]
`;

const versioned = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: old-proxies, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND, proxy: { proxyVersion: '^1\\.30' }, cluster: { service: web.shop.svc.cluster.local } }
      patch: { operation: MERGE, value: { altStatName: patched } }
`;

const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
  rules: [{ matches: [{ path: { type: PathPrefix, value: /gone } }] }]
`;

describe('the preview of an upgrade', () => {
  test('tells changes by the behaviour that makes them, with the change of Istio and what keeps it off', async () => {
    const report = await preview(['--to-istio-version', '1.31', '--no-requests'], { 'a.yaml': `${web}---${subset}` });
    expect(causesOf(report)).toEqual(['autoSendUnhealthyEndpoints', 'subsetsInheritTls']);
    const [unhealthy, tls] = report.effects.map(({ causes }) => causes[0]);
    expect(unhealthy).toMatchObject({
      change: 60690,
      former: { variable: 'PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS', value: 'false' },
    });
    expect(tls).toMatchObject({ change: 60792 });
    expect(report.news.map(({ release }) => release)).toEqual(['1.31']);
  });

  test('text has one block for each behaviour, each form of change once', async () => {
    const { exitCode, output, errors } = await mesh(['diff', 'manifests', '--to-istio-version', '1.31'], { 'a.yaml': web });
    expect(errors).toBe('');
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'endpoints that are not ready are sent too, marked so that nobody uses them, even when no other is left (istio/istio 60690)\n  4 resources in 2 proxies\n',
    );
    expect(output).toContain('    + cluster commonLbConfig.healthyPanicThreshold: {} (2)\n');
    expect(output).toContain('https://istio.io/latest/news/releases/1.31.x/announcing-1.31/upgrade-notes/');
  });

  test('markdown says the same', async () => {
    const { output } = await mesh(['diff', 'manifests', '--to-istio-version', '1.31', '-o', 'markdown'], { 'a.yaml': web });
    expect(output).toContain('### Mesh: Istio 1.30.3 -&gt; Istio 1.31.0-rc.0'.replace('&gt;', '\\>'));
    expect(output).toContain('<details><summary>endpoints that are not ready are sent');
  });

  test('proxies keep their release where a flag says so: then the control plane alone changes', async () => {
    const files = { 'a.yaml': `${web}---${versioned}` };
    expect(causesOf(await preview(['--to-istio-version', '1.31'], files))).toEqual([
      'autoSendUnhealthyEndpoints',
      'proxy-version',
    ]);
    expect(causesOf(await preview(['--to-istio-version', '1.31', '--proxy-version', '1.30.3'], files))).toEqual([
      'autoSendUnhealthyEndpoints',
    ]);
    expect(causesOf(await preview(['--to-proxy-version', '1.31.0'], files))).toEqual(['proxy-version']);
  });

  test('names patches that begin or cease to match', async () => {
    const { output } = await mesh(['diff', 'manifests', '--to-proxy-version', '1.31.0'], { 'a.yaml': versioned, 'b.yaml': web });
    expect(output).toContain(
      'EnvoyFilter shop/old-proxies configPatches[0] (proxyVersion ^1\\.30) matches 2 proxies no more  (manifests/a.yaml:',
    );
  });

  test('the compatibility profile of the former release leaves what it keeps off', async () => {
    const flags = ['--to-istio-version', '1.31', '--to-compatibility-version', '1.30', '--no-requests'];
    expect(causesOf(await preview(flags, { 'a.yaml': `${web}---${subset}` }))).toEqual(['subsetsInheritTls']);
  });

  test('a profile ends where the release itself is named', async () => {
    const flags = ['--istio-version', '1.31', '--compatibility-version', '1.30', '--to-compatibility-version', '1.31'];
    expect(causesOf(await preview([...flags, '--no-requests'], { 'a.yaml': web }))).toEqual(['autoSendUnhealthyEndpoints']);
  });

  test('a variable of istiod is a cause like any other', async () => {
    const report = await preview(['--to-istiod-env', 'PILOT_HTTP10=true', '--no-requests'], { 'a.yaml': web });
    expect(causesOf(report)).toEqual(['http10']);
    expect(report.effects[0]?.causes[0]?.former).toEqual({ variable: 'PILOT_HTTP10', value: 'false' });
  });

  test('requests that end otherwise name the behaviour', async () => {
    const report = await preview(['--to-istio-version', '1.31'], { 'a.yaml': `${web}---${route}` });
    const [change] = report.requests.changed;
    expect(change?.differences.status).toEqual(['404', '500']);
    expect(change?.causes.map(({ name }) => name)).toEqual(['statusWithoutBackends']);
  });

  test('of requests that end otherwise all are told, by what they have in common, each kind with the behaviour', async () => {
    const match =
      '{ path: { type: PathPrefix, value: /gone }, method: PUT, headers: [{ type: RegularExpression, name: tenant, value: "[a-c]{3}" }] }';
    const rare = route.replace(/matches: .*$/m, `matches: [${match}] }]`);
    const [change] = (await preview(['--to-istio-version', '1.31'], { 'a.yaml': `${web}---${rare}` })).requests.changed.filter(
      ({ which = [] }) => which.join().includes('tenant'),
    );
    expect(change?.causes.map(({ name }) => name)).toEqual(['statusWithoutBackends']);
  });

  test('that no request ends otherwise is said where it is proven, and what that rests on', async () => {
    const { output, exitCode } = await mesh(['diff', 'manifests', '--to-istio-version', '1.31'], { 'a.yaml': web });
    expect(output).toContain('Every request ends as before: proven over');
    expect(output).toContain(
      'assumed to make no difference: what Envoy itself does otherwise in proxies 1.31.0-rc.0 than in 1.30.3',
    );
    expect(output).toContain('; no request ends otherwise; ');
    expect(exitCode).toBe(1);
  });

  test('--equal succeeds with a proof alone', async () => {
    const equal = (text: string) => mesh(['diff', 'manifests', '--to-istio-version', '1.31', '--equal'], { 'a.yaml': text });
    expect((await equal(web)).exitCode).toBe(0);
    expect((await equal(`${web}---${route}`)).exitCode).toBe(1);
    expect((await mesh(['diff', 'manifests', '--to-istio-version', '1.31', '--equal', '--no-requests'], {})).exitCode).toBe(64);
  });

  test('nothing is told where nothing changes', async () => {
    expect(await mesh(['diff', 'manifests', '--to-istio-version', '1.30'], fixture('bookinfo'))).toEqual({
      exitCode: 0,
      output: '',
      errors: '',
    });
  });

  test('upgrade-check says that nothing changes, and where Istio tells of the release', async () => {
    const { exitCode, output } = await mesh(['upgrade-check', 'manifests', '--istio-version', '1.29'], fixture('bookinfo'));
    expect(exitCode).toBe(0);
    expect(output).toContain('What Istio says of 1.30: https://istio.io/');
    expect(output).toMatch(/^0 proxies changed, 6 unchanged; /m);
  });

  test('a field that only one of the releases knows is its own cause', async () => {
    const enrichment = {
      'a.yaml': `${web}---${subset.replace('{ mode: DISABLE }', '{ mode: DISABLE }, connectionPool: { http: { http2KeepAlive: { interval: 10s, timeout: 5s } } }')}`,
    };
    const report = await preview(['--istio-version', '1.30', '--to-istio-version', '1.31', '--no-requests'], enrichment);
    expect(causesOf(report)).toContain('api');
  });

  test('resources that are refused, warned of or no longer refused, and definitions that are too old', async () => {
    const files = {
      'a.yaml': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: domains, namespace: shop }
spec: { rules: [{ from: [{ source: { trustDomains: ["a*b*"] } }] }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec: { host: web, trafficPolicy: { loadBalancer: { warmup: { duration: 10s, aggression: 0.5 } } } }
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: keys, namespace: shop }
spec: { jwtRules: [{ issuer: me, jwks: '{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]}' }] }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: tcproutes.gateway.networking.k8s.io, annotations: { gateway.networking.k8s.io/bundle-version: v1.5.0 } }
spec: { group: gateway.networking.k8s.io }
`,
    };
    const told = async (from: string, to: string) => {
      const { findings } = await preview(['--istio-version', from, '--to-istio-version', to], files);
      const each = (some: readonly FindingJson[]) => some.map(({ code, resource }) => `${code} ${resource?.name}`);
      const { refused, outdated, introduced, fixed } = findings;
      return { refused: each(refused), outdated: each(outdated), introduced: each(introduced), fixed: each(fixed) };
    };
    expect(await told('1.29', '1.30')).toEqual({
      refused: ['IST0106 domains'],
      outdated: [],
      introduced: ['IST0133 keys'],
      fixed: ['IST0106 domains', 'MESH0104 domains'],
    });
    expect(await told('1.30', '1.31')).toEqual({
      refused: [],
      outdated: ['IST0176 tcproutes.gateway.networking.k8s.io'],
      introduced: [],
      fixed: ['IST0106 web'],
    });
  });

  test('what is refused is told in one order, however the files are named', async () => {
    const extension = (name: string): string =>
      `apiVersion: extensions.istio.io/v1alpha1\nkind: TrafficExtension\nmetadata: { name: ${name}, namespace: shop }\nspec: { wasm: { url: oci://registry.example/${name} } }\n`;
    const files = { 'one.yaml': extension('one'), 'other.yaml': extension('other') };
    const told = async (names: readonly string[]) =>
      (
        await mesh(
          ['upgrade-check', '-o', 'json', '--to-istio-version', '1.29', ...names.flatMap((name) => ['-f', `manifests/${name}`])],
          files,
        )
      ).output;
    expect(await told(['other.yaml', 'one.yaml'])).toBe(await told(['one.yaml', 'other.yaml']));
  });

  test('a field that neither release knows is no news', async () => {
    const errorCodes = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec: { host: web, trafficPolicy: { outlierDetection: { outlierDetectionHttpErrorCodes: ["503"] } } }
`;
    const flags = ['--istio-version', '1.29', '--to-istio-version', '1.30'];
    const { findings } = await preview(flags, { 'a.yaml': errorCodes });
    expect(findings).toMatchObject({ refused: [], introduced: [], fixed: [] });
  });

  test('two sides and another control plane are a mistake of usage, and so is one side without', async () => {
    expect((await mesh(['diff', 'manifests', 'manifests', '--to-istio-version', '1.31'], { 'a.yaml': web })).exitCode).toBe(64);
    expect((await mesh(['diff', 'manifests'], { 'a.yaml': web })).exitCode).toBe(64);
  });
});

describe('mesh upgrade-check', () => {
  test('exits with 0 where proxies change and no request does', async () => {
    const { exitCode, output } = await mesh(['upgrade-check', 'manifests'], { 'a.yaml': web });
    expect(output).toContain('Istio 1.30.3 -> Istio 1.31.0-rc.0');
    expect(exitCode).toBe(0);
  });

  test('exits with 1 where requests end otherwise', async () => {
    expect((await mesh(['upgrade-check'], { 'a.yaml': `${web}---${route}` })).exitCode).toBe(1);
  });

  test('there is no release after the newest', async () => {
    const { exitCode, errors } = await mesh(['upgrade-check', '--istio-version', '1.31'], { 'a.yaml': web });
    expect(exitCode).toBe(64);
    expect(errors).toContain('mesh knows no release after Istio 1.31');
  });
});
