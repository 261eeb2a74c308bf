import type { HTTPRoute } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { mirrorsToItself, retriesCutShort } from '../../diagnostics/problems/virtual-services.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { parseDuration } from '../../util/duration.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Settings of rules that contradict each other. */
export const trafficSettings: Analyzer = {
  name: 'mesh.virtualservice.Settings',
  about: 'Mirrors, timeouts and retries of VirtualServices that do not go together',
  reads: ['VirtualService'],
  codes: [mirrorsToItself.code, retriesCutShort.code],
  run: (reader, report) => {
    for (const virtualService of reader.list('VirtualService')) {
      (virtualService.spec.http ?? []).forEach((rule, index) => {
        const path = ['spec', 'http', index];
        checkMirrors(virtualService, rule, path, reader.clusterDomain, report);
        checkRetries(virtualService, rule, path, report);
      });
    }
  },
};

function checkMirrors(
  resource: ResourceOf<'VirtualService'>,
  rule: HTTPRoute,
  path: Path,
  clusterDomain: string,
  report: Report,
): void {
  const [only, ...others] = rule.route ?? [];
  if (only?.destination === undefined || others.length > 0) return;
  const describe = ({ host = '', subset = '', port }: Target): string =>
    [expandShortName(host, resource.namespace, clusterDomain), subset, port?.number ?? ''].join('|');
  const target = describe(only.destination);
  const mirrors = [
    ...(rule.mirror === undefined ? [] : [{ destination: rule.mirror, place: [...path, 'mirror'] }]),
    ...(rule.mirrors ?? []).map(({ destination }, index) => ({ destination, place: [...path, 'mirrors', index] })),
  ];
  for (const { destination, place } of mirrors) {
    if (destination === undefined || describe(destination) !== target) continue;
    report(mirrorsToItself(at(resource, place), formatField(place), only.destination.host ?? ''));
  }
}

type Target = NonNullable<HTTPRoute['mirror']>;

function checkRetries(resource: ResourceOf<'VirtualService'>, { timeout, retries }: HTTPRoute, path: Path, report: Report): void {
  const { perTryTimeout, attempts = 0 } = retries ?? {};
  const [total, each] = [parseDuration(timeout ?? '') ?? 0n, parseDuration(perTryTimeout ?? '') ?? 0n];
  // The first try is not one of the attempts.
  if (total === 0n || each === 0n || attempts === 0 || total >= each * BigInt(attempts)) return;
  report(retriesCutShort(at(resource, [...path, 'timeout']), formatField(path), timeout ?? '', attempts, perTryTimeout ?? ''));
}
