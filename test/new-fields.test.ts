import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Where each message is taken apart field by field: a field that it gets must be a type error there. */
const takenApart: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'src/api/istio.gen.ts': {
    ConnectionPoolSettings: ['src/admission/traffic-policy.ts', 'src/translate/clusters/connection-pool.ts'],
    ConnectionPoolSettingsHTTPSettings: ['src/admission/traffic-policy.ts', 'src/translate/clusters/connection-pool.ts'],
    ConnectionPoolSettingsTCPSettings: ['src/admission/traffic-policy.ts', 'src/translate/clusters/connection-pool.ts'],
    HTTPMatchRequest: [
      'src/admission/http-route.ts',
      'src/findings/analyzers/expressions.ts',
      'src/findings/analyzers/support/match-formulas.ts',
      'src/model/traffic/virtual-service-delegates.ts',
      'src/translate/routes/match.ts',
    ],
    HTTPRetry: ['src/admission/http-route.ts', 'src/translate/routes/features/retry.ts'],
    HTTPRoute: [
      'src/admission/http-route.ts',
      'src/model/traffic/virtual-service-delegates.ts',
      'src/operations/describe/virtual-service.ts',
    ],
    // Together with TLSMatchAttributes; an error names a field of one of them.
    L4MatchAttributes: ['src/translate/listeners/gateway-tcp-chains.ts', 'src/translate/listeners/outbound-chains.ts'],
    LoadBalancerSettings: ['src/admission/traffic-policy.ts', 'src/translate/clusters/load-balancer.ts'],
    LoadBalancerSettingsConsistentHashLB: [
      'src/admission/traffic-policy.ts',
      'src/translate/clusters/load-balancer.ts',
      'src/translate/routes/features/hash-policy.ts',
    ],
    LoadBalancerSettingsConsistentHashLBHTTPCookie: ['src/translate/routes/features/hash-policy.ts'],
    Operation: ['src/translate/security/rule-model.ts'],
    OutlierDetection: ['src/admission/traffic-policy.ts', 'src/translate/clusters/outlier-detection.ts'],
    Source: ['src/translate/security/rule-model.ts'],
    TrafficPolicy: [
      'src/admission/traffic-policy.ts',
      'src/model/traffic/traffic-policy.ts',
      'src/operations/describe/destination-rule.ts',
    ],
    TrafficPolicyPortTrafficPolicy: [
      'src/admission/traffic-policy.ts',
      'src/model/traffic/traffic-policy.ts',
      'src/operations/describe/destination-rule.ts',
    ],
    WarmupConfiguration: ['src/admission/traffic-policy.ts', 'src/translate/clusters/load-balancer.ts'],
  },
  'src/envoy/api.gen.ts': {
    CookieMatcher: ['src/trace/http/route-match.ts'],
    FilterChainMatch: ['src/trace/filter-chain.ts'],
    FilterStateMatcher: ['src/trace/rbac.ts'],
    HeaderMatcher: ['src/sample-requests/request-conditions.ts', 'src/trace/recording/text-formulas.ts', 'src/trace/strings.ts'],
    HttpRBAC: ['src/trace/coverage.ts'],
    Listener: ['src/trace/coverage.ts'],
    MetadataMatcher: ['src/trace/strings.ts'],
    NetworkRBAC: ['src/trace/coverage.ts'],
    Permission: ['src/sample-requests/request-conditions.ts', 'src/trace/rbac.ts', 'src/trace/recording/policy-formulas.ts'],
    Policy: ['src/trace/rbac.ts'],
    Principal: ['src/sample-requests/request-conditions.ts', 'src/trace/rbac.ts', 'src/trace/recording/policy-formulas.ts'],
    QueryParameterMatcher: ['src/trace/strings.ts'],
    RouteConfiguration: ['src/trace/coverage.ts'],
    RouteMatch: [
      'src/output/proxy-config/listeners.ts',
      'src/sample-requests/request-conditions.ts',
      'src/trace/http/route-match.ts',
      'src/trace/recording/route-formulas.ts',
    ],
    SourcedMetadata: ['src/trace/rbac.ts'],
    StringMatcher: ['src/trace/recording/text-formulas.ts', 'src/trace/strings.ts'],
    ValueMatcher: ['src/trace/strings.ts'],
    VirtualHost: ['src/trace/coverage.ts'],
  },
};

/** What the new field holds, where only some fields matter; else a text. */
const holding: Readonly<Record<string, string>> = {
  Listener: 'readonly FilterChain[]',
  RouteConfiguration: 'readonly VirtualHost[]',
  VirtualHost: 'readonly Route[]',
};

/** The errors of the compiler when each of the messages has one more field, which is named for its message. */
async function errorsWithNewFields(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'new-fields-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const modules = Object.entries(takenApart).map(([module, messages]) => {
    const declared = Object.keys(messages).map(
      (name) => `interface ${name} { readonly newIn${name}?: ${holding[name] ?? 'string'} }`,
    );
    return `declare module '${join(root, module)}' { ${declared.join('\n')} }`;
  });
  writeFileSync(join(folder, 'new-fields.ts'), `export {};\n${modules.join('\n')}\n`);
  const options = { noEmit: true, typeRoots: [join(root, 'node_modules/@types')] };
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: options,
    include: [join(root, 'src'), 'new-fields.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  return new Promise((done) => {
    const compiler = join(root, 'node_modules/.bin/tsc');
    execFile(compiler, ['--project', folder, '--pretty', 'false'], { cwd: root }, (_, stdout) => done(stdout));
  });
}

describe('a message of an API that gets a new field', () => {
  test('is a type error wherever it is taken apart field by field', { timeout: 300_000 }, async () => {
    const errors = await errorsWithNewFields();
    const found = new Set(
      errors.split('\n').flatMap((line) => {
        const [, file, message] = /^([^ (][^(]*)\(.*newIn(\w+)/.exec(line) ?? [];
        return file === undefined ? [] : [`${message}: ${relative(root, resolve(root, file))}`];
      }),
    );
    const expected = Object.values(takenApart).flatMap((messages) =>
      Object.entries(messages).flatMap(([message, files]) => files.map((file) => `${message}: ${file}`)),
    );
    expect([...found].sort()).toEqual(expected.sort());
  });
});
