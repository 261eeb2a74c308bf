import { describe, expect, test } from 'vitest';
import { backendTlsRules } from '../../../../src/findings/analyzers/backend-tls-rules.ts';
import { ingressSecrets } from '../../../../src/findings/analyzers/ingress-secrets.ts';
import { listenerCertificates } from '../../../../src/findings/analyzers/listener-certificates.ts';
import { certificate, certificateKey, wildcardCertificate } from '../../../support/certificates.ts';
import { briefly, findingsOf } from './support.ts';

const API = 'gateway.networking.k8s.io/v1';
const NETWORKING = 'networking.istio.io/v1';

/** A resource in namespace `shop`, unless it names another. */
function resource(apiVersion: string, kind: string, name: string, spec: string, namespace = 'shop'): string {
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}\n`;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (name: string, text: string, namespace = 'shop'): string =>
  `\n---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {tls.crt: ${base64(text)}, tls.key: ${base64(certificateKey)}}\n`;
const service = (name: string, port: string): string =>
  resource('v1', 'Service', name, `selector: {app: ${name}}, ports: [${port}]`);

describe('listeners of a certificate', () => {
  const listener = (name: string, hostname: string, certificate: string, port = 443): string =>
    `{name: ${name}, hostname: "${hostname}", port: ${port}, protocol: HTTPS, tls: {certificateRefs: [{name: ${certificate}}]}}`;
  const front = (...listeners: readonly string[]): string =>
    resource(API, 'Gateway', 'front', `gatewayClassName: istio, listeners: [${listeners.join(', ')}]`) +
    service('front-istio', '{name: https, port: 443}');
  const route = (name: string, section: string): string =>
    resource(API, 'HTTPRoute', name, `parentRefs: [{name: front${section}}], rules: [{backendRefs: [{name: web, port: 80}]}]`);
  const web = service('web', '{name: http, port: 80}');
  const found = ['MESH2273 Gateway/front spec.listeners.1'];

  test('share connections', () => {
    expect(
      briefly(listenerCertificates, front(listener('a', '*.pier.example', 'one'), listener('b', 'pier.example', 'one'))),
    ).toEqual(found);
    expect(
      briefly(listenerCertificates, front(listener('a', 'a.pier.example', 'one'), listener('b', 'b.pier.example', 'one'))),
    ).toEqual(found);
  });

  test('share connections with those whose hosts it is for too', () => {
    const two = front(listener('a', 'a.pier.example', 'wild'), listener('b', 'b.pier.example', 'own'));
    expect(briefly(listenerCertificates, two + secret('wild', wildcardCertificate))).toEqual(found);
    expect(briefly(listenerCertificates, two + secret('own', certificate))).toEqual([]);
  });

  test('serve the hosts of each other where one has all routes', () => {
    const two =
      web +
      secret('wild', wildcardCertificate) +
      secret('own', certificate) +
      front(listener('all', '*.pier.example', 'wild'), listener('www', 'www.pier.example', 'own'));
    expect(briefly(listenerCertificates, two + route('web', ''))).toEqual([]);
    expect(briefly(listenerCertificates, two + route('web', ', sectionName: www'))).toEqual(found);
  });

  test.each([
    ['have certificates of their own', front(listener('a', 'a.example', 'one'), listener('b', 'b.example', 'two'))],
    ['are on other ports', front(listener('a', 'a.example', 'one'), listener('b', 'b.example', 'one', 8443))],
    [
      'are of another controller',
      front(listener('a', 'a.example', 'one'), listener('b', 'b.example', 'one')).replace(
        'gatewayClassName: istio',
        'gatewayClassName: other',
      ),
    ],
    [
      'pass TLS on',
      front(listener('a', 'a.example', 'one'), listener('b', 'b.example', 'one')).replaceAll(
        'tls: {',
        'tls: {mode: Passthrough, ',
      ),
    ],
  ])('share none where they %s', (_, yaml) => {
    expect(briefly(listenerCertificates, yaml)).toEqual([]);
  });
});

describe('Secrets of Ingresses', () => {
  const ingress = (className: string, namespace = 'shop'): string =>
    resource(
      'networking.k8s.io/v1',
      'Ingress',
      'web',
      `ingressClassName: ${className}, tls: [{hosts: [web.example], secretName: web-tls}], rules: [{host: web.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]`,
      namespace,
    );
  const classes = ['istio', 'nginx']
    .map((name) =>
      resource(
        'networking.k8s.io/v1',
        'IngressClass',
        name,
        `controller: ${name === 'istio' ? 'istio.io/ingress-controller' : 'k8s.io/nginx'}`,
      ).replace(', namespace: shop', ''),
    )
    .join('');

  test('are looked for in the namespace of the gateway', () => {
    const [finding] = findingsOf(ingressSecrets, classes + ingress('istio') + secret('web-tls', certificate));
    expect(finding?.code).toBe('MESH2274');
    expect(finding?.path).toEqual(['spec', 'tls', 0, 'secretName']);
    expect(finding?.message).toContain('own namespace, istio-system, where it is not; there is one in namespace shop');
    expect(briefly(ingressSecrets, classes + ingress('istio') + secret('web-tls', certificate, 'istio-system'))).toEqual([]);
    expect(briefly(ingressSecrets, classes + ingress('nginx') + secret('web-tls', certificate))).toEqual([]);
  });

  test('are those of the namespace of the gateway that is there', () => {
    const edge = resource('v1', 'Pod', 'edge', 'containers: [{name: istio-proxy, image: proxyv2}]', 'edge').replace(
      'namespace: edge',
      'namespace: edge, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}',
    );
    expect(briefly(ingressSecrets, classes + edge + ingress('istio') + secret('web-tls', certificate, 'edge'))).toEqual([]);
    expect(briefly(ingressSecrets, classes + edge + ingress('istio') + secret('web-tls', certificate, 'istio-system'))).toEqual([
      'MESH2274 Ingress/web spec.tls.0.secretName',
    ]);
  });

  test('may be made by a controller', () => {
    const issued = ingress('istio', 'istio-system').replace(
      'name: web,',
      'name: web, annotations: {cert-manager.io/issuer: ca},',
    );
    expect(briefly(ingressSecrets, classes + issued)).toEqual([]);
  });
});

describe('a BackendTLSPolicy', () => {
  const policy = resource(
    API,
    'BackendTLSPolicy',
    'bee',
    'targetRefs: [{group: "", kind: Service, name: bee}], validation: {hostname: bee.example, wellKnownCACertificates: System}',
  );
  const bee = service('bee', '{name: https, port: 443}') + policy;
  const rule = (name: string, spec: string, namespace = 'shop'): string =>
    resource(NETWORKING, 'DestinationRule', name, spec, namespace);
  const host = 'host: bee.shop.svc.cluster.local';
  const sticky = 'trafficPolicy: {loadBalancer: {simple: RANDOM}}';
  const client = resource('v1', 'Pod', 'client', 'containers: [{name: app, image: app}]', 'other');

  test('goes before a DestinationRule of its namespace', () => {
    const [finding] = findingsOf(backendTlsRules, bee + rule('sticky', `${host}, ${sticky}`));
    expect(finding?.code).toBe('MESH2280');
    expect(finding?.message).toContain('generates from BackendTLSPolicy shop/bee');
  });

  test('is void for clients whose namespace has a DestinationRule', () => {
    const found = ['MESH2280 DestinationRule/sticky spec.host'];
    expect(briefly(backendTlsRules, bee + client + rule('sticky', `${host}, ${sticky}`, 'other'))).toEqual(found);
    const wild = rule('sticky', `host: "*.shop.svc.cluster.local", ${sticky}`, 'other');
    expect(briefly(backendTlsRules, bee + client + wild)).toEqual(found);
  });

  test.each([
    ['without a policy of its own', rule('subsets', `${host}, subsets: [{name: v1, labels: {version: v1}}]`)],
    ['for another host', rule('wasp', `host: wasp.shop.svc.cluster.local, ${sticky}`)],
    ['of a namespace without clients', rule('sticky', `${host}, ${sticky}`, 'third')],
    ['that opens TLS itself', client + rule('tls', `${host}, trafficPolicy: {tls: {mode: SIMPLE}}`, 'other')],
  ])('does not mind a DestinationRule %s', (_, yaml) => {
    expect(briefly(backendTlsRules, bee + yaml)).toEqual([]);
  });
});
