import { isObject } from '../util/object.ts';
import { Sealed } from '../util/sealed.ts';

/** What of a Secret is no secret. All else is, also a field that does not exist: it may be one of `data` gone astray. */
const OPEN_FIELDS: readonly string[] = ['apiVersion', 'kind', 'type', 'immutable'];

/**
 * The value of a document with all values of a Secret sealed, also of one among the items of a list; of a typed list, whose items need
 * not say what they are, `kind` tells it.
 */
export function sealSecrets(value: unknown, kind?: string): unknown {
  if (!isObject(value)) return value;
  const ownKind = typeof value.kind === 'string' ? value.kind : kind;
  if (ownKind?.endsWith('List') && Array.isArray(value.items)) {
    const itemKind = ownKind.slice(0, -'List'.length);
    return { ...value, items: value.items.map((item: unknown) => sealSecrets(item, itemKind)) };
  }
  if (ownKind !== 'Secret') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'metadata') return [name, sealMetadata(member)];
      return [name, OPEN_FIELDS.includes(name) ? member : sealAll(member)];
    }),
  );
}

/** Tools keep whole objects in annotations (`kubectl.kubernetes.io/last-applied-configuration`), those of Secrets too. */
function sealMetadata(metadata: unknown): unknown {
  if (!isObject(metadata) || !isObject(metadata.annotations)) return metadata;
  const annotations = Object.entries(metadata.annotations).map(([name, value]) => [
    name,
    typeof value === 'string' && /^\s*[[{]/.test(value) ? String(new Sealed(value)) : value,
  ]);
  return { ...metadata, annotations: Object.fromEntries(annotations) };
}

function sealAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sealAll);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sealAll(member)]));
  return value === null || value === undefined ? value : new Sealed(value);
}

/** Whether a text that cannot be read may be a Secret. */
export function maySecretStandIn(text: string): boolean {
  return /secret/i.test(text) || /\\[xuU]/.test(text);
}
