/**
 * Host names, exact or with a leading wildcard. No other file looks at `*`.
 * Rules: istio pkg/config/host/name.go and names.go.
 */

/** Whether the name starts with a wildcard. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether two names overlap: some host could be matched by both (istio Name.Matches). */
export function hostsOverlap(a: string, b: string): boolean {
  if (isWildcard(a) && isWildcard(b)) {
    return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  }
  if (isWildcard(a)) return b.endsWith(a.slice(1));
  if (isWildcard(b)) return a.endsWith(b.slice(1));
  return a === b;
}

/** Whether some name of one list overlaps some name of another. */
export function anyHostsOverlap(hosts: readonly string[] = [], others: readonly string[] = []): boolean {
  return hosts.some((host) => others.some((other) => hostsOverlap(host, other)));
}

/** Whether a header holds the host of a request. */
export function isHostHeader(name: string): boolean {
  return /^(host|:authority)$/i.test(name);
}

/** Whether every host that `inner` stands for is matched by `outer` (istio: inner.SubsetOf(outer)). */
export function hostCovers(outer: string, inner: string): boolean {
  if (isWildcard(inner)) {
    if (!isWildcard(outer)) return false;
    return inner.length >= outer.length && inner.slice(1).endsWith(outer.slice(1));
  }
  if (isWildcard(outer)) return inner.endsWith(outer.slice(1));
  return inner === outer;
}

/** Orders names from the most specific: longest first, wildcards after exact names, else by text (istio MoreSpecific). */
export function compareBySpecificity(a: string, b: string): number {
  if (a === b) return 0;
  return moreSpecific(a, b) ? -1 : 1;
}

/** Whether `a` is more specific than `b`: exact before wildcard, then longer, then by text. */
export function moreSpecific(a: string, b: string): boolean {
  if (isWildcard(a) !== isWildcard(b)) return isWildcard(b);
  if (a.length !== b.length) return a.length > b.length;
  return a < b;
}

/**
 * The full name of a host written in a resource of `namespace`: a name without a dot is a Kubernetes Service of that
 * namespace (istio model.ResolveShortnameToFQDN). Wildcards, IP addresses and names with dots stay.
 */
export function expandShortName(host: string, namespace: string, domainSuffix: string): string {
  if (host === '' || isWildcard(host) || host.includes('.') || host.includes(':')) return host;
  const scoped = namespace === '' ? host : `${host}.${namespace}`;
  return `${scoped}.svc.${domainSuffix}`;
}

/**
 * The hosts that both lists cover, in the order of `hosts`: of each pair of which one covers the other, the narrower
 * (istio Names.Intersection).
 */
export function intersectHosts(hosts: readonly string[], others: readonly string[]): string[] {
  const out = new Set<string>();
  for (const host of hosts) {
    for (const other of others) {
      if (hostCovers(other, host)) out.add(host);
      else if (hostCovers(host, other)) out.add(other);
    }
  }
  return [...out];
}

/**
 * The hosts that concern `namespace`, of a list of `host` (every namespace) and `namespace/host`, without the prefix
 * (istio NamesForNamespace).
 */
export function hostsForNamespace(hosts: readonly string[], namespace: string): string[] {
  return hosts.flatMap((host) => {
    const slash = host.indexOf('/');
    if (slash === -1) return host;
    const prefix = host.slice(0, slash);
    return prefix === namespace || prefix === '*' ? host.slice(slash + 1) : [];
  });
}
