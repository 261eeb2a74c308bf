import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Resource } from '../../resource/resource.ts';

/** Something in a policy that istiod ignores, or answers with a stricter configuration than was asked for, and only logs. */
export interface PolicyNote {
  readonly kind:
    | 'unknown-condition'
    | 'unusable-value'
    | 'foreign-trust-domain'
    | 'bad-provider'
    | 'several-providers'
    | 'bad-dry-run'
    | 'unreachable-keys';
  readonly resource: Resource;
  readonly path: Path;
  /** What is wrong, and what follows: a sentence without its end. */
  readonly reason: string;
}
