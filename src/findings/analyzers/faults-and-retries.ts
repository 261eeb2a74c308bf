import { formatField } from '../../diagnostics/format-field.ts';
import { faultHidesFromRetries, perTryTimeoutAlone } from '../../diagnostics/problems/virtual-services.ts';
import { parseDuration } from '../../util/duration.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Retries and timeouts that do not act where they seem to: faults are made before the router, which retries and waits. */
export const faultsAndRetries: Analyzer = {
  name: 'mesh.virtualservice.Retries',
  about: 'Retries and timeouts beside a fault, and limits of single tries without a timeout',
  reads: ['VirtualService'],
  codes: [faultHidesFromRetries.code, perTryTimeoutAlone.code],
  run: (reader, report) => {
    for (const resource of reader.list('VirtualService')) {
      (resource.spec.http ?? []).forEach(({ fault, retries, timeout }, index) => {
        const path = ['spec', 'http', index];
        // Without attempts there are no retries; istio core/route/retry ConvertPolicy.
        const attempts = retries?.attempts ?? 0;
        const hasTimeout = (parseDuration(timeout ?? '') ?? 0n) > 0n;
        const settings = [...(attempts > 0 ? ['retries'] : []), ...(hasTimeout ? ['timeout'] : [])];
        if ((fault?.abort ?? fault?.delay) !== undefined && settings.length > 0) {
          report(faultHidesFromRetries(at(resource, [...path, 'fault']), formatField(path), settings.join(' and ')));
        }
        const perTry = retries?.perTryTimeout;
        if (attempts > 0 && !hasTimeout && perTry !== undefined && (parseDuration(perTry) ?? 0n) > 0n) {
          const place = [...path, 'retries', 'perTryTimeout'];
          report(perTryTimeoutAlone(at(resource, place), formatField(path), perTry, attempts));
        }
      });
    }
  },
};
