import { cryptography } from '../util/crypto.ts';
import { isObject, own } from '../util/object.ts';

/**
 * Why Envoy takes none of the keys of a JSON Web Key Set; undefined where it takes one. As Envoy
 * source/common/jwt/jwks.cc: keys that it cannot read are passed over as long as another one can be read.
 */
export function jwksProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isObject(value) || value.keys === undefined) return 'it has no list "keys"';
  if (!Array.isArray(value.keys)) return '"keys" is not a list';
  if (value.keys.length === 0) return 'it has no keys';
  const problems = value.keys.map(keyProblem);
  return problems.includes(undefined) ? undefined : `of key 0, ${problems[0]}`;
}

function keyProblem(key: unknown): string | undefined {
  if (!isObject(key)) return 'it is not an object';
  const { kty, alg, crv = 'P-256' } = key;
  const algorithm = typeof alg === 'string' ? alg : '';
  const isFor = (...families: readonly string[]): boolean =>
    algorithm === '' || families.some((family) => algorithm.startsWith(family));
  const missing = (...names: readonly string[]): string | undefined => {
    const name = names.find((each) => typeof own(key, each) !== 'string');
    return name && `"${name}" is missing`;
  };
  switch (kty) {
    case 'RSA':
      if (!isFor('RS', 'PS')) return `"alg" ${algorithm} is not for RSA`;
      return missing('n', 'e') ?? rsaProblem(String(key.n), String(key.e));
    case 'EC':
      if (!isFor('ES')) return `"alg" ${algorithm} is not for EC`;
      return missing('x', 'y') ?? curveProblem({ ...key, crv });
    case 'oct':
      return isFor('HS') ? missing('k') : `"alg" ${algorithm} is not for oct`;
    case 'OKP':
      if (algorithm !== '' && algorithm !== 'EdDSA') return `"alg" ${algorithm} is not for OKP`;
      if (key.crv !== 'Ed25519') return '"crv" is not Ed25519';
      return missing('x') ?? (bytesOf(String(key.x))?.length === 32 ? undefined : '"x" is not 32 bytes in base64url');
    default:
      return '"kty" is none of RSA, EC, oct, OKP';
  }
}

/** BoringSSL takes no modulus of less than 512 bits and no exponent of more than 33. */
function rsaProblem(modulus: string, exponent: string): string | undefined {
  const [n, e] = [bytesOf(modulus), bytesOf(exponent)];
  if (n === undefined || n.length < 64) return '"n" is no modulus in base64url';
  return e === undefined || e.length === 0 || e.length > 5 ? '"e" is no exponent in base64url' : undefined;
}

function curveProblem(key: Readonly<Record<string, unknown>>): string | undefined {
  if (!['P-256', 'P-384', 'P-521'].includes(String(key.crv))) return '"crv" is none of P-256, P-384, P-521';
  try {
    cryptography().createPublicKey({
      key: { kty: 'EC', crv: String(key.crv), x: String(key.x), y: String(key.y) },
      format: 'jwk',
    });
    return undefined;
  } catch {
    return '"x" and "y" are no point of the curve';
  }
}

function bytesOf(text: string): Buffer | undefined {
  return /^[\w-]*={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}
