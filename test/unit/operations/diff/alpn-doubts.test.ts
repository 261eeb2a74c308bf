import { expect, test } from 'vitest';
import { diffOf, type Files, fixture } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

/** A shop behind a gateway that passes TLS on, with an EnvoyFilter that adds a filter chain. */
const shop = (match: string | undefined, cluster = 'api'): Files => ({
  ...shopOf(['web', 'api']),
  'ingress.yaml': fixture('operations')['ingress-gateway.yaml'] ?? '',
  'gateway.yaml': `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: tls, protocol: TLS}, hosts: [shop.example], tls: {mode: PASSTHROUGH}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: istio-system}
spec:
  hosts: [shop.example]
  gateways: [g]
  tls: [{match: [{sniHosts: [shop.example]}], route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]}]
`,
  ...(match !== undefined && {
    'filter.yaml': `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: istio-system}
spec:
  workloadSelector: {labels: {istio: ingressgateway}}
  configPatches:
    - applyTo: FILTER_CHAIN
      match: {context: GATEWAY}
      patch:
        operation: ADD
        value:
          name: added
          filter_chain_match: {server_names: [shop.example], ${match}}
          filters:
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: added
                cluster: outbound|80||${cluster}.shop.svc.cluster.local
`,
  }),
});

interface NamedDoubt {
  readonly what?: readonly string[];
}

/** What is not known of a change. */
async function unknownOf(before: Files, after: Files): Promise<readonly string[]> {
  const { report } = await diffOf(before, after, ['--equal']);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly NamedDoubt[] } };
  return (proof?.doubts ?? []).flatMap(({ what = [] }) => what).filter((what) => what.includes('ALPN'));
}

const doubt = ['filter chains of listener 0.0.0.0_8443 that ask for application protocols (ALPN)'];

test('filter chains for application protocols that come, or lead elsewhere, are not proven to make no difference', async () => {
  const added = 'transport_protocol: tls, application_protocols: [mqtt]';
  expect(await unknownOf(shop(undefined), shop(added))).toEqual(doubt);
  expect(await unknownOf(shop(added), shop(added, 'web'))).toEqual(doubt);
  const ofHttp = 'application_protocols: [http/1.1]';
  expect(await unknownOf(shop(undefined), shop(ofHttp))).toEqual(doubt);
});

test('those that stay are nothing to speak of, nor are those that ask for none', async () => {
  const added = 'transport_protocol: tls, application_protocols: [mqtt]';
  expect(await unknownOf(shop(added), shop(added))).toEqual([]);
  expect(await unknownOf(shop(undefined), shop('source_ports: [1234]'))).toEqual([]);
});
