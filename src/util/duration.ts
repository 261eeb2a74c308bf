const NANOSECONDS = 1_000_000_000n;

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
  const match = /^([+-])?(.*)$/s.exec(text);
  const body = match?.[2] ?? '';
  if (body === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = unitNanoseconds[unit] ?? 0n;
    total += BigInt(whole === '' ? 0 : whole) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (total >= 1n << 63n) return undefined;
  return match?.[1] === '-' ? -total : total;
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
