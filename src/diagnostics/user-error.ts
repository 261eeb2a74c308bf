import type { Diagnostic } from './diagnostic.ts';

/**
 * A mistake of the caller that ends what was asked for: `usage` when the question makes no sense (a pod that does not exist, nothing
 * to read), `data` when what it names cannot be used. Everything that is wrong inside of an input is a Diagnostic instead.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly kind: 'usage' | 'data';
  /** What is wrong in detail. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(kind: 'usage' | 'data', message: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.kind = kind;
    this.diagnostics = diagnostics;
  }
}

/** A mistake in what was asked for. */
export function usageError(message: string): UserError {
  return new UserError('usage', message);
}

/** A mistake in what the question names. */
export function dataError(message: string, diagnostics: readonly Diagnostic[] = []): UserError {
  return new UserError('data', message, diagnostics);
}
