import type { ResourceOf } from '../resource/resource.ts';
import type { SourceDocument } from '../source/document.ts';
import { type Again, afresh } from '../util/again.ts';
import { type Fields, fieldsOf, listOf, own, stringOf } from '../util/object.ts';

/**
 * The Secrets that other controllers make of documents: cert-manager of Certificates and of annotated Gateways, others of what keeps
 * values elsewhere or encrypted. Their values are not known. Each name once.
 */
export function issuedSecrets(
  documents: readonly SourceDocument[],
  placeOf: (file: string) => string,
  again: Again = afresh,
): readonly ResourceOf<'Secret'>[] {
  const issuing = documents.flatMap((document) => {
    const names = namesIssuedBy(document.value);
    if (names.length === 0) return [];
    const namespace = stringOf(fieldsOf(fieldsOf(document.value).metadata).namespace) || placeOf(document.file);
    return names.map((name) => ({ document, namespace, name }));
  });
  const told = new Set<string>();
  const first = issuing.filter(({ namespace, name }) => {
    const key = `${namespace}/${name}`;
    if (name === '' || told.has(key)) return false;
    told.add(key);
    return true;
  });
  const known = [...first.map(({ document }) => document), first.map(({ namespace, name }) => `${namespace}/${name}`).join()];
  return again('issued secrets', known, () => first.map(secretOf));
}

function secretOf({
  document,
  namespace,
  name,
}: Pick<ResourceOf<'Secret'>, 'document' | 'namespace' | 'name'>): ResourceOf<'Secret'> {
  const spec = { isIssued: true };
  return { kind: 'Secret', group: '', version: 'v1', namespace, name, labels: {}, annotations: {}, document, spec };
}

type Issuer = (object: Fields, name: string) => readonly unknown[];

/** By group and kind, the names of the Secrets that are made of an object. */
const issuers: Readonly<Record<string, Issuer>> = {
  'cert-manager.io/Certificate': ({ spec }) => [fieldsOf(spec).secretName],
  'external-secrets.io/ExternalSecret': ({ spec }, name) => {
    const { name: target = name, creationPolicy } = fieldsOf(fieldsOf(spec).target);
    return creationPolicy === 'None' ? [] : [target];
  },
  'bitnami.com/SealedSecret': (_, name) => [name],
  'onepassword.com/OnePasswordItem': (_, name) => [name],
  'isindir.github.com/SopsSecret': ({ spec }) => listOf(fieldsOf(spec).secretTemplates).map((made) => fieldsOf(made).name),
  'secrets.hashicorp.com/VaultStaticSecret': ofVault,
  'secrets.hashicorp.com/VaultDynamicSecret': ofVault,
  'secrets.hashicorp.com/VaultPKISecret': ofVault,
  'gateway.networking.k8s.io/Gateway': ofGateway,
};

function ofVault({ spec }: Fields): readonly unknown[] {
  return [fieldsOf(fieldsOf(spec).destination).name];
}

/** cert-manager makes the certificates of the listeners of a Gateway that names an issuer. */
function ofGateway({ metadata, spec }: Fields): readonly unknown[] {
  const { annotations, namespace } = fieldsOf(metadata);
  if (!ISSUER_ANNOTATIONS.some((name) => own(fieldsOf(annotations), name) !== undefined)) return [];
  return listOf(fieldsOf(spec).listeners)
    .flatMap((listener) => listOf(fieldsOf(fieldsOf(listener).tls).certificateRefs).map(fieldsOf))
    .filter((reference) => reference.namespace === undefined || reference.namespace === namespace)
    .map((reference) => reference.name);
}

const ISSUER_ANNOTATIONS: readonly string[] = ['cert-manager.io/issuer', 'cert-manager.io/cluster-issuer'];

function namesIssuedBy(value: unknown): readonly string[] {
  const object = fieldsOf(value);
  const [group = ''] = stringOf(object.apiVersion).split('/');
  const issuer = own(issuers, `${group}/${stringOf(object.kind)}`);
  return issuer?.(object, stringOf(fieldsOf(object.metadata).name)).map(stringOf) ?? [];
}
