import type { Path } from '../../diagnostics/diagnostic.ts';

/** What the API server says of one field of an object. */
export interface ApiServerError {
  /** The field as the API server names it; undefined where it says `<nil>`. */
  readonly field: string | undefined;
  readonly type: ErrorType;
  /** Its words after the name of the field. */
  readonly message: string;
  /** Where the cause is written, from the root of the object. */
  readonly path: Path;
}

/** The reasons of k8s.io/apimachinery pkg/util/validation/field/errors.go, as they stand in answers. */
export type ErrorType =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotFound'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  /** The answer to the request as a whole, not to a field. */
  | 'BadRequest'
  | 'StrictDecoding';
