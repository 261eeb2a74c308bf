const SCHEME = 'spiffe://';

/** The identity of a Kubernetes service account; istio pkg/spiffe genSpiffeURI. */
export function spiffeIdentity(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `${SCHEME}${trustDomain.replaceAll('@', '.')}/ns/${namespace}/sa/${serviceAccount}`;
}

/**
 * The identities with each of them repeated in the other trust domains, sorted; names that are no SPIFFE identities stay single.
 * As istio pkg/spiffe ExpandWithTrustDomains.
 */
export function expandTrustDomains(identities: Iterable<string>, trustDomains: readonly string[]): readonly string[] {
  const out = new Set<string>();
  for (const identity of identities) {
    out.add(identity);
    if (!identity.startsWith(SCHEME)) continue;
    const [, ns, namespace, sa, serviceAccount, ...rest] = identity.slice(SCHEME.length).split('/');
    if (ns !== 'ns' || sa !== 'sa' || serviceAccount === undefined || rest.length > 0) continue;
    for (const trustDomain of trustDomains) out.add(`${SCHEME}${trustDomain}/ns/${namespace}/sa/${serviceAccount}`);
  }
  return [...out].sort();
}
