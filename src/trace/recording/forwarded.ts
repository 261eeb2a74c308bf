import { allOf, anyOf, type Formula, NEVER, not, type TextTest } from '../../request-space/formula.ts';
import { isIpv4Address } from '../../util/ip-address.ts';
import type { Forwarded } from './recorder.ts';

/** That an address is in a range. */
export type RangeFormula = Extract<Formula, { readonly kind: 'range' }>;

const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
/** An address of IPv4, as an expression. */
export const IPV4_ADDRESS: string = `${BYTE}(?:\\.${BYTE}){3}`;

/**
 * That the address is in a range which stands so many places before the last in a list of addresses; of a list that has none there, that
 * of the connection counts. Lists are taken to hold addresses of IPv4.
 */
export function forwardedFormula(
  { address, length }: RangeFormula,
  { skip }: Forwarded,
  otherwise: Formula,
  ask: (test: TextTest) => Formula,
): Formula {
  const at = (expression: string): Formula =>
    ask({ kind: 'regex', expression: `(?:.*,)?\\s*(?:${expression})\\s*(?:,[^,]*){${skip}}` });
  const isInRange = isIpv4Address(address) ? at(rangeExpression(address, length)) : NEVER;
  return anyOf([isInRange, allOf([not(at(IPV4_ADDRESS)), otherwise])]);
}

/** The addresses of a range, as an expression. */
function rangeExpression(address: string, length: number): string {
  const bytes = address.split('.').map(Number);
  const parts = bytes.map((byte, index) => {
    const fixed = Math.min(8, Math.max(0, length - index * 8));
    if (fixed === 8) return String(byte);
    if (fixed === 0) return BYTE;
    const size = 2 ** (8 - fixed);
    const start = byte - (byte % size);
    return `(?:${Array.from({ length: size }, (_, offset) => start + offset).join('|')})`;
  });
  return parts.join('\\.');
}
