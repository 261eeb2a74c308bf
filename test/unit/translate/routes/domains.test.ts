import { describe, expect, test } from 'vitest';
import type { Service } from '../../../../src/model/registry/service.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { serviceDomains } from '../../../../src/translate/routes/domains.ts';
import { ipv4, service } from './support.ts';

const clientOf = (namespace: string, traits: typeof ipv4) => ({
  namespace,
  domainSuffix: 'cluster.local',
  behaviours: defaultRelease.behaviours,
  traits,
});
const domains = (over: Partial<Service> = {}, namespace = 'shop', port = 0, traits = ipv4): readonly string[] =>
  serviceDomains(service(over), port, clientOf(namespace, traits)).all;
const external = { hostname: 'pay.example', registry: 'External', resolution: 'dns' } as const;

describe('names', () => {
  test('clients of the same namespace may use the bare name', () => {
    expect(domains()).toEqual([
      'cart.shop.svc.cluster.local',
      'cart.shop.svc.cluster.local.',
      'cart',
      'cart.shop.svc',
      'cart.shop',
    ]);
  });

  test('others need the namespace, and the order is another', () => {
    expect(domains({}, 'web')).toEqual([
      'cart.shop.svc.cluster.local',
      'cart.shop.svc.cluster.local.',
      'cart.shop',
      'cart.shop.svc',
    ]);
  });

  test('a name outside the cluster has no short forms', () => {
    expect(domains(external)).toEqual(['pay.example', 'pay.example.']);
  });

  test('an address that serves as a name has no final dot', () => {
    expect(domains({ ...external, hostname: '10.1.2.3' })).toEqual(['10.1.2.3']);
  });

  test('aliases stand after the name, before the addresses', () => {
    const aliases = [{ hostname: 'basket.web.svc.cluster.local', namespace: 'web' }];
    expect(domains({ aliases, addresses: ['10.96.0.1'] }, 'web').slice(4)).toEqual([
      'basket.web.svc.cluster.local',
      'basket.web.svc.cluster.local.',
      'basket',
      'basket.web.svc',
      'basket.web',
      '10.96.0.1',
    ]);
  });

  test('everything below a headless Service belongs to it, but not below a ServiceEntry', () => {
    expect(domains({ resolution: 'passthrough' }, 'web')).toEqual([
      ...domains({}, 'web'),
      ...domains({}, 'web').map((name) => `*.${name}`),
    ]);
    expect(domains({ ...external, resolution: 'passthrough' })).toEqual(['pay.example', 'pay.example.']);
  });

  test('where one listener serves several ports, each name stands with and without its port', () => {
    expect(domains({ ...external, address: '10.1.2.3' }, 'shop', 8080)).toEqual([
      'pay.example',
      'pay.example:8080',
      'pay.example.',
      'pay.example.:8080',
      '10.1.2.3',
      '10.1.2.3:8080',
    ]);
  });

  test('only short forms are alternates', () => {
    const { alternates } = serviceDomains(service(), 0, clientOf('shop', ipv4));
    expect([...alternates]).toEqual(['cart.shop.svc.cluster.local.', 'cart', 'cart.shop.svc', 'cart.shop']);
  });
});

describe('addresses', () => {
  const ipv6 = {
    ipv4: false,
    ipv6: true,
    dualStack: false,
    seesBothFamilies: false,
    usesAllocatedAddresses: false,
    clusterId: 'Kubernetes',
  };
  const addressesOf = (over: Partial<Service>, traits = ipv4) => domains({ ...external, ...over }, 'shop', 0, traits).slice(2);

  test('those of the family that the client has, IPv6 in brackets; with both families, those of the first one', () => {
    const addresses = ['10.96.0.1', '2001:db8::1'];
    const of = (traits: typeof ipv4, clusterIps = addresses): readonly string[] =>
      addressesOf({ registry: 'Kubernetes', addresses: clusterIps }, traits);
    expect(of(ipv4)).toEqual(['10.96.0.1']);
    expect(of(ipv6)).toEqual(['[2001:db8::1]']);
    const both = { ...ipv6, ipv4: true };
    expect(of(both)).toEqual(['10.96.0.1']);
    expect(of(both, addresses.toReversed())).toEqual(['[2001:db8::1]']);
    expect(of({ ...both, seesBothFamilies: true })).toEqual(['10.96.0.1', '[2001:db8::1]']);
  });

  test('a ServiceEntry is reached at its address whatever the family, a Kubernetes Service is not', () => {
    expect(addressesOf({ address: '2001:db8::1' })).toEqual(['[2001:db8::1]']);
    expect(addressesOf({ address: '2001:db8::1', addresses: ['2001:db8::1'], registry: 'Kubernetes' })).toEqual([]);
  });

  test('an allocated address counts for clients that resolve names themselves', () => {
    const allocated = { allocatedAddresses: ['240.240.0.1', '2001:2::1'] };
    const capturing = { ...ipv4, usesAllocatedAddresses: true };
    expect(addressesOf(allocated)).toEqual([]);
    expect(addressesOf(allocated, capturing)).toEqual(['240.240.0.1']);
    // On a port of its own only the first, on a listener of all ports all that the proxy sees.
    const both = { ...capturing, ipv6: true, dualStack: true, seesBothFamilies: true };
    expect(addressesOf(allocated, both)).toEqual(['240.240.0.1']);
    expect(domains({ ...external, ...allocated }, 'shop', 80, both).slice(4)).toEqual([
      '240.240.0.1',
      '240.240.0.1:80',
      '[2001:2::1]',
      '[2001:2::1]:80',
    ]);
  });
});
