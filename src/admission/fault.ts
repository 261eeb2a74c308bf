import type { HTTPFaultInjection, HTTPFaultInjectionAbort, HTTPFaultInjectionDelay } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import { checkDuration, checkFraction } from './numbers.ts';

/** Faults that a route injects; istio pkg/config/validation/validation.go validateHTTPFaultInjection. */
export function* checkFault(path: Path, { abort, delay }: HTTPFaultInjection): Findings {
  if (abort === undefined && delay === undefined) yield error(path, 'HTTP fault injection must have an abort and/or a delay');
  if (abort !== undefined) yield* checkAbort([...path, 'abort'], abort);
  if (delay !== undefined) yield* checkDelay([...path, 'delay'], delay);
}

const grpcStatuses: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function* checkAbort(path: Path, abort: HTTPFaultInjectionAbort): Findings {
  yield* checkFraction([...path, 'percentage'], abort.percentage);
  if (abort.grpcStatus !== undefined) {
    const list = 'https://github.com/grpc/grpc/blob/master/doc/statuscodes.md';
    if (!grpcStatuses.includes(abort.grpcStatus))
      yield error(
        [...path, 'grpcStatus'],
        `gRPC status ${quote(abort.grpcStatus)} is not supported. See ${list} for a list of supported codes, for example 'NOT_FOUND'`,
      );
  } else if (abort.http2Error !== undefined)
    yield error([...path, 'http2Error'], 'HTTP/2 abort fault injection not supported yet');
  else if (abort.httpStatus !== undefined) yield* errorIf([...path, 'httpStatus'], statusProblem(abort.httpStatus));
  else yield warning(path, 'abort configured, but error type not set');
}

/** What is wrong with an HTTP status. That 600 passes, against the words, is as in Istio. */
export function statusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

function* checkDelay(path: Path, delay: HTTPFaultInjectionDelay): Findings {
  yield* checkFraction([...path, 'percentage'], delay.percentage);
  yield* checkDuration([...path, 'fixedDelay'], delay.fixedDelay);
  if (delay.exponentialDelay === undefined) return;
  yield* checkDuration([...path, 'exponentialDelay'], delay.exponentialDelay);
  yield error([...path, 'exponentialDelay'], 'exponentialDelay not supported yet');
}
