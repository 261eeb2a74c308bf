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
import { type Fields, fieldsOf, isObject, listOf, own, stringOf } from '../../util/object.ts';
import { decodeObject, jsonType, type ReadObject } from './core/decode.ts';
import { type GoTypes, type GoTypesFile, readFields } from './core/go-types.ts';
import { type ApiServerError, missingValue, refusedValue, tooLong } from './errors.ts';

/** The metadata of an object, as the API server reads it: k8s.io/apimachinery pkg/apis/meta/v1 ObjectMeta. */

/** Its types, which the definitions of other people's kinds leave out. Those of Kubernetes' own kinds come with their file. */
const structs: GoTypesFile['structs'] = {
  'v1.ObjectMeta': {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: 'string:types.UID',
    resourceVersion: 'string',
    generation: 'int64',
    creationTimestamp: 'v1.Time',
    deletionTimestamp: 'v1.Time',
    deletionGracePeriodSeconds: 'int64',
    labels: 'map:map[string]string:string',
    annotations: 'map:map[string]string:string',
    ownerReferences: '[]{v1.OwnerReference',
    finalizers: '[]string',
    managedFields: '[]{v1.ManagedFieldsEntry',
  },
  'v1.OwnerReference': {
    apiVersion: 'string',
    kind: 'string',
    name: 'string',
    uid: 'string:types.UID',
    controller: 'bool',
    blockOwnerDeletion: 'bool',
  },
  'v1.ManagedFieldsEntry': {
    manager: 'string',
    operation: 'string:v1.ManagedFieldsOperationType',
    apiVersion: 'string',
    time: 'v1.Time',
    fieldsType: 'string',
    fieldsV1: 'v1.FieldsV1',
    subresource: 'string',
  },
};

const fields = new Map(Object.entries(structs).map(([name, written]) => [name, readFields(written)]));
const types: GoTypes = {
  kinds: {},
  fieldOf: (struct, name) => fields.get(struct)?.get(name),
  fieldsOf: (struct) => [...(fields.get(struct)?.keys() ?? [])],
};

/** Reads the metadata of an object whose kind somebody has defined: by itself, and not as a part of the object. */
export function readMetadata(metadata: unknown): Omit<ReadObject, 'value'> {
  if (metadata === null || metadata === undefined) return { problem: undefined, unknown: [] };
  const root = ['metadata'];
  if (!isObject(metadata)) {
    const words = `json: cannot unmarshal ${jsonType(metadata)} into Go value of type v1.ObjectMeta`;
    return { problem: { words, path: root }, unknown: [] };
  }
  const { problem, unknown } = decodeObject(metadata, 'v1.ObjectMeta', types);
  return {
    problem: problem && { words: problem.words, path: [...root, ...problem.path] },
    unknown: unknown.map((path) => [...root, ...path]),
  };
}

/** k8s.io/apimachinery pkg/api/validation/objectmeta.go ValidateObjectMetaAccessor, of metadata that can be read. */
export function* checkObjectMeta(metadata: Fields, nameFormat: Format = dns1123Subdomain): Iterable<ApiServerError> {
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers } = metadata;
  const made = stringOf(generateName);
  if (made !== '') yield* misformed(['metadata', 'generateName'], made, asPrefix(nameFormat));
  // The API server ends it in five letters of chance.
  const called = stringOf(name) || (made === '' ? '' : `${made.slice(0, 58)}xxxxx`);
  if (called === '') yield missingValue('metadata.name', ['metadata', 'name'], 'name or generateName is required');
  else yield* misformed(['metadata', 'name'], called, nameFormat);
  if (stringOf(namespace) !== '') yield* misformed(['metadata', 'namespace'], stringOf(namespace), dns1123Label);
  if (labels !== undefined) {
    yield* checkKeys('labels', fieldsOf(labels), labelKey);
    for (const [key, value] of Object.entries(fieldsOf(labels))) {
      yield* misformed(['metadata', 'labels', key], stringOf(value), labelValue, 'metadata.labels');
    }
  }
  if (annotations !== undefined) {
    yield* checkKeys('annotations', fieldsOf(annotations), annotationKey);
    yield* checkAnnotationsSize(fieldsOf(annotations));
  }
  if (ownerReferences !== undefined) yield* checkOwnerReferences(listOf(ownerReferences).map(fieldsOf));
  if (finalizers === undefined) return;
  for (const [index, finalizer] of listOf(finalizers).entries()) {
    yield* misformed(['metadata', 'finalizers', index], stringOf(finalizer), labelKey, 'metadata.finalizers');
  }
}

/** Whether metadata has what most has, and all of it right: then neither reading nor checking says anything of it. */
export function isSoundMetadata(metadata: unknown, nameFormat: Format = dns1123Subdomain): boolean {
  if (!isObject(metadata)) return false;
  for (const field in metadata) {
    const value = own(metadata, field);
    if (!isSoundField(field, value, nameFormat)) return false;
  }
  return Object.hasOwn(metadata, 'name');
}

function isSoundField(field: string, value: unknown, nameFormat: Format): boolean {
  switch (field) {
    case 'name':
      return typeof value === 'string' && value !== '' && nameFormat(value).length === 0;
    case 'namespace':
      return typeof value === 'string' && (value === '' || dns1123Label(value).length === 0);
    case 'labels':
      return isObject(value) && hasOnly(value, (key, text) => labelKey(key).length === 0 && labelValue(text).length === 0);
    case 'annotations':
      return (
        isObject(value) &&
        JSON.stringify(value).length < MOST_BYTES_OF_ANNOTATIONS / 4 &&
        hasOnly(value, (key) => annotationKey(key).length === 0)
      );
    default:
      return false;
  }
}

function hasOnly(map: Fields, isRight: (key: string, text: string) => boolean): boolean {
  for (const key in map) {
    const value = own(map, key);
    if (typeof value !== 'string' || !isRight(key, value)) return false;
  }
  return true;
}

function misformed(path: Path, value: string, format: Format, field?: string): readonly ApiServerError[] {
  return format(value).map((rule) => refusedValue(field ?? formatField(path), value, rule, path));
}

function checkKeys(name: 'labels' | 'annotations', map: Fields, format: Format): readonly ApiServerError[] {
  return Object.keys(map).flatMap((key) => misformed(['metadata', name, key], key, format, `metadata.${name}`));
}

const MOST_BYTES_OF_ANNOTATIONS = 262_144;

function* checkAnnotationsSize(annotations: Fields): Iterable<ApiServerError> {
  const size = Object.entries(annotations).reduce(
    (bytes, [key, value]) => bytes + Buffer.byteLength(key) + Buffer.byteLength(stringOf(value)),
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
      if (stringOf(own(reference, name)) !== '') continue;
      const rule = name === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
      yield refusedValue(formatField([...list, name]), '', rule, [...list, index, name]);
    }
  }
  const [first, second] = references
    .filter(({ controller }) => controller === true)
    .map(({ kind, name }) => `${stringOf(kind)}/${stringOf(name)}`);
  if (second === undefined) return;
  const rule = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
  yield refusedValue(formatField(list), references, rule, list);
}
