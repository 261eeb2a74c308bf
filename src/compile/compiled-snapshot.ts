import type { SingleParts, XdsSnapshot } from '../envoy/snapshot.ts';

/** A snapshot whose parts, of which there may be many, are made when somebody looks at them. */
export interface CompiledSnapshot extends XdsSnapshot {
  readonly single: SingleParts;
}
