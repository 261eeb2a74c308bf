import type { HTTPRoute } from '../../../../src/api/istio.gen.ts';
import { type ConvertedGatewayApi, convertGatewayApi } from '../../../../src/model/gateway-api/convert.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Behaviours } from '../../../../src/releases/release.ts';
import type { ResourceOf } from '../../../../src/resource/resource.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const base = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: bookinfo}
spec: {ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: bookinfo}
spec: {ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
`;

/** What becomes of Gateway API resources beside the Services `bookinfo/reviews`, `bookinfo/ratings` and `shop/cart`. */
export function convert(...documents: readonly string[]): ConvertedGatewayApi {
  return convertIn({}, ...documents);
}

/** The same when istiod behaves otherwise. */
export function convertIn(behaviours: Partial<Behaviours>, ...documents: readonly string[]): ConvertedGatewayApi {
  const resources = resourcesOfYaml([base, ...documents].join('\n---\n'));
  return convertGatewayApi(resources, 'cluster.local', { ...defaultRelease.behaviours, ...behaviours });
}

/** A Gateway `bookinfo/web` with these listeners, in YAML's flow style, and more of its spec. */
export function gateway(listeners: string, more = ''): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: bookinfo}
spec: {gatewayClassName: istio, listeners: ${listeners}${more}}
`;
}

/** A route of namespace `bookinfo`, attached to `web` unless its spec says otherwise. */
export function route(kind: string, name: string, spec: string, namespace = 'bookinfo'): string {
  const parents = spec.includes('parentRefs') ? '' : 'parentRefs: [{name: web}], ';
  return `
apiVersion: gateway.networking.k8s.io/${kind === 'TCPRoute' ? 'v1alpha2' : 'v1'}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${parents}${spec}}
`;
}

/** The rules of the only VirtualService. */
export function rulesOf({ virtualServices }: ConvertedGatewayApi): readonly HTTPRoute[] {
  return virtualServices[0]?.spec.http ?? [];
}

/** `hosts` and `gateways` of VirtualServices, sorted by host. */
export function bindings(virtualServices: readonly ResourceOf<'VirtualService'>[]): readonly (readonly [string, string])[] {
  return virtualServices
    .map(({ spec }) => [spec.hosts?.join() ?? '', spec.gateways?.join() ?? ''] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
