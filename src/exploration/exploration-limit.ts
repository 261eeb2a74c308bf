import type { GaveUp } from '../request-space/limits.ts';

/** What was too much: so many classes, or something about the sets. */
export type ExplorationLimit = GaveUp | { readonly kind: 'gaveUp'; readonly at: 'classes' | 'reading'; readonly limit: number };
