import { dump, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files, fixture, generatedMesh } from '../../support/diff.ts';

const meshes: Readonly<Record<string, Files>> = {
  bookinfo: fixture('bookinfo'),
  helloworld: fixture('helloworld'),
  operations: fixture('operations'),
  generated: generatedMesh(4),
};

const documentsOf = (text: string): string[] => text.split(/^---$/m).filter((part) => part.trim() !== '');
const eachFile = (files: Files, change: (text: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));
const eachDocument = (files: Files, change: (value: unknown) => string): Files =>
  eachFile(files, (text) =>
    documentsOf(text)
      .map((document) => change(load(document)))
      .join('\n---\n'),
  );
const reversedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversedKeys(member)]),
  );
};
const joined = (files: Files): string => Object.values(files).join('\n---\n');

/** Ways to write the same manifests otherwise. */
const rewrites: Readonly<Record<string, (files: Files) => Files>> = {
  'documents in another order': (files) => eachFile(files, (text) => documentsOf(text).reverse().join('\n---\n')),
  'keys in another order': (files) => eachDocument(files, (value) => dump(reversedKeys(value))),
  'comments and empty lines': (files) =>
    eachFile(files, (text) => `# A note.\n\n${text.replaceAll(/^(kind: .*)$/gm, '$1 # of this kind\n')}\n# The end.\n`),
  'another indentation': (files) => eachDocument(files, (value) => dump(value, { indent: 4, lineWidth: 40 })),
  'everything in flow style': (files) => eachDocument(files, (value) => dump(value, { flowLevel: 1 })),
  'everything quoted': (files) => eachDocument(files, (value) => JSON.stringify(value, null, 2)),
  'Windows line ends': (files) => eachFile(files, (text) => text.replaceAll('\n', '\r\n')),
  'other file names': (files) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`z/renamed-${name.replace('.yaml', '.yml')}`, text])),
  'all in one file': (files) => ({ 'all.yaml': joined(files) }),
  'a file for each document': (files) =>
    Object.fromEntries(documentsOf(joined(files)).map((text, index) => [`${String(999 - index)}.yaml`, text])),
  'JSON in a List': (files) => ({
    'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documentsOf(joined(files)).map((text) => load(text)) }),
  }),
};

const extra = (text: string): Files => ({ ...meshes.operations, 'extra.yaml': text });
const rule = (body: string): Files =>
  extra(
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: httpbin, namespace: default}\nspec: ${body}`,
  );
const route = (body: string, version = 'v1'): Files =>
  extra(
    `apiVersion: networking.istio.io/${version}\nkind: VirtualService\nmetadata: {name: reviews, namespace: foo}\nspec: {hosts: [reviews.foo.svc.cluster.local], http: [${body}]}`,
  );
const policy = (body: string): Files =>
  extra(
    `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: httpbin, namespace: default}\nspec: ${body}`,
  );
const envoyFilter = (value: string): Files =>
  extra(`apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: buffer, namespace: default}
spec: {configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: MERGE, value: ${value}}}]}`);
const to = (host: string): string => `route: [{destination: {host: ${host}}}]`;
const operations = meshes.operations ?? {};

/** Two ways to say the same. */
const equivalents: Readonly<Record<string, readonly [Files, Files]>> = {
  'a host by its short and its full name': [rule('{host: httpbin}'), rule('{host: httpbin.default.svc.cluster.local}')],
  'a destination by its short and its full name': [
    route(`{${to('reviews')}}`),
    route(`{${to('reviews.foo.svc.cluster.local')}}`),
  ],
  'a timeout in minutes and in seconds': [route(`{timeout: 1m, ${to('reviews')}}`), route(`{timeout: 60s, ${to('reviews')}}`)],
  'a timeout in milliseconds and in seconds': [
    route(`{timeout: 1500ms, ${to('reviews')}}`),
    route(`{timeout: 1.5s, ${to('reviews')}}`),
  ],
  'a connection timeout in minutes and in seconds': [
    rule('{host: httpbin, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 2m}}}}'),
    rule('{host: httpbin, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 120s}}}}'),
  ],
  'a field in snake_case and in camelCase': [
    envoyFilter('{per_connection_buffer_limit_bytes: 4096}'),
    envoyFilter('{perConnectionBufferLimitBytes: 4096}'),
  ],
  'nested fields in snake_case and in camelCase': [
    envoyFilter('{circuit_breakers: {thresholds: [{max_requests: 7}]}}'),
    envoyFilter('{circuitBreakers: {thresholds: [{maxRequests: 7}]}}'),
  ],
  'the only weight of a route, 100 or absent': [
    route('{route: [{destination: {host: reviews}, weight: 100}]}'),
    route('{route: [{destination: {host: reviews}}]}'),
  ],
  'older and newer versions of an API': [route(`{${to('reviews')}}`, 'v1'), route(`{${to('reviews')}}`, 'v1beta1')],
  'the default action of a policy, written or not': [policy('{action: ALLOW, rules: [{}]}'), policy('{rules: [{}]}')],
  'the methods of a policy in another order': [
    policy('{rules: [{to: [{operation: {methods: [GET, POST]}}]}]}'),
    policy('{rules: [{to: [{operation: {methods: [POST, GET]}}]}]}'),
  ],
  'the namespaces of a policy in another order': [
    policy('{rules: [{from: [{source: {namespaces: [foo, bar]}}]}]}'),
    policy('{rules: [{from: [{source: {namespaces: [bar, foo]}}]}]}'),
  ],
  'the protocol of a port that is TCP anyway': [
    operations,
    edit(operations, 'workloads.yaml', /(- name: http\n\s+port: 8080\n)/, '$1      protocol: TCP\n'),
  ],
  'a number as text where Kubernetes reads it so': [
    rule('{host: httpbin, trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 7}}}}'),
    rule('{host: httpbin, trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 0x7}}}}'),
  ],
  'an image, and resources of a container': [
    operations,
    eachFile(operations, (text) =>
      text.replaceAll(/( +)image: (?!auto).*/g, '$1image: other/image:2\n$1resources: {limits: {cpu: "1"}}'),
    ),
  ],
  'an annotation that nobody reads': [
    operations,
    edit(operations, 'traffic.yaml', 'name: web-api-gateway\n', 'name: web-api-gateway\n  annotations: {team: payments}\n'),
  ],
  'a ConfigMap that is not for Istio': [
    operations,
    extra('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {color: blue}'),
  ],
};

describe('what says the same shows nothing', () => {
  for (const [mesh, files] of Object.entries(meshes)) {
    for (const [name, rewrite] of Object.entries(rewrites)) {
      test(`${mesh}: ${name}`, async () => expectNothing(files, rewrite(files)));
    }
  }
  for (const [name, [left, right]] of Object.entries(equivalents)) test(name, async () => expectNothing(left, right));
});

async function expectNothing(before: Files, after: Files): Promise<void> {
  expect(before).not.toEqual(after);
  const { exitCode, report } = await diffOf(before, after);
  const { causes, proxies, requests, findings } = report;
  expect({
    causes,
    requests: requests.changed,
    added: proxies.added,
    removed: proxies.removed,
    changed: proxies.changed,
  }).toEqual({
    causes: [],
    requests: [],
    added: [],
    removed: [],
    changed: [],
  });
  expect([findings.introduced, findings.fixed]).toEqual([[], []]);
  expect(exitCode).toBe(0);
}
