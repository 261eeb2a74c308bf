import type { ResourceOf } from '../resource/resource.ts';
import { error, type Findings } from './finding.ts';
import { checkSelector } from './references.ts';

/** A ProxyConfig resource; istio pkg/config/validation/validation.go ValidateProxyConfig. */
export function* checkProxyConfig({ spec }: ResourceOf<'ProxyConfig'>): Findings {
  yield* checkSelector(['spec', 'selector'], spec.selector);
  if ((spec.concurrency ?? 0) < 0) yield error(['spec', 'concurrency'], 'concurrency must be greater than or equal to 0');
}
