import type { AddressDimension, ClaimDimension, Formula, PortDimension, TextDimension } from '../../request-space/formula.ts';
import type { FilterOrder } from './filter-order.ts';
import type { TextSource } from './source.ts';

/** An address, and where it comes from if not from the connection. */
export interface AddressSource {
  readonly ip: string;
  readonly forwarded: Forwarded | undefined;
}

/** The address that stands so many places before the last in a list that the client can write; another where there is none. */
export interface Forwarded {
  readonly list: TextSource;
  readonly skip: number;
  readonly otherwise: string;
}

/** Where the parts come from that tests look at, at the place where something is decided. */
export interface Scene {
  text(dimension: TextDimension | ClaimDimension): TextSource;
  address(kind: AddressDimension['kind']): AddressSource;
  port(kind: PortDimension['kind']): number;
}

/** Something that decided on the way of a request. */
export type Reading =
  /** This holds, or does not. */
  | { readonly kind: 'holds'; readonly formula: Formula; readonly isTrue: boolean }
  /** Of these formulas the first that holds is at one of these places; at none where none holds. Equal lists are one object. */
  | { readonly kind: 'first'; readonly formulas: readonly Formula[]; readonly places: readonly number[] };

/** What a trace takes for granted. */
export type Assumption =
  /** What a part of the configuration does that is not simulated. */
  | { readonly kind: 'not simulated'; readonly what: string; readonly config: string }
  /** A test of what cannot be told of the request: other requests of the class may answer it otherwise. */
  | { readonly kind: 'untraceable'; readonly what: string; readonly test: string }
  /** What a part of the configuration does only where servers fail or many requests come. */
  | { readonly kind: 'under load'; readonly what: UnderLoad; readonly config: string }
  /** What servers are told or asked of which nothing is known; where it is the same it makes no difference. */
  | { readonly kind: 'unseen'; readonly what: string; readonly config: string }
  /** Where filters stand among those that are not simulated. */
  | FilterOrder
  /** What requests are like that arrive. */
  | { readonly kind: 'taken for granted'; readonly what: 'forwarded addresses are of IPv4' };

/** That a filter is not simulated; one may have no configuration, and no name. */
export function notSimulated(what: string, config: object | undefined): Assumption {
  return {
    kind: 'not simulated',
    what: what || 'a filter without a name',
    config: config === undefined ? '' : JSON.stringify(config),
  };
}

/** What shows only where servers fail or many requests come: attempts, limits and ejection, and hosts that requests stay with. */
export type UnderLoad = 'retries' | 'limits' | 'sticky requests';

/** The token that a request carries. */
export interface CarriedToken {
  readonly issuer: string;
  readonly isValid: boolean;
}

/** What of the request that is traced was chosen among all that it could be. */
export interface Chosen {
  /** The client's address, where it is any. */
  readonly address: string | undefined;
  /** The server name of its TLS, where it is any. */
  readonly serverName: string | undefined;
  /** Whether the certificate that its TLS shows may be any that whoever asks for one trusts, or none. */
  readonly isAnyCertificate?: boolean;
  readonly token: CarriedToken | undefined;
  /** Whether the host is the same for all requests. */
  readonly isForOneAuthority: boolean;
  /** Issuers whose tokens the request could carry, and where they would stand. */
  readonly issuers: readonly KnownIssuer[];
}

/** An issuer that proxies know, and where they look for its tokens first. */
export interface KnownIssuer {
  readonly issuer: string;
  readonly place: TokenPlace;
  /** All places where a rule of it looks; none for who asks for its tokens wherever they stand. */
  readonly places: readonly TokenPlace[];
}

/** A place for a token: the header with what stands before it, or the parameter. */
export interface TokenPlace {
  readonly dimension: TextDimension;
  readonly prefix: string;
}

/** Where tokens usually stand. */
export const AUTHORIZATION: TokenPlace = { dimension: { kind: 'header', name: 'authorization' }, prefix: 'Bearer ' };

/** Hears of everything in a request that decides what becomes of it. */
export interface Recorder {
  readonly chosen: Chosen;
  /** A formula that holds of what stands in a scene, or does not. */
  holds(formula: Formula, isTrue: boolean, scene: Scene): void;
  /**
   * Of the formulas of a list the first that holds is at one of these places, between which nothing tells; at none where none holds.
   * Those that are `skipped` held before, and chance passed them over.
   */
  first(
    list: object,
    formulasOf: () => readonly Formula[],
    places: readonly number[],
    scene: Scene,
    skipped?: readonly number[],
  ): void;
  /** What the token is; it was looked for as that of an issuer, if one is given. */
  tokens(wanted?: KnownIssuer): void;
  assume(assumption: Assumption): void;
  /** What a proxy makes of the path as the client sent it: undefined where it passes as it is. Whatever was made of it before is not told. */
  takesPath(form: string | undefined): void;
}
