import type { Absent } from '../../../diagnostics/diagnostic.ts';

/** Host names as Istio's analyzers compare them; istio analyzers/util/hosts.go, which knows no domain but `cluster.local`. */

/** The full name of a short one in a namespace; wildcards and names with dots stay. */
export function hostInNamespace(host: string, namespace: string, domain: string): string {
  return host.startsWith('*') || host.includes('.') ? host : `${host}.${namespace}.svc.${domain}`;
}

/** The `namespace/name` of the Kubernetes Service that a host names, written short or in full. */
export function serviceNameOf(host: string, namespace: string, domain: string): string {
  const suffix = `.svc.${domain}`;
  const name = host.endsWith(suffix) ? host.slice(0, -suffix.length) : '';
  const dot = name.lastIndexOf('.', name.length - 2);
  return dot <= 0 ? `${namespace}/${host}` : `${name.slice(dot + 1)}/${name.slice(0, dot)}`;
}

/** The Service that a host would need, where it can be one of Kubernetes. */
export function absentService(host: string, from: string, domain: string): Absent {
  const { namespace, name } = splitName(serviceNameOf(host, from, domain), from);
  return { namespace: name.includes('.') ? '' : namespace, kinds: ['Service', 'ServiceEntry'], names: [name] };
}

/** A name of a resource that may name a namespace, as `namespace/name`: split in two. */
export function splitName(name: string, namespace: string): { readonly namespace: string; readonly name: string } {
  const slash = name.indexOf('/');
  return slash === -1 ? { namespace, name } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
