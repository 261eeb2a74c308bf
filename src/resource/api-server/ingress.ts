import type { IngressBackend } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource.ts';
import { parseAddress } from './addresses.ts';
import { dns1035Label, dns1123Subdomain, portName, wildcardDns1123Subdomain } from './formats.ts';
import { invalid, misformed, type Refusals } from './refusal.ts';
import { checkPortNumber } from './service.ts';

/** k8s.io/kubernetes pkg/apis/networking/validation ValidateIngressSpec, of hosts, names and ports. */
export function* checkIngress({ spec }: Pick<ResourceOf<'Ingress'>, 'spec'>): Refusals {
  yield* checkBackend(['spec', 'defaultBackend'], spec.defaultBackend);
  for (const [index, { host, http }] of (spec.rules ?? []).entries()) {
    const path = ['spec', 'rules', index];
    if (host && parseAddress(host) !== undefined) {
      yield invalid([...path, 'host'], host, 'must be a DNS name, not an IP address');
    }
    yield* checkHost([...path, 'host'], host);
    for (const [at, { backend }] of (http?.paths ?? []).entries()) {
      yield* checkBackend([...path, 'http', 'paths', at, 'backend'], backend);
    }
  }
  for (const [index, { hosts = [], secretName }] of (spec.tls ?? []).entries()) {
    const path = ['spec', 'tls', index];
    for (const [at, host] of hosts.entries()) yield* checkHost([...path, 'hosts', at], host);
    yield* misformed([...path, 'secretName'], secretName, dns1123Subdomain);
  }
  yield* misformed(['spec', 'ingressClassName'], spec.ingressClassName, dns1123Subdomain);
}

function checkHost(path: Path, host: string | undefined): Refusals {
  return misformed(path, host, host?.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain);
}

function* checkBackend(path: Path, backend: IngressBackend | undefined): Refusals {
  const { name, port } = backend?.service ?? {};
  yield* misformed([...path, 'service', 'name'], name, dns1035Label);
  yield* misformed([...path, 'service', 'port', 'name'], port?.name, portName);
  if (port?.number) yield* checkPortNumber([...path, 'service', 'port', 'number'], port.number);
}
