import { describe, expect, test } from 'vitest';
import type { MeshNetworks } from '../../../../src/api/istio.gen.ts';
import { buildNetworkOf } from '../../../../src/model/registry/networks.ts';
import type { NetworkGateway } from '../../../../src/model/registry/service.ts';
import { buildServiceRegistry } from '../../../../src/model/registry/services.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

describe('the network of an endpoint', () => {
  const networks: MeshNetworks = {
    networks: { east: { endpoints: [{ fromCidr: '10.1.0.0/16' }] }, west: { endpoints: [{ fromRegistry: 'Kubernetes' }] } },
  };

  test('is what its label says, then that of the control plane, then that of MeshNetworks', () => {
    const labels = { 'topology.istio.io/network': 'own' };
    const ofSystem = 'system';
    expect(buildNetworkOf(ofSystem, networks, 'Kubernetes')('10.1.0.1', labels)).toBe('own');
    expect(buildNetworkOf(ofSystem, networks, 'Kubernetes')('10.1.0.1', {})).toBe('system');
    expect(buildNetworkOf(undefined, networks, 'Kubernetes')('10.1.0.1', {})).toBe('west');
    expect(buildNetworkOf(undefined, networks, 'other')('10.1.0.1', {})).toBe('east');
    expect(buildNetworkOf(undefined, networks, 'other')('10.2.0.1', {})).toBe('');
  });

  test('is that of the widest of several ranges', () => {
    const ranges = { narrow: { endpoints: [{ fromCidr: '10.1.0.0/24' }] }, wide: { endpoints: [{ fromCidr: '10.1.0.0/16' }] } };
    expect(buildNetworkOf(undefined, { networks: ranges }, 'Kubernetes')('10.1.0.1', {})).toBe('wide');
  });
});

describe('network gateways', () => {
  const eastWest = (labels: string): string => `
apiVersion: v1
kind: Service
metadata: {name: eastwest, namespace: istio-system, labels: {${labels}}}
spec: {type: LoadBalancer, clusterIP: 10.96.0.1, ports: [{name: tls, port: 15443}, {name: other, port: 16443}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {hostname: lb.example}]}}
`;

  test('are services with a network label, at their external addresses', () => {
    const { networkGateways } = buildServiceRegistry(resourcesOfYaml(eastWest('topology.istio.io/network: east')), {});
    expect(networkGateways).toEqual([
      { network: 'east', clusterId: 'Kubernetes', address: '203.0.113.1', port: 15443 },
      { network: 'east', clusterId: 'Kubernetes', address: 'lb.example', port: 15443 },
    ]);
  });

  test('listen where their label says', () => {
    const labels = 'topology.istio.io/network: east, networking.istio.io/gatewayPort: "16443"';
    expect(buildServiceRegistry(resourcesOfYaml(eastWest(labels)), {}).networkGateways[0]).toMatchObject({ port: 16443 });
  });

  test('that are a service and a Gateway too count twice', () => {
    const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: eastwest, namespace: istio-system, labels: {topology.istio.io/network: east}}
spec:
  gatewayClassName: istio
  addresses: [{type: IPAddress, value: 203.0.113.1}]
  listeners: [{name: tls, port: 15443, protocol: TLS, tls: {mode: Passthrough}}, {name: hbone, port: 15008, protocol: HBONE}]
`;
    const resources = resourcesOfYaml(`${eastWest('topology.istio.io/network: east')}---${gateway}`);
    const { networkGateways } = buildServiceRegistry(resources, {});
    const places = (gateways: readonly NetworkGateway[]): string[] => gateways.map(({ address, port }) => `${address}:${port}`);
    expect(places(networkGateways)).toEqual(['203.0.113.1:15008', '203.0.113.1:15443', '203.0.113.1:15443', 'lb.example:15443']);
    const behaviours = { ...defaultRelease.behaviours, multiNetworkDiscoverGatewayApi: false, resolveHostnameGateways: false };
    expect(places(buildServiceRegistry(resources, {}, { behaviours }).networkGateways)).toEqual(['203.0.113.1:15443']);
  });

  test('can be services that MeshNetworks names', () => {
    const networks: MeshNetworks = {
      networks: {
        east: {
          endpoints: [{ fromRegistry: 'Kubernetes' }],
          gateways: [{ registryServiceName: 'eastwest.istio-system.svc.cluster.local', port: 443 }],
        },
        west: { gateways: [{ address: '198.51.100.1', port: 15443 }] },
      },
    };
    const { networkGateways } = buildServiceRegistry(resourcesOfYaml(eastWest('')), {}, { networks });
    expect(networkGateways.map(({ network, address, port }) => [network, address, port])).toEqual([
      ['west', '198.51.100.1', 15443],
      ['east', '203.0.113.1', 443],
      ['east', 'lb.example', 443],
    ]);
  });
});
