import { parseJsonText } from '../util/json-text.ts';
import { isObject, own } from '../util/object.ts';

/** A key of a JSON Web Key Set. */
export interface WebKey {
  /** Whether it holds what only its owner may know: a private or a symmetric key. */
  readonly isPrivate: boolean;
}

/** What a text holds as a JSON Web Key Set. */
export interface KeySet {
  readonly keys: readonly WebKey[];
  /** Why it is none. */
  readonly problem?: string;
}

/** What the keys of a type consist of, each in base64; those of the private key too. */
const parts: Readonly<Record<string, { readonly required: readonly string[]; readonly text?: readonly string[] }>> = {
  RSA: { required: ['e', 'n'] },
  EC: { required: ['x', 'y'], text: ['crv'] },
  OKP: { required: ['x'], text: ['crv'] },
  oct: { required: ['k'] },
};

/** Members of keys that hold base64. */
const binary: readonly string[] = ['e', 'n', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y', 'k'];
/** Members that hold other texts. */
const texts: readonly string[] = ['alg', 'kid', 'use', 'crv', 'x5t', 'x5t#S256', 'x5u'];

/**
 * Reads a JSON Web Key Set, or a key that stands alone, as Istio does (github.com/lestrrat-go/jwx jwk.Parse): the parts of the
 * keys must be there and be base64; what they say is not looked at.
 */
export function readKeySet(text: string): KeySet {
  const refuse = (problem: string): KeySet => ({ keys: [], problem: `failed to unmarshal JWK set: ${problem}` });
  const parsed = parseJson(text);
  if ('failure' in parsed) return refuse(parsed.failure);
  const { value } = parsed;
  if (!isObject(value)) return refuse('expected an object');
  const members = value.keys === undefined ? [value] : value.keys;
  if (!Array.isArray(members) && members !== null) return refuse('failed to decode "keys"');
  const keys: WebKey[] = [];
  for (const [index, member] of (members ?? []).entries()) {
    const problem = keyProblem(member);
    if (problem !== undefined) {
      const where = value.keys === undefined ? 'failed to parse sole key in key set' : `failed to decode key #${index} in "keys"`;
      return refuse(`${where}: ${problem}`);
    }
    keys.push({ isPrivate: isObject(member) && (member.kty === 'oct' || member.d !== undefined) });
  }
  return { keys };
}

function parseJson(text: string): { readonly value: unknown } | { readonly failure: string } {
  try {
    return { value: parseJsonText(text) };
  } catch (failure) {
    return { failure: failure instanceof Error ? failure.message : String(failure) };
  }
}

function keyProblem(key: unknown): string | undefined {
  if (!isObject(key)) return 'failed to unmarshal JSON into key hint';
  const type = typeof key.kty === 'string' ? own(parts, key.kty) : undefined;
  if (type === undefined) return `invalid key type from JSON (${typeof key.kty === 'string' ? key.kty : ''})`;
  const missing = [...(type.text ?? []), ...type.required].find(
    (member) => own(key, member) === undefined || own(key, member) === null,
  );
  if (missing !== undefined) return `required field ${missing} is missing`;
  const unreadable =
    binary.find((member) => own(key, member) !== undefined && own(key, member) !== null && !isBase64(own(key, member))) ??
    texts.find((member) => own(key, member) !== undefined && own(key, member) !== null && typeof own(key, member) !== 'string');
  return unreadable === undefined ? undefined : `failed to decode value for key ${unreadable}`;
}

/** Base64 of either alphabet, with or without padding. */
function isBase64(value: unknown): boolean {
  return typeof value === 'string' && /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(value);
}
