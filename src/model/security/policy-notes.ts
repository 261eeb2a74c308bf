import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { policyWithoutEffect } from '../../diagnostics/problems/policies.ts';
import { subjectAt } from '../../resource/subject.ts';
import type { ExtensionIndex } from '../extensions/traffic-extensions.ts';
import type { PeerAuthenticationIndex } from './peer-authentication.ts';

/** What to tell the user about policies that istiod leaves out whole. */
export function policyNotes(peerAuthentications: PeerAuthenticationIndex, extensions: ExtensionIndex): readonly Diagnostic[] {
  return [...peerAuthentications.ignored, ...extensions.discarded].map(({ resource, reason }) => {
    return policyWithoutEffect(subjectAt(resource, ['spec']), reason);
  });
}
