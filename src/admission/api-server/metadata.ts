import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  annotationKey,
  asPrefix,
  dns1123Label,
  dns1123Subdomain,
  type Format,
  labelKey,
  labelValue,
} from '../../resource/api-server/formats.ts';
import { goTimeProblem } from '../../util/go-time.ts';
import { type Fields, fieldsOf, isObject, listOf, own } from '../../util/object.ts';
import { type ApiServerError, missingValue, refusedValue, tooLong } from './errors.ts';

/** The metadata of an object, as the API server reads it: k8s.io/apimachinery pkg/apis/meta/v1 ObjectMeta. */

/** What a field of Go's may hold, under the name that Go has for it. */
type GoType =
  | { readonly name: string; readonly is: 'string' | 'boolean' | 'integer' | 'time' | 'anything' }
  | { readonly name: string; readonly is: 'list' | 'map'; readonly of: GoType }
  | { readonly name: string; readonly is: 'struct'; readonly fields: Readonly<Record<string, GoType>> };

const text: GoType = { name: 'string', is: 'string' };
const uid: GoType = { name: 'types.UID', is: 'string' };
const integer: GoType = { name: 'int64', is: 'integer' };
const boolean: GoType = { name: 'bool', is: 'boolean' };
const time: GoType = { name: 'string', is: 'time' };
const texts: GoType = { name: 'map[string]string', is: 'map', of: text };

const ownerReference: GoType = {
  name: 'OwnerReference',
  is: 'struct',
  fields: { apiVersion: text, kind: text, name: text, uid, controller: boolean, blockOwnerDeletion: boolean },
};

const managedFieldsEntry: GoType = {
  name: 'ManagedFieldsEntry',
  is: 'struct',
  fields: {
    manager: text,
    operation: { name: 'v1.ManagedFieldsOperationType', is: 'string' },
    apiVersion: text,
    time,
    fieldsType: text,
    fieldsV1: { name: 'v1.FieldsV1', is: 'anything' },
    subresource: text,
  },
};

const objectMeta: GoType = {
  name: 'ObjectMeta',
  is: 'struct',
  fields: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid,
    resourceVersion: text,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: texts,
    annotations: texts,
    ownerReferences: { name: '[]v1.OwnerReference', is: 'list', of: ownerReference },
    finalizers: { name: '[]string', is: 'list', of: text },
    managedFields: { name: '[]v1.ManagedFieldsEntry', is: 'list', of: managedFieldsEntry },
  },
};

/** What reading metadata comes upon. */
export interface ReadMetadata {
  /** The first value of a wrong type, after which nothing else is looked at. */
  readonly problem: { readonly words: string; readonly path: Path } | undefined;
  readonly unknown: readonly Path[];
}

/** Reads metadata as Go's package json would. */
export function readMetadata(metadata: unknown): ReadMetadata {
  const reading: Reading = { problems: [], unknown: [] };
  read(metadata, objectMeta, ['metadata'], undefined, reading);
  return { problem: reading.problems[0], unknown: reading.unknown };
}

interface Reading {
  readonly problems: { readonly words: string; readonly path: Path }[];
  readonly unknown: Path[];
}

/** `owner` is the struct that the value is in. */
function read(value: unknown, type: GoType, path: Path, owner: string | undefined, reading: Reading): void {
  if (value === null || value === undefined || type.is === 'anything') return;
  if (type.is === 'struct' && isObject(value)) {
    for (const [name, part] of Object.entries(value)) {
      const field = own(type.fields, name);
      if (field === undefined) reading.unknown.push([...path, name]);
      else read(part, field, [...path, name], type.name, reading);
    }
  } else if (type.is === 'map' && isObject(value)) {
    for (const [name, part] of Object.entries(value)) read(part, type.of, [...path, name], owner, reading);
  } else if (type.is === 'list' && Array.isArray(value)) {
    for (const [index, part] of value.entries()) read(part, type.of, [...path, index], owner, reading);
  } else {
    const words = scalarProblem(value, type, path, owner);
    if (words !== undefined) reading.problems.push({ words, path });
  }
}

function scalarProblem(value: unknown, type: GoType, path: Path, owner: string | undefined): string | undefined {
  const found = jsonTypeOf(value);
  if (type.is === 'time') {
    if (found !== 'string') return `json: cannot unmarshal ${found} into Go value of type string`;
    return goTimeProblem(String(value));
  }
  if (type.is === found) return undefined;
  if (type.is === 'integer' && found === 'number') {
    if (Number.isSafeInteger(value)) return undefined;
    return `json: cannot unmarshal number ${String(value)} into ${goField(type, path, owner)}`;
  }
  return `json: cannot unmarshal ${found === 'boolean' ? 'bool' : found} into ${goField(type, path, owner)}`;
}

/** The field as Go's errors name it: the struct that it is in, and the names on the way to it. */
function goField(type: GoType, path: Path, owner: string | undefined): string {
  const name = type.is === 'struct' ? `v1.${type.name}` : type.name;
  if (owner === undefined) return `Go value of type ${name}`;
  const names = path.slice(1).filter((step) => typeof step === 'string');
  const field = isMap(names[0]) ? names[0] : names.join('.');
  return `Go struct field ${owner}.${field} of type ${name}`;
}

function isMap(field: string | undefined): boolean {
  return field === 'labels' || field === 'annotations';
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** k8s.io/apimachinery pkg/api/validation/objectmeta.go ValidateObjectMetaAccessor, of metadata that can be read. */
export function* checkObjectMeta(metadata: Fields, nameFormat: Format = dns1123Subdomain): Iterable<ApiServerError> {
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers } = metadata;
  const made = textOf(generateName);
  if (made !== '') yield* misformed(['metadata', 'generateName'], made, asPrefix(nameFormat));
  // The API server ends it in five letters of chance.
  const called = textOf(name) || (made === '' ? '' : `${made.slice(0, 58)}xxxxx`);
  if (called === '') yield missingValue('metadata.name', ['metadata', 'name'], 'name or generateName is required');
  else yield* misformed(['metadata', 'name'], called, nameFormat);
  if (textOf(namespace) !== '') yield* misformed(['metadata', 'namespace'], textOf(namespace), dns1123Label);
  yield* checkKeys('labels', fieldsOf(labels), labelKey);
  for (const [key, value] of Object.entries(fieldsOf(labels))) {
    yield* misformed(['metadata', 'labels', key], textOf(value), labelValue, 'metadata.labels');
  }
  yield* checkKeys('annotations', fieldsOf(annotations), annotationKey);
  yield* checkAnnotationsSize(fieldsOf(annotations));
  yield* checkOwnerReferences(listOf(ownerReferences).map(fieldsOf));
  for (const [index, finalizer] of listOf(finalizers).entries()) {
    yield* misformed(['metadata', 'finalizers', index], textOf(finalizer), labelKey, 'metadata.finalizers');
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function* misformed(path: Path, value: string, format: Format, field?: string): Iterable<ApiServerError> {
  for (const rule of format(value)) yield refusedValue(field ?? formatField(path), value, rule, path);
}

function* checkKeys(name: 'labels' | 'annotations', map: Fields, format: Format): Iterable<ApiServerError> {
  for (const key of Object.keys(map)) yield* misformed(['metadata', name, key], key, format, `metadata.${name}`);
}

const MOST_BYTES_OF_ANNOTATIONS = 262_144;

function* checkAnnotationsSize(annotations: Fields): Iterable<ApiServerError> {
  const size = Object.entries(annotations).reduce(
    (bytes, [key, value]) => bytes + Buffer.byteLength(key) + Buffer.byteLength(textOf(value)),
    0,
  );
  const path = ['metadata', 'annotations'];
  if (size > MOST_BYTES_OF_ANNOTATIONS) yield tooLong(formatField(path), MOST_BYTES_OF_ANNOTATIONS, path);
}

/** The API server names the list, not the member. */
function* checkOwnerReferences(references: readonly Fields[]): Iterable<ApiServerError> {
  const list = ['metadata', 'ownerReferences'];
  for (const [index, reference] of references.entries()) {
    for (const name of ['apiVersion', 'kind', 'name', 'uid']) {
      if (textOf(own(reference, name)) !== '') continue;
      const rule = name === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
      yield refusedValue(formatField([...list, name]), '', rule, [...list, index, name]);
    }
  }
  const [first, second] = references
    .filter(({ controller }) => controller === true)
    .map(({ kind, name }) => `${textOf(kind)}/${textOf(name)}`);
  if (second === undefined) return;
  const rule = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
  yield refusedValue(formatField(list), references, rule, list);
}
