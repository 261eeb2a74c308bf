import type { Finding } from './analyzers/support/run.ts';

/**
 * A finding of an input that is only a part of a mesh: where it rests on something being absent that may be elsewhere, it is no
 * more than a hint, and says why.
 */
export function lowerToHints({ diagnostic, analyzer }: Finding): Finding {
  const kinds = analyzer.needsAll ?? [];
  if (kinds.length === 0) return { diagnostic, analyzer };
  const names = kinds.map((kind) => (kind === 'KubernetesGateway' ? 'Gateway' : kind)).join(' or ');
  const reason = `only a hint, because the input is partial: a ${names} outside of it may settle this`;
  return { analyzer, diagnostic: { ...diagnostic, severity: 'info', message: `${diagnostic.message} (${reason})` } };
}
