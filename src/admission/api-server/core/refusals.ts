import type { Refusal } from '../../../resource/api-server/refusal.ts';
import type { ApiServerError, ErrorType } from '../errors.ts';
import type { FieldErrors } from './place.ts';

/** The first words of errors, by which their types are told. */
const types: readonly (readonly [words: string, type: ErrorType])[] = [
  ['Duplicate value', 'FieldValueDuplicate'],
  ['Forbidden', 'FieldValueForbidden'],
  ['Required value', 'FieldValueRequired'],
];

/** What loading an object finds of names, ports and addresses: the API server says the same. Warnings are not its errors. */
export function fromRefusals(refusals: Iterable<Refusal>): FieldErrors {
  return [...refusals].filter(({ severity }) => severity === 'error').map(fromRefusal);
}

function fromRefusal({ field, path, message, on }: Refusal): ApiServerError {
  const type = types.find(([words]) => message.startsWith(words))?.[1] ?? 'FieldValueInvalid';
  return { field, type, message, path, on };
}
