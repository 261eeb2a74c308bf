import type { Mesh } from '../../model/mesh.ts';
import { ztunnelConfig } from '../../translate/ztunnel/ztunnel.ts';

/** A message as protobuf JSON. */
type Message = Readonly<Record<string, unknown>>;

/** What every ztunnel of a mesh gets, as protobuf JSON: addresses (services, then workloads) and policies. */
export interface CompiledZtunnel {
  readonly addresses: readonly Message[];
  readonly policies: readonly Message[];
}

/** What istiod sends to every ztunnel; undefined without ambient mode. */
export function compiledZtunnel({ ambient, registry }: Mesh): CompiledZtunnel | undefined {
  return ambient && ztunnelConfig(ambient, registry.networkOf);
}
