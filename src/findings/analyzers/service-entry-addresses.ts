import { serviceEntryAddressesRequired } from '../../diagnostics/problems/istio/services.ts';
import type { Resource } from '../../resource/resource.ts';
import { isObject } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** istio analyzers/serviceentry/protocoladdresses.go. */
export const serviceEntryAddresses: Analyzer = {
  name: 'serviceentry.Analyzer',
  about: 'ServiceEntries with TCP ports have addresses, by which their traffic can be told from that of others',
  reads: ['ServiceEntry'],
  codes: [serviceEntryAddressesRequired.code],
  run(reader, report) {
    const { ISTIO_META_DNS_CAPTURE, ISTIO_META_DNS_AUTO_ALLOCATE, PILOT_ENABLE_IP_AUTOALLOCATE } =
      reader.meshConfig.defaultConfig?.proxyMetadata ?? {};
    const isAllocated = ISTIO_META_DNS_AUTO_ALLOCATE === 'true' || PILOT_ENABLE_IP_AUTOALLOCATE === 'true';
    if (ISTIO_META_DNS_CAPTURE === 'true' && isAllocated) return;
    for (const resource of reader.list('ServiceEntry')) {
      const { addresses = [], ports = [] } = resource.spec;
      if (addresses.length > 0 || hasAllocatedAddress(resource)) continue;
      ports.forEach(({ protocol = '' }, index) => {
        if (protocol !== '' && protocol.toUpperCase() !== 'TCP') return;
        report(serviceEntryAddressesRequired(at(resource, ['spec', 'ports', index, 'name'])));
      });
    }
  },
};

function hasAllocatedAddress({ status }: Resource): boolean {
  return isObject(status) && Array.isArray(status.addresses) && status.addresses.length > 0;
}
