import type { KnownSecret } from '../envoy/known-secret.ts';
import { AUTHORITY_SUFFIX, secretValues } from '../model/gateway-api/certificates.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Resource } from '../resource/resource.ts';
import type { DataPlane } from '../trace/data-plane.ts';
import { memo } from '../util/memo.ts';

/** Scheme, namespace (of the proxy where there is none) and name. */
const SECRET_NAME = /^(kubernetes(?:-gateway)?|configmap):\/\/(?:([^/]+)\/)?([^/]+)$/;

/**
 * Finds what a gateway of `namespace` gets for a secret name (`kubernetes://name`, `kubernetes-gateway://namespace/name`,
 * with `-cacert` for authorities) among the Secrets and ConfigMaps of the manifests.
 * Keys: istio pilot/pkg/credentials/kube/secrets.go.
 */
export function createSecretLookup(resources: readonly Resource[], namespace: string): (name: string) => KnownSecret | undefined {
  const contents = new Map<string, Readonly<Record<string, string>>>();
  for (const { kind, name, namespace: own, spec } of resources) {
    if (kind === 'Secret' && !spec.isIssued) contents.set(`${own}/${name}`, secretValues(spec));
    else if (kind === 'ConfigMap') contents.set(`configmap ${own}/${name}`, spec.data ?? {});
  }
  return (name) => {
    const match = SECRET_NAME.exec(name);
    if (match === null) return undefined;
    const [, scheme, owner = namespace, object = ''] = match;
    const find = (key: string): Readonly<Record<string, string>> | undefined =>
      contents.get(`${scheme === 'configmap' ? 'configmap ' : ''}${owner}/${key}`);
    const exact = find(object);
    const authorities = object.endsWith(AUTHORITY_SUFFIX) ? (exact ?? find(object.slice(0, -AUTHORITY_SUFFIX.length))) : exact;
    return {
      ...(scheme === 'configmap' ? {} : certificateOf(exact)),
      ...authoritiesOf(authorities),
    };
  };
}

/** Whether proxies get secrets: as the Secrets of a mesh tell; where it has none, they are kept elsewhere and nobody knows. */
export function createSecretStates({ resources }: Pick<Mesh, 'resources'>): DataPlane['secret'] {
  const lookups = memo((namespace: string) => createSecretLookup(resources, namespace));
  const secrets = memo(() =>
    resources.flatMap((resource) => (resource.kind === 'Secret' && resource.group === '' ? [resource] : [])),
  );
  const areKept = (): boolean => secrets().some(({ spec }) => !spec.isIssued);
  /** Whether another controller makes a Secret, or that whose authorities are meant. */
  const isIssued = (namespace: string, name: string): boolean => {
    const [, , owner = namespace, object = ''] = SECRET_NAME.exec(name) ?? [];
    const names = [object, ...(object.endsWith(AUTHORITY_SUFFIX) ? [object.slice(0, -AUTHORITY_SUFFIX.length)] : [])];
    return secrets().some((secret) => secret.spec.isIssued && secret.namespace === owner && names.includes(secret.name));
  };
  return ({ namespace }, name) => {
    if (!/^(kubernetes|configmap)/.test(name)) return 'present';
    if (hasContent(lookups(namespace)(name), name)) return 'present';
    return areKept() && !isIssued(namespace, name) ? 'absent' : 'unknown';
  };
}

function hasContent(known: KnownSecret | undefined, name: string): boolean {
  return (name.endsWith(AUTHORITY_SUFFIX) ? known?.authorities : (known?.certificate ?? known?.authorities)) !== undefined;
}

function certificateOf(texts: Readonly<Record<string, string>> | undefined): Pick<KnownSecret, 'certificate'> {
  const certificateChain = texts?.['tls.crt'] ?? texts?.cert;
  const privateKey = texts?.['tls.key'] ?? texts?.key;
  return certificateChain && privateKey ? { certificate: { certificateChain, privateKey } } : {};
}

function authoritiesOf(texts: Readonly<Record<string, string>> | undefined): Pick<KnownSecret, 'authorities'> {
  const authorities = texts?.['ca.crt'] ?? texts?.cacert;
  return authorities ? { authorities } : {};
}
