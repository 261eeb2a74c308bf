/** Host names as Istio's analyzers compare them: always with `svc.cluster.local`; istio analyzers/util/hosts.go. */

/** The full name of a short one in a namespace; wildcards and names with dots stay. */
export function hostInNamespace(host: string, namespace: string): string {
  return host.startsWith('*') || host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`;
}

/** The `namespace/name` of the Kubernetes Service that a host names, written short or in full. */
export function serviceNameOf(host: string, namespace: string): string {
  const match = /^(.+)\.(.+)\.svc\.cluster\.local$/.exec(host);
  return match === null ? `${namespace}/${host}` : `${match[2]}/${match[1]}`;
}

/** A name of a resource that may name a namespace, as `namespace/name`: split in two. */
export function splitName(name: string, namespace: string): { readonly namespace: string; readonly name: string } {
  const slash = name.indexOf('/');
  return slash === -1 ? { namespace, name } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
