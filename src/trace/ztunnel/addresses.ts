import ipaddr from 'ipaddr.js';
import { parseCidr } from '../../util/cidr.ts';

/** The address that bytes of a message stand for, in canonical form; empty for what is none. */
export function addressOfBytes(base64: string): string {
  const bytes = [...Buffer.from(base64, 'base64')];
  return bytes.length === 4 || bytes.length === 16 ? canonicalAddress(ipaddr.fromByteArray(bytes).toString()) : '';
}

/** An address as all of them are written here. */
export function canonicalAddress(ip: string): string {
  return parseCidr(ip)?.address ?? ip;
}
