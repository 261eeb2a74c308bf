import { own } from '../../util/object.ts';
import * as catalog from '../catalog.ts';
import type { Severity } from '../diagnostic.ts';
import * as findings from '../findings.ts';
import * as reported from '../findings-reports.ts';
import * as istioMessages from '../istio-messages.ts';
import type { Explanation, Explanations } from './explanation.ts';
import { istioExplanations } from './istio.ts';
import { meshExplanations } from './mesh.ts';

export type { Explanation } from './explanation.ts';

/** A code as its catalogue defines it. */
export interface KnownCode {
  readonly code: string;
  readonly severity: Severity;
  readonly about: string;
}

/** All codes of all catalogues, sorted. */
export function allCodes(): readonly KnownCode[] {
  return [...Object.values(istioMessages), ...Object.values(catalog), ...Object.values(findings), ...Object.values(reported)]
    .filter((value) => typeof value === 'function' && 'code' in value)
    .map((value) => value as unknown as KnownCode)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const explanations: Explanations = { ...istioExplanations, ...meshExplanations };

/** What is to be said of a code beyond its meaning. */
export function explanationOf(code: string): Explanation | undefined {
  return own(explanations, code);
}
