import { expect, test } from 'vitest';
import { parseCidr } from '../../../src/util/cidr.ts';

test('an address alone is a range of its full length', () => {
  expect(parseCidr('10.0.0.1')).toEqual({ address: '10.0.0.1', length: 32 });
  expect(parseCidr('2001:DB8:0::1')).toEqual({ address: '2001:db8::1', length: 128 });
});

test('bits beyond the length are kept', () => {
  expect(parseCidr('10.1.2.3/8')).toEqual({ address: '10.1.2.3', length: 8 });
  expect(parseCidr('::/0')).toEqual({ address: '::', length: 0 });
});

test('IPv4 in IPv6 is written as such', () => {
  expect(parseCidr('::ffff:1.2.3.4')).toEqual({ address: '::ffff:1.2.3.4', length: 128 });
});

test('a zone is fine on an address but not on a range', () => {
  expect(parseCidr('fe80::1%eth0')).toEqual({ address: 'fe80::1%eth0', length: 128 });
  expect(parseCidr('fe80::1%eth0/64')).toBeUndefined();
});

test.each(['', 'host', '10.0.0', '010.0.0.1', '10.0.0.1/33', '10.0.0.0/08', '10.0.0.0/', '::1/129', '1.2.3.4%x'])(
  '%j is refused',
  (text) => {
    expect(parseCidr(text)).toBeUndefined();
  },
);

test('a zone can be any text', () => {
  expect(parseCidr('fe80::1%%x.0')?.address).toBe('fe80::1%%x.0');
  expect(parseCidr('fe80::1%')).toBeUndefined();
});
