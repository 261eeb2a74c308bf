import type { Path } from '../diagnostics/diagnostic.ts';
import { parseDuration } from '../util/duration.ts';
import { error, errorIf, type Findings } from './finding.ts';

const MILLISECOND = 1_000_000n;

/** What is wrong with a port number; istio agent/validation.go ValidatePort. */
export function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`;
}

/** A port number. */
export function* checkPort(path: Path, port: number): Findings {
  yield* errorIf(path, portProblem(port));
}

/** A duration that must be at least, and a multiple of, a millisecond; absent ones pass. Istio ValidateDuration. */
export function* checkDuration(path: Path, text: string | undefined): Findings {
  yield* errorIf(path, text === undefined ? undefined : durationProblem(text));
}

/** What is wrong with a duration. */
export function durationProblem(text: string): string | undefined {
  const nanoseconds = parseDuration(text) ?? 0n;
  if (nanoseconds < MILLISECOND) return 'duration must be greater than 1ms';
  return nanoseconds % MILLISECOND === 0n ? undefined : 'only durations to ms precision are supported';
}

/** A whole percentage; istio ValidatePercent. */
export function* checkPercent(path: Path, value: number): Findings {
  if (value < 0 || value > 100) yield error(path, `percentage ${value} is not in range 0..100`);
}

/** A share with fractions, as faults have; istio validatePercentage. */
export function* checkFraction(path: Path, percentage: { readonly value?: number } | undefined): Findings {
  const value = percentage?.value ?? 0;
  if (value < 0 || value > 100 || (value > 0 && value < 0.0001))
    yield error([...path, 'value'], `percentage ${printFloat(value)} is neither 0.0, nor in range [0.0001, 100.0]`);
}

/** Whether Go's strconv.Atoi reads the text: decimal digits with an optional sign, within 64 bits. */
export function isGoInteger(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -(1n << 63n) && value < 1n << 63n;
}

/** A number as Go's `%v` prints it: JavaScript's way but for small ones, which have two digits in their exponent. */
function printFloat(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
