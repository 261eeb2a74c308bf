import type { Location } from '../../diagnostics/diagnostic.ts';
import { UserError } from '../../diagnostics/user-error.ts';
import type { WhyNotFact } from './reason.ts';

/** The mistake of coming from outside to a port at which no gateway listens. */
export class NoEntranceError extends UserError {
  readonly port: number;
  /** What became of the servers that are for the port. */
  readonly reasons: readonly (WhyNotFact & { readonly location?: Location })[];

  constructor(port: number, reasons: NoEntranceError['reasons']) {
    super('usage', `no gateway listens for port ${port}`);
    this.port = port;
    this.reasons = reasons;
  }
}
