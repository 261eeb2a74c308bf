import { nameDoesNotResolve } from '../../diagnostics/problems/routing.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { isObject } from '../../util/object.ts';
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
    const { registry, domainSuffix, config } = reader.mesh();
    const providers = (config.extensionProviders ?? []).flatMap((provider) =>
      Object.values(provider).flatMap((settings) =>
        isObject(settings) && typeof settings.service === 'string' ? [settings.service] : [],
      ),
    );
    for (const entry of entries) {
      const { hosts = [], addresses = [], endpoints = [], resolution, workloadSelector } = entry.spec;
      const isFixed = resolution === 'STATIC' || endpoints.length > 0 || workloadSelector !== undefined;
      if (!isFixed || addresses.length > 0) continue;
      // What listens beside a proxy is called by the proxy itself.
      if (endpoints.length > 0 && endpoints.every(({ address = '' }) => isLoopback(address))) continue;
      const named = new Set([...providers, ...endpoints.map(({ address }) => address)]);
      hosts.forEach((host, index) => {
        if (isWildcard(host) || isIpAddress(host) || isPublic(host) || named.has(host)) return;
        const names = [host, `${host}.${domainSuffix}`, `${host}.svc.${domainSuffix}`];
        if (names.some((name) => registry.servicesOf(name).some((service) => service.registry === 'Kubernetes'))) return;
        report(nameDoesNotResolve(at(entry, ['spec', 'hosts', index]), host));
      });
    }
  },
};

// as istio pilot-agent options.go DNSCaptureByAgent
function answersDns({ proxyConfig }: Proxy): boolean {
  return parseGoBoolean(proxyConfig.proxyMetadata?.ISTIO_META_DNS_CAPTURE ?? '') === true;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('unix://');
}

/** Whether a name is of a domain that anybody can register, and so likely to be in DNS. */
function isPublic(host: string): boolean {
  return /\.(com|net|org|edu|gov|mil|int|dev|app|cloud|info|biz|[a-z]{2})$/i.test(host);
}
