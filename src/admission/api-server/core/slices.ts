import type { EndpointSliceObject, EndpointsObject } from '../../../api/kubernetes.ts';
import { parseAddress } from '../../../resource/api-server/addresses.ts';
import {
  checkEndpoints as checkNamesOfEndpoints,
  checkEndpointSlice as checkNamesOfSlice,
} from '../../../resource/api-server/endpoints.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { fromRefusals } from './refusals.ts';
import { protocols } from './service.ts';

/** k8s.io/kubernetes pkg/apis/discovery/validation ValidateEndpointSliceCreate. */
export function* judgeEndpointSlice(object: FieldPlace): FieldErrors {
  yield* object.at('addressType').oneOf(['FQDN', 'IPv4', 'IPv6']);
  const endpoints = object.at('endpoints');
  if (endpoints.items.length > 1000) yield endpoints.tooMany(endpoints.items.length, 1000);
  for (const endpoint of endpoints.items) {
    const addresses = endpoint.at('addresses');
    if (addresses.items.length === 0) yield addresses.required('must contain at least 1 address');
    if (addresses.items.length > 100) yield addresses.tooMany(addresses.items.length, 100);
  }
  const ports = object.at('ports');
  if (ports.items.length > 20_000) yield ports.tooMany(ports.items.length, 20_000);
  for (const port of ports.items) yield* port.at('protocol').oneOf(protocols);
  yield* fromRefusals(checkNamesOfSlice({ spec: withAddresses(object) as EndpointSliceObject }));
}

/** Endpoints without addresses have been told of. */
function withAddresses(object: FieldPlace): unknown {
  const endpoints = object.at('endpoints').items.map(({ fields }) => ({ addresses: [], ...fields }));
  return { ...object.fields, endpoints };
}

/** pkg/apis/core/validation ValidateEndpointsCreate there. */
export function* judgeEndpoints(object: FieldPlace): FieldErrors {
  for (const subset of object.at('subsets').items) {
    const all = [...subset.at('addresses').items, ...subset.at('notReadyAddresses').items];
    if (all.length === 0) yield subset.required('must specify `addresses` or `notReadyAddresses`');
    for (const address of all) {
      // Said once as an address, and once as that of an endpoint.
      if (parseAddress(address.at('ip').text) === undefined)
        yield address.at('ip').invalid('must be a valid IP address', address.at('ip').text);
    }
    const ports = subset.at('ports').items;
    for (const port of ports) {
      if (ports.length > 1 && port.at('name').text === '') yield port.at('name').required();
      yield* port.at('protocol').oneOf(protocols);
    }
  }
  yield* fromRefusals(checkNamesOfEndpoints({ spec: object.fields as EndpointsObject }));
}
