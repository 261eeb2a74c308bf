import type { Fields } from '../../util/object.ts';
import { fieldsOf } from '../../util/object.ts';
import type { KindDefinition } from './definitions.ts';
import { type ApiServerError, type ErrorType, refusedValue, strayField, unreadableObject } from './errors.ts';
import { checkListTypes } from './list-types.ts';
import { checkObjectMeta, isSoundMetadata, readMetadata } from './metadata.ts';
import type { ApiServerOptions } from './options.ts';
import { prepare } from './prepare.ts';
import type { CheckRules } from './rules/check.ts';
import type { SoundnessTest } from './soundness.ts';
import { checkStructure } from './structure.ts';

/** What the API server says to a new object. */
export interface Admission {
  /** Why it refuses it; empty where it does not. */
  readonly errors: readonly ApiServerError[];
  readonly warnings: readonly ApiServerError[];
}

/** How an object is looked at. */
export interface AdmissionOptions extends Pick<ApiServerOptions, 'unknownFields'> {
  readonly checkRules: CheckRules;
  readonly isSound: SoundnessTest;
}

/**
 * The answer of Kubernetes' API server to a new object of a defined kind, before any webhook. Fields that it does not know end it
 * (`--validate=strict` of kubectl), or are left out with a warning (`warn`). k8s.io/apiextensions-apiserver v0.35
 * pkg/apiserver/customresource_handler.go (schemaCoercingDecoder) and pkg/registry/customresource/strategy.go (Validate).
 */
export function admit(
  object: Fields,
  { schema, hasRules, hasDefaults, hasListTypes }: KindDefinition,
  { unknownFields, checkRules, isSound }: AdmissionOptions,
): Admission {
  if (isSound(schema, object) && isSoundMetadata(object.metadata)) {
    return hasRules ? { errors: checkRules(schema, withoutNames(object)), warnings: [] } : nothingToSay;
  }
  const { apiVersion, kind, metadata, ...written } = object;
  const { problem, unknown: unknownOfMetadata } = readMetadata(metadata);
  if (problem !== undefined) return { errors: [unreadableObject(object, problem)], warnings: [] };
  const prepared = prepare(written, schema, hasDefaults);
  const unknown = [...unknownOfMetadata, ...prepared.unknown].map(strayField);
  if (unknown.length > 0 && unknownFields === 'strict') return { errors: unknown, warnings: [] };
  // Nobody sets a status when an object is made.
  const { status, ...value } = prepared.value;
  const errors = [
    ...checkObjectMeta(fieldsOf(metadata)),
    ...checkStructure(value, schema),
    ...(hasListTypes ? checkListTypes(value, schema) : []),
  ];
  if (!hasRules) return { errors, warnings: unknown };
  const isTooWrong = errors.some(({ type }) => keepingFromRules.includes(type));
  const ofRules = isTooWrong ? [rulesNotChecked] : checkRules(schema, value);
  return { errors: [...errors, ...ofRules], warnings: unknown };
}

const nothingToSay: Admission = { errors: [], warnings: [] };

function withoutNames({ apiVersion, kind, metadata, ...written }: Fields): Fields {
  return written;
}

/** Errors after which rules are not tried. */
const keepingFromRules: readonly ErrorType[] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];

const rulesNotChecked: ApiServerError = refusedValue(
  undefined,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  [],
);
