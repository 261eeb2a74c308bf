/** Amounts of resources: k8s.io/apimachinery pkg/api/resource. */
export interface Quantity {
  /** In billionths, the smallest part that there is. */
  readonly amount: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

/** There is no greater difference between amounts. */
const LARGEST_EXPONENT = 999;
const ONE = 1_000_000_000n;
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]+[-+]?\d*|[-+]\d*)?)$/;

/** What is wrong with a text, in the words of ParseQuantity; undefined for a quantity. A number need have no digits there. */
export function quantityProblem(written: string): string | undefined {
  const match = written === '' ? null : PATTERN.exec(written);
  if (match === null) return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  return factorOf(match[4] ?? '') === undefined ? "unable to parse quantity's suffix" : undefined;
}

/** Reads a quantity; a text that is none counts as nothing. */
export function readQuantity(written: string): Quantity {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = PATTERN.exec(written.trim()) ?? [];
  const factor = factorOf(suffix) ?? { numerator: 1n, denominator: 1n, format: 'decimal' as const };
  const scaled = BigInt(`0${whole}${fraction}`) * ONE * factor.numerator;
  const divisor = 10n ** BigInt(fraction.length) * factor.denominator;
  // What is smaller than the smallest part is rounded up to it.
  const size = (scaled + divisor - 1n) / divisor;
  return { amount: sign === '-' ? -size : size, format: factor.format === 'binary' && size < ONE ? 'decimal' : factor.format };
}

interface Factor {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly format: Quantity['format'];
}

function factorOf(suffix: string): Factor | undefined {
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { numerator: 1024n ** BigInt(binary), denominator: 1n, format: 'binary' };
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal !== -1) return { ...powerOfTen((decimal - 3) * 3), format: 'decimal' };
  const [, exponent] = /^[eE]([-+]?\d+)$/.exec(suffix) ?? [];
  if (exponent === undefined) return undefined;
  return { ...powerOfTen(Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, Number(exponent)))), format: 'exponent' };
}

function powerOfTen(exponent: number): Omit<Factor, 'format'> {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { numerator: 1n, denominator: power } : { numerator: power, denominator: 1n };
}

/** A quantity in its canonical form: without a fraction, and with the largest suffix. */
export function formatQuantity({ amount, format }: Quantity): string {
  if (amount === 0n) return '0';
  if (format === 'binary' && amount % ONE === 0n && (amount >= 1024n * ONE || amount <= -1024n * ONE)) {
    const [count, power] = divided(amount / ONE, 1024n, binarySuffixes.length - 1);
    return `${count}${binarySuffixes[power]}`;
  }
  const [count, power] = divided(amount, 1000n, decimalSuffixes.length - 1);
  const suffix = format === 'exponent' && power !== 3 ? `e${(power - 3) * 3}` : decimalSuffixes[power];
  return `${count}${suffix}`;
}

function divided(amount: bigint, by: bigint, atMost: number): readonly [count: bigint, power: number] {
  let [count, power] = [amount, 0];
  while (power < atMost && count % by === 0n) [count, power] = [count / by, power + 1];
  return [count, power];
}
