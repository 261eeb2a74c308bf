import type { GatewayListener } from '../../api/gateway-api.ts';
import { certificateOfSeveralListeners } from '../../diagnostics/problems/certificates.ts';
import { secretValues } from '../../model/gateway-api/certificates.ts';
import { KUBERNETES_GATEWAY } from '../../model/gateway-api/listeners.ts';
import { hostCovers } from '../../model/traffic/host.ts';
import { buildGatewayClasses } from '../../resource/gateway-classes.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { append, groupBy } from '../../util/collections.ts';
import { cryptography } from '../../util/crypto.ts';
import { memo } from '../../util/memo.ts';
import { pemBlocks } from '../../util/pem.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import type { Traffic } from './support/traffic.ts';

/**
 * Listeners of the Gateway API whose connections browsers use for each other: HTTP/2 lets them take an open connection for another
 * host that its certificate is for too. As IST0138 has it for Istio's own Gateways.
 */
export const listenerCertificates: Analyzer = {
  name: 'mesh.k8sgateway.ListenerCertificates',
  about:
    'Listeners of the Gateway API that share a port and a certificate, so that browsers take the connection of one for another',
  reads: ['KubernetesGateway', 'ListenerSet', 'HTTPRoute'],
  codes: [certificateOfSeveralListeners.code],
  run: (reader, report) => {
    const namesOf = memo((secret: ResourceOf<'Secret'>) => certificateNames(secret));
    for (const listeners of listenersByPort(reader)) {
      if (listeners.length < 2) continue;
      const traffic = reader.traffic();
      listeners.forEach((listener, index) => {
        const other = listeners.slice(0, index).find((earlier) => {
          const between = [earlier, listener] as const;
          return [between, [listener, earlier] as const].some(
            ([from, to]) => isReused(reader, namesOf, from, to) && !isServed(traffic, from, to),
          );
        });
        if (other === undefined) return;
        const path = ['spec', 'listeners', listener.index];
        const shared = listener.certificates.find((name) => other.certificates.includes(name));
        const what =
          shared === undefined ? 'the certificate of one is for the host of the other too' : `both use certificate ${shared}`;
        const names = [listener, other].map(
          ({ written, source }) => `${written.name}${source === listener.source ? '' : ` of ${fullName(source)}`}`,
        );
        report(
          certificateOfSeveralListeners(at(listener.source, path), names[0] ?? '', names[1] ?? '', listener.written.port, what),
        );
      });
    }
  },
};

interface Listener {
  readonly source: ResourceOf<'KubernetesGateway' | 'ListenerSet'>;
  readonly index: number;
  readonly written: GatewayListener;
  /** Empty for any. */
  readonly hostname: string;
  /** `namespace/name` of Secrets. */
  readonly certificates: readonly string[];
}

/** The listeners that end HTTPS on the same port of a gateway. */
function listenersByPort(reader: Reader): readonly (readonly Listener[])[] {
  const ownerOf = buildGatewayClasses(reader.list('GatewayClass'));
  const byGateway = new Map<string, Listener[]>();
  const add = (gateway: string, source: Listener['source']): void => {
    source.spec.listeners.forEach((written, index) => {
      const { protocol, tls, hostname = '' } = written;
      const certificates = (tls?.certificateRefs ?? []).map(({ namespace = source.namespace, name }) => `${namespace}/${name}`);
      if (protocol !== 'HTTPS' || tls?.mode === 'Passthrough' || certificates.length === 0) return;
      append(byGateway, gateway, { source, index, written, hostname: hostname.toLowerCase(), certificates });
    });
  };
  for (const gateway of reader.list('KubernetesGateway')) {
    if (ownerOf(gateway.spec.gatewayClassName) === 'istio') add(fullName(gateway), gateway);
  }
  for (const set of reader.list('ListenerSet')) {
    const { namespace = set.namespace, name } = set.spec.parentRef;
    if (byGateway.has(`${namespace}/${name}`)) add(`${namespace}/${name}`, set);
  }
  return [...byGateway.values()].flatMap((listeners) => [...groupBy(listeners, ({ written }) => written.port).values()]);
}

/** Whether a browser may take a connection to one listener for a host of another. */
function isReused(
  reader: Reader,
  namesOf: (secret: ResourceOf<'Secret'>) => readonly string[],
  from: Listener,
  to: Listener,
): boolean {
  if (from.hostname === to.hostname) return false;
  return from.certificates.some((certificate) => {
    if (to.certificates.includes(certificate)) return true;
    const [namespace = '', name = ''] = certificate.split('/');
    const secret = reader.find('Secret', namespace, name);
    return secret !== undefined && to.hostname !== '' && namesOf(secret).some((own) => isFor(own, to.hostname));
  });
}

/** Whether a name of a certificate is for a host; its star stands for one label. */
function isFor(name: string, host: string): boolean {
  if (name === host) return true;
  const [label = '', ...rest] = host.split('.');
  return name.startsWith('*.') && label !== '*' && label !== '' && name.slice(2) === rest.join('.');
}

/** Whether a listener has all routes for the hosts of another. */
function isServed(traffic: Traffic, from: Listener, to: Listener): boolean {
  if (from.hostname !== '' && (to.hostname === '' || !hostCovers(from.hostname, to.hostname))) return false;
  const routesAt = ({ source, written }: Listener): ReadonlySet<string> => {
    const gateway = `${source.namespace}/${source.name}~${KUBERNETES_GATEWAY}~${written.name}`;
    return new Set(
      traffic.rulesAt(gateway).map(({ resource, path }) => `${resource.kind} ${fullName(resource)} ${path.join('.')}`),
    );
  };
  const known = routesAt(from);
  return [...routesAt(to)].every((route) => known.has(route));
}

/** The DNS names of a certificate; browsers look at nothing else. */
function certificateNames({ spec }: ResourceOf<'Secret'>): readonly string[] {
  const values = secretValues(spec);
  const [block] = pemBlocks(values['tls.crt'] || values.cert || '');
  if (block === undefined) return [];
  try {
    const { subjectAltName = '' } = new (cryptography().X509Certificate)(Buffer.from(block.body, 'base64'));
    return subjectAltName.split(', ').flatMap((entry) => (entry.startsWith('DNS:') ? entry.slice(4).toLowerCase() : []));
  } catch {
    return [];
  }
}
