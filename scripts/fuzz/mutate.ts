import type { SeedCase } from './cases.ts';
import { nastyKey, nastyText, nastyValue } from './dictionary.ts';
import type { Manifests } from './order.ts';
import { isRecord, pathsIn, REMOVED, type ValuePath, valueAt, withValueAt } from './paths.ts';
import type { Random } from './random.ts';
import type { SchemaValues } from './schemas.ts';

/** What mutations take from. */
export interface Stock {
  readonly cases: readonly SeedCase[];
  readonly schemas: SchemaValues;
}

type Mutation = (manifests: Manifests, stock: Stock, random: Random) => Manifests;

/** Changes manifests in some places, as users, generators and attackers do. */
export function mutate(manifests: Manifests, stock: Stock, random: Random): Manifests {
  const mutations = random.chance(0.6) ? gentle : rough;
  let mutated = manifests;
  for (let left = 1 + random.below(random.pick([2, 4, 12])); left > 0; left--)
    mutated = random.pick(mutations)(mutated, stock, random);
  return mutated;
}

/** Changes the document, or MeshConfig, that chance chooses. */
function inSomeDocument(change: (value: unknown, kind: string, stock: Stock, random: Random) => unknown): Mutation {
  return (manifests, stock, random) => {
    const { documents, meshConfig } = manifests;
    if (documents.length === 0 || random.chance(0.08)) {
      return { ...manifests, meshConfig: change(meshConfig ?? {}, 'MeshConfig', stock, random) };
    }
    const index = chooseDocument(documents, random);
    const document = documents[index];
    return { ...manifests, documents: documents.with(index, change(document, kindOf(document), stock, random)) };
  };
}

/** Rather one of Istio's or the Gateway API's than a pod. */
function chooseDocument(documents: readonly unknown[], random: Random): number {
  const indexes = [...documents.keys()];
  const interesting = indexes.filter((index) => {
    const { apiVersion } = (documents[index] as Document | undefined) ?? {};
    // An earlier mutation may have put anything there.
    return typeof apiVersion === 'string' && /istio\.io|gateway\./.test(apiVersion);
  });
  return random.pick(interesting.length > 0 && random.chance(0.7) ? interesting : indexes);
}

interface Document {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
}

function kindOf(document: unknown): string {
  return isRecord(document) && typeof document.kind === 'string' ? document.kind : '';
}

/** A place in a value, rather one below its spec. */
function choosePath(value: unknown, random: Random, wanted: (at: unknown) => boolean = () => true): ValuePath | undefined {
  const paths = pathsIn(value).filter((path) => path.length > 0 && wanted(valueAt(value, path)));
  const deep = paths.filter((path) => path[0] !== 'apiVersion' && path[0] !== 'kind' && path[0] !== 'metadata');
  const chosen = deep.length > 0 && random.chance(0.85) ? deep : paths;
  return chosen.length === 0 ? undefined : random.pick(chosen);
}

/** Puts something in place of the value at a place that chance chooses. */
function replaceSome(
  replacement: (at: unknown, path: ValuePath, document: unknown, stock: Stock, random: Random) => unknown,
  wanted?: (at: unknown) => boolean,
): Mutation {
  return inSomeDocument((document, _, stock, random) => {
    const path = choosePath(document, random, wanted);
    if (path === undefined) return document;
    return withValueAt(document, path, replacement(valueAt(document, path), path, document, stock, random));
  });
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0;
const isText = (value: unknown): value is string => typeof value === 'string';

const removeField = replaceSome(() => REMOVED);
const nastyField = replaceSome((_at, _path, _document, _stock, random) => nastyValue(random));
const nastyTextField = replaceSome((_at, _path, _document, _stock, random) => nastyText(random), isText);
const textWithNastyPart = replaceSome((at, _path, _document, _stock, random) => {
  const text = String(at);
  const cut = random.below(text.length + 1);
  return text.slice(0, cut) + nastyText(random) + text.slice(cut);
}, isText);
const repeatItem = replaceSome((at, _path, _document, _stock, random) => {
  const list = at as readonly unknown[];
  return [...list, ...Array.from({ length: random.pick([1, 1, 2, 40]) }, () => random.pick(list))];
}, isList);
const shuffleList = replaceSome((at, _path, _document, _stock, random) => random.shuffle(at as readonly unknown[]), isList);
const wrap = replaceSome((at, _path, _document, _stock, random) => random.pick([[at], { a: at }, [[at]], { '': at }]));
const otherType = replaceSome((at, _path, _document, _stock, random) => {
  if (isText(at)) return random.pick([Number(at), at === 'true', [at], { [at]: at }]);
  return typeof at === 'number' ? random.pick([String(at), -at, at + 0.5, at * 65536]) : String(at);
});

/** The value that stands elsewhere in the same document. */
const valueOfElsewhere = replaceSome((at, _path, document, _stock, random) => {
  const other = choosePath(document, random);
  return other === undefined ? at : valueAt(document, other);
});

const exchange = inSomeDocument((document, _kind, _stock, random) => {
  const one = choosePath(document, random);
  const other = choosePath(document, random);
  if (one === undefined || other === undefined) return document;
  return withValueAt(withValueAt(document, one, valueAt(document, other)), other, valueAt(document, one));
});

const renameKey = inSomeDocument((document, _kind, _stock, random) => {
  const path = choosePath(document, random, (at) => isRecord(at) && Object.keys(at).length > 0);
  if (path === undefined) return document;
  const object = valueAt(document, path) as Record<string, unknown>;
  const key = random.pick(Object.keys(object));
  const name = random.pick([
    nastyKey(random),
    key.toUpperCase(),
    `${key}s`,
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]);
  const renamed = Object.entries(object).map(([old, member]): [string, unknown] => [old === key ? name : old, member]);
  return withValueAt(document, path, Object.fromEntries(renamed));
});

/** A field that the schema of the kind knows, added where it may stand. */
const fieldOfSchema = inSomeDocument((document, kind, { schemas }, random) => {
  const places = [[], ...pathsIn(document)].filter((path) => path[0] !== 'metadata' && isRecord(valueAt(document, path)));
  for (let tries = 0; tries < 8; tries++) {
    const path = random.pick(places.length === 0 ? [[]] : places);
    const field = schemas.field(kind, path, random);
    if (field !== undefined) return withValueAt(document, [...path, field[0]], field[1]);
  }
  return document;
});

/** A part of another document of the kind, at the same place. */
const partOfSibling = inSomeDocument((document, kind, { cases }, random) => {
  const siblings = cases.flatMap(({ documents, meshConfig }) =>
    kind === 'MeshConfig' ? [meshConfig].filter(isRecord) : documents.filter((other) => kindOf(other) === kind),
  );
  if (siblings.length === 0) return document;
  const sibling = random.pick(siblings);
  const path = choosePath(sibling, random);
  if (path === undefined) return document;
  return withValueAt(document, path, valueAt(sibling, path));
});

/** A name that other documents use, changed in one place, or in all. */
const renameReference: Mutation = (manifests, _stock, random) => {
  const names = manifests.documents.flatMap((document) => {
    const { metadata } = (document ?? {}) as Document;
    return [metadata?.name, metadata?.namespace].filter(isText);
  });
  if (names.length === 0) return manifests;
  const [name, other] = [random.pick(names), random.chance(0.7) ? random.pick(names) : nastyText(random)];
  if (name === '') return manifests;
  const rename = (value: unknown): unknown => {
    if (isText(value)) return random.chance(0.5) ? value.replaceAll(name, other) : value;
    if (Array.isArray(value)) return value.map(rename);
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rename(member)])) : value;
  };
  return { ...manifests, documents: manifests.documents.map((document) => (random.chance(0.4) ? rename(document) : document)) };
};

const removeDocument: Mutation = (manifests, _stock, random) => ({
  ...manifests,
  documents: manifests.documents.filter(() => !random.chance(1.5 / Math.max(2, manifests.documents.length))),
});

/** A document once more, under another name or in another namespace. */
const copyDocument: Mutation = (manifests, _stock, random) => {
  if (manifests.documents.length === 0) return manifests;
  const document = random.pick(manifests.documents);
  const field = random.pick(['name', 'namespace']);
  const name = random.pick(['zz-copy', 'a-copy', 'default', 'istio-system']);
  const copy = isRecord(document) ? withValueAt(document, ['metadata', field], name) : document;
  return { ...manifests, documents: [...manifests.documents, copy] };
};

const documentOfOtherCase: Mutation = (manifests, { cases }, random) => {
  const { documents } = random.pick(cases);
  return documents.length === 0 ? manifests : addDocuments(manifests, [random.pick(documents)], random);
};

const otherCase: Mutation = (manifests, { cases }, random) => {
  const { documents, meshConfig } = random.pick(cases);
  const added = addDocuments(manifests, documents, random);
  return meshConfig !== undefined && random.chance(0.3) ? { ...added, meshConfig } : added;
};

/** Two objects of one name are an error, after which not much is looked at; so they are rare. */
function addDocuments(manifests: Manifests, documents: readonly unknown[], random: Random): Manifests {
  const names = new Set(manifests.documents.map(nameOf));
  const added = random.chance(0.1) ? documents : documents.filter((document) => !names.has(nameOf(document)));
  return { ...manifests, documents: [...manifests.documents, ...added] };
}

function nameOf(document: unknown): string {
  const { kind, metadata } = (document ?? {}) as Document;
  return JSON.stringify([kind, metadata?.namespace, metadata?.name]);
}

const otherKind = inSomeDocument((document, _kind, { cases }, random) => {
  const { documents } = random.pick(cases);
  const { apiVersion, kind } = (documents.length === 0 ? {} : random.pick(documents)) as Document;
  return isRecord(document) && kind !== undefined ? { ...document, apiVersion, kind } : document;
});

/** After these, what is changed can still be decoded, mostly. */
const gentle: readonly Mutation[] = [
  ...[removeField, nastyTextField, textWithNastyPart, repeatItem, shuffleList],
  ...[fieldOfSchema, fieldOfSchema, fieldOfSchema, partOfSibling, partOfSibling, partOfSibling],
  ...[renameReference, removeDocument, copyDocument, documentOfOtherCase, otherCase],
];

const rough: readonly Mutation[] = [
  ...gentle,
  nastyField,
  nastyField,
  wrap,
  otherType,
  valueOfElsewhere,
  exchange,
  renameKey,
  otherKind,
];
