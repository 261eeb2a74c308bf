import { httpHeaderName } from './http.ts';
import type { FieldErrors, FieldPlace } from './place.ts';

/** The probes of a container: validateLivenessProbe and its like in k8s.io/kubernetes pkg/apis/core/validation. */
export function* checkProbes(container: FieldPlace): FieldErrors {
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container.at(name);
    if (!probe.isSet) continue;
    yield* checkProbe(probe);
    for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) {
      yield* probe.at(field).nonNegative();
    }
    const period = probe.at('terminationGracePeriodSeconds');
    if (period.isSet && period.number <= 0) yield period.invalid('must be greater than 0');
    if (name === 'readinessProbe') {
      if (period.isSet) yield period.invalid('must not be set for readinessProbes');
    } else if (probe.at('successThreshold').number !== 1) yield probe.at('successThreshold').invalid('must be 1');
  }
}

/** validateHandler there: what is asked or done, of a probe or around the life of a container. Ports are looked at elsewhere. */
export function* checkProbe(handler: FieldPlace, gracePeriod?: number): FieldErrors {
  const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'].map((kind) => handler.at(kind)).filter(({ isSet }) => isSet);
  const [first, ...others] = kinds;
  if (first === undefined) {
    yield handler.required('must specify a handler type');
    return;
  }
  for (const other of others) yield other.forbidden('may not specify more than 1 handler type');
  const command = first.at('command');
  if (first.step === 'exec' && command.items.length === 0) yield command.required();
  if (first.step === 'httpGet') {
    yield* first.at('scheme').oneOf(['HTTP', 'HTTPS']);
    for (const header of first.at('httpHeaders').items) {
      for (const rule of httpHeaderName(header.at('name').text)) {
        yield first.at('httpHeaders').invalid(rule, header.at('name').text);
      }
    }
  }
  const seconds = first.at('seconds');
  if (first.step === 'sleep' && gracePeriod !== undefined && (seconds.number < 0 || seconds.number > gracePeriod)) {
    yield first.invalid(`must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`, seconds.number);
  }
}
