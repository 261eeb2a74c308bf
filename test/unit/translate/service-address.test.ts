import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/model/registry/service.ts';
import {
  type AddressTraits,
  extraServiceAddresses,
  ownAddresses,
  serviceAddress,
} from '../../../src/translate/naming/service-address.ts';

const serviceWith = (...addresses: string[]): Service =>
  ({ addresses, address: addresses[0] ?? '0.0.0.0', autoAllocatedAddress: '' }) as unknown as Service;

const ipv4: AddressTraits = { ipv4: true, ipv6: false, usesAllocatedAddresses: false };
const ipv6: AddressTraits = { ipv4: false, ipv6: true, usesAllocatedAddresses: false };
const both: AddressTraits = { ipv4: true, ipv6: true, usesAllocatedAddresses: false };

describe('the address of a service', () => {
  const service = serviceWith('fd00::2', '10.96.0.2');

  test('is the first of the family that a proxy has', () => {
    expect(serviceAddress(service, ipv4)).toBe('10.96.0.2');
    expect(serviceAddress(service, ipv6)).toBe('fd00::2');
  });

  test('for a proxy of both families is the first of either, and the others are of that family', () => {
    expect(serviceAddress(service, both)).toBe('fd00::2');
    expect(ownAddresses(serviceWith('10.96.0.2', 'fd00::2', '10.97.0.2'), both)).toEqual(['10.96.0.2', '10.97.0.2']);
    expect(extraServiceAddresses(service, both)).toEqual([]);
  });

  test('is the default one where no address is of the family of the proxy', () => {
    expect(serviceAddress(serviceWith('fd00::2'), ipv4)).toBe('fd00::2');
    expect(serviceAddress(serviceWith(), both)).toBe('0.0.0.0');
  });
});
