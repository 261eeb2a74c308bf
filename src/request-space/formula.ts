/**
 * What can be asked about a request, as data: tests of its parts, and what all, some or none of them say. Nothing here knows Envoy's
 * messages; whoever reads them says in these words what they match.
 */

/** A part of a request that is a text, or absent. */
export type TextDimension =
  /** The path without its query, and the path with it, as headers have it. */
  | { readonly kind: 'path' | 'target' }
  /** Whom the request is for, `host` or `host:port`. */
  | { readonly kind: 'authority' | 'method' | 'scheme' }
  /** A header by its name in lower case; none of those above. Several of one name are one, joined by commas. */
  | { readonly kind: 'header'; readonly name: string }
  /** A parameter of the query, as it is written; of several with one name the first. */
  | { readonly kind: 'query'; readonly name: string }
  /** The name that the client asks for in its TLS hello, the protocols that it offers there, and `tls` or `raw_buffer`. */
  | { readonly kind: 'serverName' | 'alpn' | 'transport' }
  /** The name in the certificate of the client; absent without one. */
  | { readonly kind: 'identity' }
  | CertificateDimension;

/** The names in a certificate that may be any: as many texts as there are. A test holds if one of them passes it; absent means no certificate. */
export interface CertificateDimension {
  readonly kind: 'certificate';
}

/** What the token of an issuer is: none, `invalid` or `valid`. */
export interface TokenDimension {
  readonly kind: 'token';
  readonly issuer: string;
}

/** A claim of the valid token of an issuer: any number of texts. A test holds if one of them passes it; absent means none. */
export interface ClaimDimension {
  readonly kind: 'claim';
  readonly issuer: string;
  readonly path: readonly string[];
}

/** A port from 0 to 65535. */
export interface PortDimension {
  readonly kind: 'destinationPort' | 'sourcePort';
}

/** An address of IPv4 or IPv6: of the server, of the connection's other end, and of the client that trusted headers tell. */
export interface AddressDimension {
  readonly kind: 'destinationAddress' | 'sourceAddress' | 'remoteAddress';
}

/** What no part of a request decides: chance, a script, another server. It holds or not, the same wherever it has this name. */
export interface AssumedDimension {
  readonly kind: 'assumed';
  readonly name: string;
}

/** A part of a request that tests look at. */
export type Dimension = TextDimension | TokenDimension | ClaimDimension | PortDimension | AddressDimension | AssumedDimension;

/** What an expression finds in a path, where nobody has written it: an escaped slash, `%00`, or what has another normal form. */
export type PathTrouble = 'escaped slash' | 'NUL' | 'not in normal form';

/** A test of a text. One that is absent passes none of them. */
export type TextTest =
  /** Whatever the text is. */
  | { readonly kind: 'present' }
  | { readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains'; readonly text: string; readonly ignoringCase?: boolean }
  /** The text itself, or what begins with it and a slash. */
  | { readonly kind: 'segments'; readonly text: string; readonly ignoringCase?: boolean }
  /** An expression of RE2 that the whole text must match. */
  | { readonly kind: 'regex'; readonly expression: string; readonly meaning?: PathTrouble }
  /** A decimal number from `start` to before `end`. */
  | { readonly kind: 'integer'; readonly start: bigint; readonly end: bigint }
  /**
   * What becomes of the text passes a test: of a text that begins with `prefix` this beginning is replaced by `by`; the test of any
   * other is the same.
   */
  | {
      readonly kind: 'replaced';
      readonly prefix: string;
      readonly by: string;
      readonly ignoringCase?: boolean;
      readonly test: TextTest;
    };

/** A test of one part of a request. */
export type Test =
  | { readonly kind: 'text'; readonly dimension: TextDimension | ClaimDimension; readonly test: TextTest }
  | { readonly kind: 'token'; readonly dimension: TokenDimension; readonly is: 'invalid' | 'valid' }
  /** From `start` to before `end`. */
  | { readonly kind: 'port'; readonly dimension: PortDimension; readonly start: number; readonly end: number }
  /** Addresses whose first `length` bits are those of `address`; a text that is no address has none. */
  | { readonly kind: 'range'; readonly dimension: AddressDimension; readonly address: string; readonly length: number }
  | { readonly kind: 'assumed'; readonly dimension: AssumedDimension };

/** What may be said of a request. */
export type Formula =
  | Test
  | { readonly kind: 'all' | 'any'; readonly of: readonly Formula[] }
  | { readonly kind: 'not'; readonly of: Formula };

/** Said of every request. */
export const ALWAYS: Formula = { kind: 'all', of: [] };

/** Said of no request. */
export const NEVER: Formula = { kind: 'any', of: [] };

/** Whether a formula says nothing, as far as can be seen. */
export function isAlways(formula: Formula): boolean {
  return formula.kind === 'all' && formula.of.length === 0;
}

/** Whether a formula can be seen to hold of no request. */
export function isNever(formula: Formula): boolean {
  return formula.kind === 'any' && formula.of.length === 0;
}

/** That all of some formulas hold. */
export function allOf(formulas: readonly Formula[]): Formula {
  const [first, ...others] = formulas.filter((formula) => !isAlways(formula));
  if (first === undefined) return ALWAYS;
  return others.length === 0 ? first : { kind: 'all', of: [first, ...others] };
}

/** That one of some formulas holds. */
export function anyOf(formulas: readonly Formula[]): Formula {
  const [first, ...others] = formulas.filter((formula) => !isNever(formula));
  if (first === undefined) return NEVER;
  return others.length === 0 ? first : { kind: 'any', of: [first, ...others] };
}

/** That a formula does not hold. */
export function not(formula: Formula): Formula {
  if (formula.kind === 'not') return formula.of;
  if (isAlways(formula)) return NEVER;
  return isNever(formula) ? ALWAYS : { kind: 'not', of: formula };
}

/** That a text passes a test. */
export function textTest(dimension: TextDimension | ClaimDimension, test: TextTest): Formula {
  return { kind: 'text', dimension, test };
}

/** That something holds which no part of a request decides. */
export function assumed(name: string): Formula {
  return { kind: 'assumed', dimension: { kind: 'assumed', name } };
}
