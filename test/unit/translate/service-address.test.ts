import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/model/registry/service.ts';
import {
  type AddressTraits,
  extraServiceAddresses,
  serviceAddress,
  serviceAddresses,
} from '../../../src/translate/naming/service-address.ts';
import { ipv4 } from './routes/support.ts';

const serviceWith = (...addresses: string[]): Service =>
  ({ registry: 'Kubernetes', addresses, address: addresses[0] ?? '0.0.0.0', allocatedAddresses: [] }) as unknown as Service;

const ipv6: AddressTraits = { ...ipv4, ipv4: false, ipv6: true };
const both: AddressTraits = { ...ipv4, ipv6: true };

describe('the address of a service', () => {
  const service = serviceWith('fd00::2', '10.96.0.2');

  test('is the first of the family that a proxy has', () => {
    expect(serviceAddress(service, ipv4)).toBe('10.96.0.2');
    expect(serviceAddress(service, ipv6)).toBe('fd00::2');
  });

  test('for a proxy of both families is the first of either, and the others are of that family', () => {
    expect(serviceAddress(service, both)).toBe('fd00::2');
    expect(serviceAddresses(serviceWith('10.96.0.2', 'fd00::2', '10.97.0.2'), both)).toEqual(['10.96.0.2', '10.97.0.2']);
    expect(extraServiceAddresses(service, both)).toEqual([]);
  });

  test('for a proxy of both families that is to use both is the first, and the others are all that follow', () => {
    const dual = { ...both, dualStack: true, seesBothFamilies: true };
    expect(serviceAddress(service, dual)).toBe('fd00::2');
    expect(extraServiceAddresses(service, dual)).toEqual(['10.96.0.2']);
  });

  test('for a client that resolves names itself is the allocated one of its family', () => {
    const without: Service = { ...serviceWith(), registry: 'External', allocatedAddresses: ['240.240.0.7', '2001:2::f0f0:7'] };
    expect(serviceAddress(without, ipv6)).toBe('0.0.0.0');
    expect(serviceAddress(without, { ...ipv6, usesAllocatedAddresses: true })).toBe('2001:2::f0f0:7');
    const dual = { ...both, dualStack: true, seesBothFamilies: true, usesAllocatedAddresses: true };
    expect([serviceAddress(without, dual), ...extraServiceAddresses(without, dual)]).toEqual(['240.240.0.7', '2001:2::f0f0:7']);
  });

  test('is the default one where no address is of the family of the proxy', () => {
    expect(serviceAddress(serviceWith('fd00::2'), ipv4)).toBe('fd00::2');
    expect(serviceAddresses(serviceWith('fd00::2'), ipv4)).toEqual([]);
    expect(serviceAddress(serviceWith(), both)).toBe('0.0.0.0');
    expect(serviceAddresses(serviceWith(), ipv6)).toEqual([]);
  });

  test('of a ServiceEntry counts whatever its family', () => {
    const entry: Service = { ...serviceWith(), registry: 'External', address: 'fd00::/64' };
    expect([serviceAddress(entry, ipv4), ...serviceAddresses(entry, ipv4)]).toEqual(['fd00::/64', 'fd00::/64']);
  });
});
