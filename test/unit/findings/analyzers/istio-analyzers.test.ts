import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

/** `CODE origin reference` of what one analyzer says of a text. */
async function said(analyzer: string, text: string, ...args: readonly string[]): Promise<readonly string[]> {
  const io = createFakeIo({ files: { '/work/m.yaml': text } });
  await run(['analyze', '-o', 'json', '--analyzer', analyzer, ...args, 'm.yaml'], io);
  return JSON.parse(io.output()).map(
    ({ code, origin, reference }: Record<string, string>) => `${code} ${origin} ${reference?.replace('m.yaml:', '')}`,
  );
}

function resource(apiVersion: string, kind: string, spec: string, metadata = '{name: a, namespace: shop}'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;
}

describe('references that lead nowhere (IST0101)', () => {
  const networking = 'networking.istio.io/v1';
  const cases: readonly (readonly [analyzer: string, text: string, line: number])[] = [
    [
      'auth.AuthorizationPoliciesAnalyzer',
      resource('security.istio.io/v1', 'AuthorizationPolicy', '{rules: [{from: [{source: {namespaces: [nowhere]}}]}]}'),
      4,
    ],
    ['gateway.IngressGatewayPortAnalyzer', resource(networking, 'Gateway', '{selector: {istio: nobody}, servers: []}'), 4],
    ['gateway.SecretAnalyzer', resource(networking, 'Gateway', '{selector: {istio: nobody}, servers: []}'), 4],
    ['gateway.ConflictingGatewayAnalyzer', resource(networking, 'Gateway', '{selector: {istio: nobody}, servers: []}'), 4],
    ['sidecar.SelectorAnalyzer', resource(networking, 'Sidecar', '{workloadSelector: {labels: {app: nobody}}}'), 4],
    ['telemetry.SelectorAnalyzer', resource('telemetry.istio.io/v1', 'Telemetry', '{selector: {matchLabels: {app: nobody}}}'), 4],
    ['virtualservice.GatewayAnalyzer', resource(networking, 'VirtualService', '{hosts: [a], gateways: [nowhere]}'), 4],
    [
      'virtualservice.DestinationHostAnalyzer',
      resource(networking, 'VirtualService', '{http: [{route: [{destination: {host: nowhere}}]}]}'),
      4,
    ],
    [
      'virtualservice.DestinationRuleAnalyzer',
      resource(networking, 'VirtualService', '{http: [{route: [{destination: {host: b, subset: v1}}]}]}'),
      4,
    ],
  ];

  test.each(cases)('%s', async (analyzer, text, line) => {
    const kind = /kind: (\w+)/.exec(text)?.[1];
    expect(await said(analyzer, text)).toContain(`IST0101 ${kind} shop/a ${line}`);
  });

  test('with --partial they are hints that say why', async () => {
    const io = createFakeIo({ files: { '/work/m.yaml': cases[0]?.[1] ?? '' } });
    expect(
      await run(['analyze', '--partial', '-o', 'log', '--analyzer', 'auth.AuthorizationPoliciesAnalyzer', 'm.yaml'], io),
    ).toBe(0);
    expect(io.output()).toContain(
      'Info [IST0101] (AuthorizationPolicy shop/a m.yaml:4) Referenced namespace not found: "nowhere" (only a hint, because the input is partial: a Pod or Namespace outside of it may settle this)',
    );
  });
});

describe('deprecated features (IST0002)', () => {
  test('a provider for Lightstep', async () => {
    const io = createFakeIo({
      files: {
        '/work/mesh.yaml': 'extensionProviders: [{name: step, lightstep: {service: collector, port: 80, accessToken: a}}]',
        '/work/m.yaml': resource('telemetry.istio.io/v1', 'Telemetry', '{tracing: [{providers: [{name: step}]}]}'),
      },
    });
    await run(
      ['analyze', '-o', 'log', '--meshConfigFile', 'mesh.yaml', '--analyzer', 'telemetry.LightstepAnalyzer', 'm.yaml'],
      io,
    );
    expect(io.output()).toBe(
      'Warning [IST0002] (Telemetry shop/a m.yaml:1) Deprecated: The Lightstep provider step is deprecated, please migrate to OpenTelemetry provider.\n',
    );
  });

  test('fault.delay.percent, and kinds that Istio no longer has', async () => {
    const delay = resource('networking.istio.io/v1', 'VirtualService', '{http: [{fault: {delay: {percent: 1}}}]}');
    const removed = resource(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      '{group: rbac.istio.io, names: {kind: ServiceRole}}',
      '{name: a}',
    );
    expect(await said('deprecation.DeprecationAnalyzer', `${delay}---\n${removed}`)).toEqual([
      'IST0002 CustomResourceDefinition a 6',
      'IST0002 VirtualService shop/a 1',
    ]);
  });
});

describe('schema analyzers', () => {
  const cases: readonly (readonly [kind: string, text: string])[] = [
    ['AuthorizationPolicy', resource('security.istio.io/v1', 'AuthorizationPolicy', '{rules: [{from: [{}]}]}')],
    ['DestinationRule', resource('networking.istio.io/v1', 'DestinationRule', '{host: ""}')],
    ['EnvoyFilter', resource('networking.istio.io/v1alpha3', 'EnvoyFilter', '{configPatches: [{applyTo: CLUSTER}]}')],
    ['Gateway', resource('networking.istio.io/v1', 'Gateway', '{servers: []}')],
    ['PeerAuthentication', resource('security.istio.io/v1', 'PeerAuthentication', '{portLevelMtls: {80: {mode: STRICT}}}')],
    ['ProxyConfig', resource('networking.istio.io/v1beta1', 'ProxyConfig', '{selector: {matchLabels: {"": a}}}')],
    ['RequestAuthentication', resource('security.istio.io/v1', 'RequestAuthentication', '{jwtRules: [{}]}')],
    ['ServiceEntry', resource('networking.istio.io/v1', 'ServiceEntry', '{}')],
    ['Sidecar', resource('networking.istio.io/v1', 'Sidecar', '{}')],
    ['Telemetry', resource('telemetry.istio.io/v1', 'Telemetry', '{tracing: [{}, {}]}')],
    ['TrafficExtension', resource('extensions.istio.io/v1alpha1', 'TrafficExtension', '{}')],
    ['VirtualService', resource('networking.istio.io/v1', 'VirtualService', '{hosts: [a]}')],
    ['WasmPlugin', resource('extensions.istio.io/v1alpha1', 'WasmPlugin', '{}')],
    ['WorkloadEntry', resource('networking.istio.io/v1', 'WorkloadEntry', '{}')],
    ['WorkloadGroup', resource('networking.istio.io/v1', 'WorkloadGroup', '{}')],
  ];

  test.each(cases)('%s', async (kind, text) => {
    // What the API server says is about the same resources, and is no analyzer's.
    const found = (await said(`schema.ValidationAnalyzer.${kind}`, text)).filter((finding) => finding.startsWith('IST'));
    expect(found.some((finding) => /^IST01(06|33) /.test(finding))).toBe(true);
    expect(found.every((finding) => finding.endsWith(' 1'))).toBe(true);
  });
});

describe('what counts', () => {
  test('of resources of one name the last', async () => {
    const rule = (host: string): string => resource('networking.istio.io/v1', 'DestinationRule', `{host: ${host}}`);
    const found = await said('destinationrule.SubsetSelectPodAnalyzer', `${rule('one')}---\n${rule('two')}`);
    expect(found).toContain('IST0174 DestinationRule shop/a 6');
    expect(found).not.toContain('IST0174 DestinationRule shop/a 1');
  });

  test('resources of kube-system do not', async () => {
    const rule = resource('networking.istio.io/v1', 'DestinationRule', '{host: x}', '{name: a, namespace: kube-system}');
    expect(await said('destinationrule.SubsetSelectPodAnalyzer', rule)).toEqual([]);
  });

  test('the pods of a Deployment do', async () => {
    const sidecar = resource('networking.istio.io/v1', 'Sidecar', '{workloadSelector: {labels: {app: cart}}}');
    const spec =
      '{selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: a, image: a}]}}}';
    const deployment = resource('apps/v1', 'Deployment', spec);
    expect(await said('sidecar.SelectorAnalyzer', `${sidecar}---\n${deployment}`)).toEqual([]);
  });
});

describe('references', () => {
  const rule = resource('networking.istio.io/v1', 'VirtualService', '\n  gateways:\n  - nowhere');

  test.each([
    ['name the line of a field', rule, 6],
    ['count a marker before the first document twice, as istioctl does', `---\n${rule}`, 8],
    ['count from the first comment of a document', `# one\n# two\n${rule}`, 8],
  ])('%s', async (_, text, line) => {
    expect(await said('virtualservice.GatewayAnalyzer', text)).toContain(`IST0101 VirtualService shop/a ${line}`);
  });

  test('name the line after that of an item of a List, as istioctl does', async () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: DestinationRule\n  metadata: {name: a}\n  spec: {host: x}\n';
    expect(await said('destinationrule.SubsetSelectPodAnalyzer', list)).toEqual(['IST0174 DestinationRule default/a 5']);
  });
});

describe('protocols of ServiceEntries (IST0177)', () => {
  const entry = (name: string, protocol: string, rest = '', namespace = 'shop') =>
    resource(
      'networking.istio.io/v1',
      'ServiceEntry',
      `{hosts: [api.example.com], ports: [{number: 443, name: a, protocol: ${protocol}}], resolution: DNS${rest}}`,
      `{name: ${name}, namespace: ${namespace}}`,
    );
  const told = async (version: string, ...entries: readonly string[]) => {
    const io = createFakeIo({ files: { '/work/m.yaml': entries.join('---\n') } });
    await run(['analyze', '-o', 'log', '--istio-version', version, 'm.yaml'], io);
    return io
      .output()
      .split('\n')
      .filter((line) => /IST0177|MESH2030/.test(line));
  };

  test('two of one namespace are each told, in place of the finding for releases without it', async () => {
    const entries = [entry('a', 'TLS'), entry('b', 'http')];
    expect(await told('1.31', ...entries)).toEqual(
      ['Warning [IST0177] (ServiceEntry shop/a m.yaml:3)', 'Warning [IST0177] (ServiceEntry shop/b m.yaml:8)'].map(
        (start) =>
          `${start} Multiple ServiceEntries (shop/a, shop/b) define the same host "api.example.com" and port 443 with conflicting protocols (HTTP, TLS).`,
      ),
    );
    expect((await told('1.30', ...entries)).map((line) => /MESH2030|IST0177/.exec(line)?.[0])).toEqual(['MESH2030']);
  });

  test('only those that some namespace sees together are compared', async () => {
    const own = ", exportTo: ['.']";
    expect(await told('1.31', entry('a', 'TLS', own), entry('b', 'HTTP', own, 'other'))).toEqual([]);
    expect(await told('1.31', entry('a', 'TLS', own), entry('b', 'HTTP', '', 'other'))).toHaveLength(2);
    expect(await told('1.31', entry('a', 'TLS', ', exportTo: [other]'), entry('b', 'HTTP', own, 'other'))).toHaveLength(2);
    expect(await told('1.31', entry('a', 'tls'), entry('b', 'TLS', '', 'other'))).toEqual([]);
  });
});

test('conditions of WorkloadEntries are read by releases whose istioctl reads them', async () => {
  const text = `${resource('networking.istio.io/v1', 'WorkloadEntry', '{address: 10.0.0.1}')}status: {conditions: [{type: istio.io/WaypointBound, status: "False", reason: A, message: b}]}\n`;
  const conditions = (...args: readonly string[]) => said('conditions.ConditionAnalyzer', text, ...args);
  expect(await conditions()).toHaveLength(1);
  expect(await conditions('--istio-version', '1.29')).toEqual([]);
});

test('Services over one Deployment are compared by their protocols as they are written, also where the API server knows none (IST0116)', async () => {
  const service = (name: string, protocol: string): string =>
    resource(
      'v1',
      'Service',
      `{selector: {app: a}, ports: [{port: 80, protocol: ${protocol}}]}`,
      `{name: ${name}, namespace: shop}`,
    );
  const deployment = resource(
    'apps/v1',
    'Deployment',
    '{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a, sidecar.istio.io/inject: "true"}}, spec: {containers: [{name: a, image: a}]}}}',
  );
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n';
  const together = (protocol: string): string =>
    [namespace, service('one', 'TCP'), service('two', protocol), deployment].join('---\n');
  expect(await said('deployment.MultiServiceAnalyzer', together('HTTP'))).toContainEqual(expect.stringMatching(/^IST0116 /));
  expect(await said('deployment.MultiServiceAnalyzer', together('TCP'))).not.toContainEqual(expect.stringMatching(/^IST0116 /));
});
