import { own } from './object.ts';

const NANOSECONDS = 1_000_000_000n;
const LIMIT = 1n << 63n;

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: NANOSECONDS,
  m: 60n * NANOSECONDS,
  h: 3600n * NANOSECONDS,
};

/**
 * Nanoseconds of a duration as Go's time.ParseDuration reads it (`1h30m`, `1.5s`, `-2ms`, `0`); undefined when it is not one.
 * Go refuses what does not fit 64 bits; such values are undefined too.
 */
export function parseDuration(text: string): bigint | undefined {
  const isNegative = text.startsWith('-');
  const body = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0n;
  const part = /(\d*)(?:\.(\d*))?([^.\d]+)/y;
  let total = 0n;
  do {
    const [, whole = '', fraction = '', name = ''] = part.exec(body) ?? [];
    const unit = own(unitNanoseconds, name);
    const digits = whole.replace(/^0+/, '');
    if (unit === undefined || whole + fraction === '' || digits.length > MOST_DIGITS) return undefined;
    total += BigInt(digits) * unit + fractionOf(fraction, unit);
    if (total > LIMIT) return undefined;
  } while (part.lastIndex < body.length);
  if (isNegative) return -total;
  return total === LIMIT ? undefined : total;
}

/** The digits of 2^63. */
const MOST_DIGITS = 19;

/** Go counts the digits that fit 64 bits, and with floating point numbers. */
function fractionOf(digits: string, unit: bigint): bigint {
  if (digits === '') return 0n;
  const counted = digits.slice(0, BigInt(digits.slice(0, MOST_DIGITS)) < LIMIT ? MOST_DIGITS : MOST_DIGITS - 1);
  return BigInt(Math.trunc(Number(counted) * (Number(unit) / 10 ** counted.length)));
}

/** A duration in protobuf's canonical JSON: seconds with 0, 3, 6 or 9 decimals. */
export function formatDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = (absolute % NANOSECONDS).toString().padStart(9, '0');
  const decimals = fraction.replace(/(?:000){1,3}$/, '');
  return `${sign}${absolute / NANOSECONDS}${decimals === '' ? '' : `.${decimals}`}s`;
}

/** A duration text in canonical form; undefined for undefined and for texts that are no duration. */
export function canonicalDuration(text: string | undefined): string | undefined {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined ? undefined : formatDuration(nanoseconds);
}
