import { parseAddress } from '../../resource/api-server/addresses.ts';
import { isInteger } from './errors.ts';
import type { Schema } from './schema.ts';

/** The type that a schema asks for, and the one that it gets. */
export interface TypeProblem {
  readonly expected: string;
  readonly found: string;
}

/** k8s.io/kube-openapi pkg/validation/validate/type.go: a text with a format is looked at by the format alone. */
export function typeProblem(value: unknown, { type, format, nullable }: Schema): TypeProblem | undefined {
  if (value === null) return type === undefined || nullable === true ? undefined : { expected: type, found: 'null' };
  const found = typeOf(value);
  const fits =
    type === found ||
    (type === 'number' && found === 'integer') ||
    (type === 'integer' && typeof value === 'number' && isNearlyInteger(value));
  if (fits) return undefined;
  if (format === undefined) return type === undefined ? undefined : { expected: type, found };
  if (found === 'string' || found === 'array') {
    return type === 'integer' || type === 'number' ? { expected: type, found } : undefined;
  }
  return { expected: format, found: formatOf(found) };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** How Go holds a number. */
function formatOf(type: string): string {
  if (type === 'integer') return 'int64';
  return type === 'number' ? 'float64' : '';
}

/** github.com/go-openapi/swag IsFloat64AJSONInteger: as near to an integer as makes no difference there. */
function isNearlyInteger(value: number): boolean {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(value);
  return whole === value || Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < 1e-9;
}

/** The formats of texts that the definitions use: pkg/validation/strfmt/default.go. */
export function hasFormat(text: string, format: string): boolean {
  switch (format) {
    case 'byte':
      return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
    case 'ipv4':
      return text.includes('.') && parseAddress(text) !== undefined;
    case 'ipv6':
      return text.includes(':') && parseAddress(text) !== undefined;
    default:
      return true;
  }
}
