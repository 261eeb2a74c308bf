import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { gatewayServerRejected } from '../diagnostics/problems/compiled.ts';
import type { MergedGateway } from '../model/gateways/gateways.ts';
import { subjectAt } from '../resource/subject.ts';

/** What to tell the user about servers of Gateways that a gateway cannot serve beside the others. */
export function gatewayDiagnostics(gateway: MergedGateway | undefined): readonly Diagnostic[] {
  return (gateway?.rejected ?? []).map(({ gateway: rejecting, index, reason }) =>
    gatewayServerRejected(subjectAt(rejecting, ['spec', 'servers', index]), index, reason),
  );
}
