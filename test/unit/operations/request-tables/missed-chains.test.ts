import { describe, expect, test } from 'vitest';
import { inputOfTexts, openWorkbench } from '../../../../src/index.ts';
import { coverageOf } from '../../../../src/operations/request-tables/report.ts';
import { formatTestJson, formatTestText } from '../../../../src/output/test/report.ts';
import { echoServers } from '../../../../src/trace/servers/echo.ts';
import { surroundingsOf } from '../../../../src/workbench/surroundings.ts';
import { WEB_MANIFESTS } from '../../../support/web-manifests.ts';

const shop = `${WEB_MANIFESTS}apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: shop, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {app: edge}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec:
  hosts: ["*.example"]
  gateways: [edge]
  tls: [{match: [{sniHosts: ["*.example"]}], route: [{destination: {host: web, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [10.50.0.0/16], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example]
  tcp: [{match: [{destinationSubnets: [10.50.7.0/24]}], route: [{destination: {host: db.example}}]}, {match: [{destinationSubnets: [10.50.7.128/25, 10.50.7.0/25]}], route: [{destination: {host: web, port: {number: 80}}}]}]
`;

const plain = { strong: (text: string) => text, error: (text: string) => text } as Parameters<typeof formatTestText>[1];

function reportOf(yaml: string): Parameters<typeof formatTestText>[0] {
  const bench = openWorkbench(inputOfTexts([{ file: 'm.yaml', text: yaml }]));
  const surroundings = surroundingsOf([bench], { servers: echoServers, now: 0 });
  return { tables: [], coverage: coverageOf([{ ...surroundings, outcomes: [] }]) };
}

describe('filter chains that no request of a table meets', () => {
  test('are told with a connection that they take, or why there is none', () => {
    const lines = String(formatTestText(reportOf(shop), plain)).split('\n');
    expect(lines.filter((line) => /VirtualService|Gateway|ServiceEntry/.test(line)).map((line) => line.trim())).toEqual([
      'm.yaml:37: 0.0.0.0_443 (VirtualService shop/edge) is met by no request; it takes TLS from outside to 10.244.0.9:443 (SNI any.example)',
      'm.yaml:49: 0.0.0.0_5432 (VirtualService shop/db) is unreachable: spec.tcp[1] of VirtualService shop/db takes every connection that it asks for',
      'm.yaml:49: 0.0.0.0_5432 (VirtualService shop/db) is met by no request; it takes plain text from shop/web-0 to 10.50.7.1:5432',
      'm.yaml:42: 0.0.0.0_5432 (ServiceEntry shop/db) is met by no request; it takes plain text from shop/web-0 to 10.50.0.1:5432',
    ]);
  });

  test('have it in JSON', () => {
    const { coverage } = JSON.parse(String(formatTestJson(reportOf(shop)))) as { coverage: { connection?: object }[] };
    expect(coverage.flatMap(({ connection }) => connection ?? [])).toContainEqual({
      from: 'outside',
      to: '10.244.0.9:443',
      transport: 'tls',
      sni: 'any.example',
    });
  });
});
