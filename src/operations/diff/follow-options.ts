import type { OnProgress } from '../../util/progress.ts';

/** Which requests are asked for. */
export interface FollowOptions {
  readonly requests: boolean;
  readonly gateway?: string | undefined;
  /** Whether it is to be proven what all requests do, even where that takes long. */
  readonly isProofWanted?: boolean | undefined;
  /** Is told of the places that requests go to, one after the other. */
  readonly onProgress?: OnProgress | undefined;
}
