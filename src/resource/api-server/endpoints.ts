import type { EndpointAddress, EndpointSliceObject, SliceEndpoint, SlicePort } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import type { ResourceOf } from '../resource.ts';
import { checkAddress, checkCanonicalAddress, checkEndpointAddress, parseAddress } from './addresses.ts';
import { dns1123Label, dns1123Subdomain, fullyQualifiedDomainName, labelKey } from './formats.ts';
import { duplicate, invalid, misformed, type Refusals, repeated } from './refusal.ts';
import { checkPortNumber } from './service.ts';

/** k8s.io/kubernetes pkg/apis/core/validation validateEndpointSubsets, of names, ports and addresses. */
export function* checkEndpoints({ spec }: Pick<ResourceOf<'Endpoints'>, 'spec'>): Refusals {
  for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of (spec.subsets ?? []).entries()) {
    const path = ['subsets', index];
    for (const [at, address] of addresses.entries()) yield* checkSubsetAddress([...path, 'addresses', at], address);
    for (const [at, address] of notReadyAddresses.entries()) {
      yield* checkSubsetAddress([...path, 'notReadyAddresses', at], address);
    }
    for (const [at, port] of ports.entries()) {
      yield* checkPortNames([...path, 'ports', at], port);
      if (port.port !== undefined) yield* checkPortNumber([...path, 'ports', at, 'port'], port.port);
    }
  }
}

function* checkSubsetAddress(path: Path, { ip, hostname, nodeName }: EndpointAddress): Refusals {
  yield* checkAddress([...path, 'ip'], ip);
  yield* checkEndpointAddress([...path, 'ip'], ip);
  yield* misformed([...path, 'hostname'], hostname, dns1123Label);
  yield* misformed([...path, 'nodeName'], nodeName, dns1123Subdomain);
}

function* checkPortNames(path: Path, { name, appProtocol }: SlicePort): Refusals {
  yield* misformed([...path, 'name'], name, dns1123Label);
  yield* misformed([...path, 'appProtocol'], appProtocol, labelKey);
}

/** pkg/apis/discovery/validation there. It does not look at the numbers of ports. */
export function* checkEndpointSlice({ spec }: Pick<ResourceOf<'EndpointSlice'>, 'spec'>): Refusals {
  const { ports = [], endpoints = [], addressType } = spec;
  for (const [index, port] of (ports ?? []).entries()) yield* checkPortNames(['ports', index], port);
  for (const [index, { name }] of repeated(ports ?? [], ({ name = '' }) => name)) yield duplicate(['ports', index, 'name'], name);
  for (const [index, endpoint] of (endpoints ?? []).entries()) yield* checkEndpoint(['endpoints', index], endpoint, addressType);
}

function* checkEndpoint(
  path: Path,
  { addresses, hostname, nodeName }: SliceEndpoint,
  type: EndpointSliceObject['addressType'],
): Refusals {
  for (const [index, address] of addresses.entries()) {
    const place = [...path, 'addresses', index];
    if (type === 'FQDN') yield* misformed(place, address.replace(/\.$/, ''), fullyQualifiedDomainName);
    else if (type === 'IPv4' || type === 'IPv6') yield* checkAddressOfFamily(place, address, type);
  }
  yield* misformed([...path, 'nodeName'], nodeName, dns1123Subdomain);
  yield* misformed([...path, 'hostname'], hostname, dns1123Label);
}

function* checkAddressOfFamily(path: Path, text: string, family: 'IPv4' | 'IPv6'): Refusals {
  const found = [...(family === 'IPv6' ? checkCanonicalAddress(path, text) : checkAddress(path, text))];
  yield* found;
  const address = parseAddress(text);
  if (address === undefined || found.some(({ severity }) => severity === 'error')) return;
  if (address.includes(':') !== (family === 'IPv6')) {
    yield invalid(path, text, `must be an ${family} address`, { field: formatField(path.slice(0, -1)) });
  }
  yield* checkEndpointAddress(path, text);
}
