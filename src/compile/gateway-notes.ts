import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { gatewayServerRejected } from '../diagnostics/problems/compiled.ts';
import type { MergedGateway } from '../model/gateways/gateways.ts';

/** What to tell the user about servers of Gateways that a gateway cannot serve beside the others. */
export function gatewayDiagnostics(gateway: MergedGateway | undefined): readonly Diagnostic[] {
  return (gateway?.rejected ?? []).map(({ gateway: { kind, name, namespace, document }, index, reason }) => {
    const path = ['spec', 'servers', index];
    return gatewayServerRejected({ resource: { kind, name, namespace }, path, location: document.locate(path) }, index, reason);
  });
}
