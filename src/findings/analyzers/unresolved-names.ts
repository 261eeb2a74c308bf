import { nameDoesNotResolve } from '../../diagnostics/problems/routing.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Hosts of ServiceEntries that clients may not be able to resolve. */
export const unresolvedNames: Analyzer = {
  name: 'mesh.serviceentry.UnresolvedNames',
  about: 'Hosts of ServiceEntries that need not be in DNS, where no proxy answers DNS queries',
  reads: ['ServiceEntry', 'Pod'],
  codes: [nameDoesNotResolve.code],
  run: (reader, report) => {
    const entries = reader.list('ServiceEntry');
    if (entries.length === 0) return;
    const sidecars = reader.traffic().sidecars.flatMap(({ proxies }) => proxies);
    if (sidecars.length === 0 || sidecars.some(answersDns)) return;
    const { registry } = reader.mesh();
    for (const entry of entries) {
      const { hosts = [], addresses = [], endpoints = [], resolution, workloadSelector } = entry.spec;
      const isFixed = resolution === 'STATIC' || endpoints.length > 0 || workloadSelector !== undefined;
      if (!isFixed || addresses.length > 0) continue;
      const named = new Set(endpoints.map(({ address }) => address));
      hosts.forEach((host, index) => {
        if (isWildcard(host) || isIpAddress(host) || isPublic(host) || named.has(host)) return;
        if (registry.servicesOf(host).some((service) => service.registry === 'Kubernetes')) return;
        report(nameDoesNotResolve(at(entry, ['spec', 'hosts', index]), host));
      });
    }
  },
};

function answersDns({ proxyConfig }: Proxy): boolean {
  return /^(1|t|true)$/i.test(proxyConfig.proxyMetadata?.ISTIO_META_DNS_CAPTURE ?? '');
}

/** Whether a name is of a domain that anybody can register, and so likely to be in DNS. */
function isPublic(host: string): boolean {
  return /\.(com|net|org|edu|gov|mil|int|dev|app|cloud|info|biz|[a-z]{2})$/i.test(host);
}
