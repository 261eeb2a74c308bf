import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { gatewaySecrets } from '../../../../src/findings/analyzers/gateway-secrets.ts';
import { mergedVirtualServices } from '../../../../src/findings/analyzers/merged-virtual-services.ts';
import { virtualServiceJwtClaims } from '../../../../src/findings/analyzers/virtual-service-jwt-claims.ts';
import { createFakeIo } from '../../../support/fake-io.ts';
import { findingsOf } from './support.ts';

const resource = (apiVersion: string, kind: string, key: string, body: string): string => {
  const [namespace = '', name = ''] = key.split('/');
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}${body}\n`;
};
const spec = (text: string): string => `}\nspec: ${text}`;
const gatewayPod = (key: string): string =>
  resource(
    'v1',
    'Pod',
    key,
    `, labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}\nspec: {containers: [{name: istio-proxy, image: auto}]}\nstatus: {podIP: 10.244.0.9}`,
  );
const istio = (kind: string, key: string, text: string): string => resource('networking.istio.io/v1', kind, key, spec(text));
const gateway = (server: string): string =>
  istio('Gateway', 'shop/front', `{selector: {istio: ingressgateway}, servers: [${server}]}`);
const plain = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';

async function analyzed(text: string): Promise<string> {
  const io = createFakeIo({ files: { '/work/manifests/all.yaml': text } });
  await run(['analyze', 'manifests'], io);
  return io.output();
}

describe('a rule that takes every request', () => {
  const virtualService = (name: string, uri: string, at: string): string =>
    resource(
      'networking.istio.io/v1',
      'VirtualService',
      `shop/${name}`,
      `, creationTimestamp: "${at}"}\nspec: {hosts: [a.example], gateways: [front], http: [{match: [{uri: {${uri}}}], route: [{destination: {host: ${name}}}]}]}`,
    );
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
  const merged = (first: string, second: string) =>
    findingsOf(mergedVirtualServices, gateway(plain) + virtualService('a', first, early) + virtualService('b', second, late));

  test.each([
    ['goes last although it is older', 'prefix: /', 'prefix: /api/'],
    ['or younger', 'prefix: /api/', 'regex: ".*"'],
  ])('%s: nothing is told of the order', (_, first, second) => {
    expect(merged(first, second)).toEqual([]);
  });

  test('others are tried in order', () => {
    expect(merged('prefix: /a/b/', 'prefix: /a/').map(({ code }) => code)).toEqual(['MESH2002']);
  });

  test('those that no request can fit both need no order', () => {
    expect(merged('prefix: /a/', 'prefix: /b/')).toEqual([]);
  });
});

describe('routing by claims', () => {
  const routes = istio(
    'VirtualService',
    'shop/a',
    '{hosts: [a.example], gateways: [front], http: [{match: [{headers: {"@request.auth.claims.sub": {exact: x}}}], route: [{destination: {host: a}}]}]}',
  );
  const told = (text: string) =>
    findingsOf(virtualServiceJwtClaims, gateway(plain) + routes + text).map(({ message }) => message);

  test('names the pods of the manifests only', () => {
    expect(told(gatewayPod('istio-system/edge'))).toEqual([expect.stringContaining('pod (edge)')]);
  });

  test('where there are none, that of the default gateway, as istioctl does', () => {
    expect(told('')).toEqual([expect.stringContaining('pod (istio-ingressgateway-dummypod)')]);
  });
});

test('a Secret that a gateway does not find is looked for, and another of its name is told', () => {
  const server = '{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: cert}}';
  const secret = resource('v1', 'Secret', 'shop/cert', '}\nstringData: {a: b}');
  const [finding] = findingsOf(gatewaySecrets, gateway(server) + gatewayPod('edge/edge') + secret);
  expect(finding?.code).toBe('IST0101');
  expect(finding?.related?.map(({ message }) => message)).toEqual([
    "it is looked for in edge, the namespace of the gateway's pods",
    'there is one of this name in shop',
  ]);
});

test('a route whose hostname is not that of the listener that it names is not told that there is no such listener', async () => {
  const out = await analyzed(
    resource(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      'shop/front',
      spec(
        '{gatewayClassName: istio, listeners: [{name: a, hostname: a.example, port: 80, protocol: HTTP}, {name: b, hostname: b.example, port: 80, protocol: HTTP}]}',
      ),
    ) +
      resource(
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        'shop/route',
        spec(
          '{parentRefs: [{name: front, sectionName: a}], hostnames: [b.example], rules: [{backendRefs: [{name: b, port: 80}]}]}',
        ),
      ),
  );
  expect(out).toContain('no hostname of the route is one of listener a');
  expect(out).not.toContain('has no listener named');
});

test('a patch for a port that no listener has is told which ports there are', async () => {
  const patch = (port: number): string =>
    gatewayPod('shop/edge') +
    gateway(plain.replace('number: 80', 'number: 8080')) +
    istio('VirtualService', 'shop/a', '{hosts: [a.example], gateways: [front], http: [{directResponse: {status: 200}}]}') +
    resource(
      'networking.istio.io/v1alpha3',
      'EnvoyFilter',
      'shop/patch',
      spec(
        `{configPatches: [{applyTo: LISTENER, match: {context: GATEWAY, listener: {portNumber: ${port}}}, patch: {operation: MERGE, value: {perConnectionBufferLimitBytes: 1}}}]}`,
      ),
    );
  expect(await analyzed(patch(80))).toContain('no listener has port 80, which is that of the proxy; there are 8080');
  expect(await analyzed(patch(8080))).not.toContain('the patch changes nothing');
});

describe('a route to another name of a service', () => {
  const mesh = (ports: string): string =>
    resource('v1', 'Namespace', '/shop', ', labels: {istio-injection: enabled}}').replace('namespace: , ', '') +
    resource(
      'v1',
      'Pod',
      'shop/cli',
      ', labels: {app: cli}}\nspec: {containers: [{name: c, image: i}, {name: istio-proxy, image: i}]}',
    ) +
    resource(
      'v1',
      'Service',
      'shop/a',
      spec('{clusterIP: 10.96.0.1, ports: [{name: http, port: 80}, {name: http-b, port: 81}]}'),
    ) +
    resource('v1', 'Service', 'shop/alias', spec(`{type: ExternalName, externalName: a.shop.svc.cluster.local${ports}}`)) +
    istio(
      'VirtualService',
      'shop/b',
      '{hosts: [a.shop.svc.cluster.local], http: [{route: [{destination: {host: alias.shop.svc.cluster.local}}]}]}',
    );

  test('that lacks a port is told of the port, not of exportTo', async () => {
    const out = await analyzed(mesh(', ports: [{name: http, port: 80}]'));
    expect(out).toMatch(/MESH2093.* port 81 .*the service has only port 80/);
    expect(out).not.toContain('exportTo, or a Sidecar');
  });

  test('is fine where it has them all', async () => {
    expect(await analyzed(mesh(', ports: [{name: http, port: 80}, {name: http-b, port: 81}]'))).not.toContain('MESH2093');
  });

  test('and nothing is told where it names none', async () => {
    expect(await analyzed(mesh(''))).not.toContain('MESH2093');
  });
});
