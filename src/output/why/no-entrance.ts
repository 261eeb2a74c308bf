import type { NoEntranceError } from '../../operations/why/no-entrance-error.ts';
import { whyNotWords } from './words.ts';

/** That no gateway listens for a port, why, and what to do. */
export function noEntranceWords({ port, reasons }: NoEntranceError): string {
  const words = reasons.map(({ location, ...fact }) => {
    const place = location === undefined ? '' : ` (${location.file}:${location.line})`;
    return `${whyNotWords(fact)}${place}`;
  });
  return `no gateway listens for port ${port}: ${words.join('; ')}; name an address (--address, or "to" in a table)`;
}
