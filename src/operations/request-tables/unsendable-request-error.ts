import type { Location } from '../../diagnostics/diagnostic.ts';
import { UserError } from '../../diagnostics/user-error.ts';

/** The mistake of a request that cannot be sent: where it stands, and what is wrong with it. */
export class UnsendableRequestError extends UserError {
  readonly location: Location;
  override readonly cause: UserError;

  constructor(location: Location, cause: UserError) {
    super('data', cause.message);
    this.location = location;
    this.cause = cause;
  }
}
