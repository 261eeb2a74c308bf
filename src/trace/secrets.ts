import type { CommonTlsContext } from '../envoy/api.gen.ts';
import type { TracePod } from './pod.ts';
import type { HopRecorder, Run } from './run.ts';

/** The first secret of a TLS context that the proxy does not get, as Envoy waits for all of them; what is not known is noted. */
export function missingSecret(run: Run, pod: TracePod, context: CommonTlsContext, hop: HopRecorder): string | undefined {
  for (const name of secretNames(context)) {
    const { secret, watch } = run.dataPlane;
    const state = secret(pod, name);
    watch?.note(state, (inStead) => secret(inStead.pod(pod), name), ['secret', secret, pod, name]);
    if (state === 'absent') return name;
    if (state === 'unknown') hop.detail({ kind: 'note', name: '', event: 'secret unknown', secret: name });
  }
  return undefined;
}

/** The names of the secrets that a TLS context discovers. */
function secretNames(context: CommonTlsContext): readonly string[] {
  const { tlsCertificateSdsSecretConfigs = [], validationContextSdsSecretConfig, combinedValidationContext } = context;
  return [
    ...tlsCertificateSdsSecretConfigs,
    validationContextSdsSecretConfig,
    combinedValidationContext?.validationContextSdsSecretConfig,
  ].flatMap((config) => config?.name ?? []);
}
