import { createResourceValidator, type Finding } from '../../admission/index.ts';
import type { Diagnostic, Report } from '../../diagnostics/diagnostic.ts';
import { schemaValidationError, schemaWarning } from '../../diagnostics/problems/istio/general.ts';
import {
  virtualServiceIneffectiveMatch,
  virtualServiceUnreachableRule,
} from '../../diagnostics/problems/istio/virtual-services.ts';
import type { Resource } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { reportEach } from './support/each.ts';
import type { AnalyzedKind } from './support/reader.ts';

const kinds: readonly AnalyzedKind[] = [
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'ProxyConfig',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'TrafficExtension',
  'VirtualService',
  'WasmPlugin',
  'WorkloadEntry',
  'WorkloadGroup',
];

/**
 * What the admission webhook would say of each resource by itself, an analyzer for each kind of Istio; istio
 * analyzers/schema/validation.go. It sees neither labels nor annotations.
 */
export const schemaAnalyzers: readonly Analyzer[] = kinds.map((kind) => ({
  name: `schema.ValidationAnalyzer.${kind}`,
  about: `Each ${kind} is one that a cluster would accept, without a warning`,
  reads: [kind],
  codes:
    kind === 'VirtualService'
      ? [schemaValidationError.code, schemaWarning.code, virtualServiceUnreachableRule.code, virtualServiceIneffectiveMatch.code]
      : [schemaValidationError.code, schemaWarning.code],
  run(reader, report) {
    const { release } = reader;
    const validate = createResourceValidator(release);
    const check = (resource: Resource, note: Report): void => {
      const { errors, warnings } = validate({ ...resource, labels: {}, annotations: {} });
      for (const finding of errors) note(describe(resource, finding));
      for (const finding of firstUnknownFields(warnings)) note(describe(resource, finding));
    };
    reportEach(reader, `validation of ${kind}`, kind, () => [release], check, report);
  },
}));

const UNKNOWN_FIELD = 'Envoy filter: unknown field';

/** Istio reads the value of a patch no further than to the first field that Envoy does not know. */
function firstUnknownFields(warnings: readonly Finding[]): readonly Finding[] {
  const patches = new Set<string>();
  return warnings.filter(({ istio, path }) => {
    if (!istio.startsWith(UNKNOWN_FIELD)) return true;
    const patch = path.slice(0, 3).join('.');
    const isFirst = !patches.has(patch);
    patches.add(patch);
    return isFirst;
  });
}

/** Istio's words; istioctl names the line of the document, whatever the field. */
function describe(resource: Resource, { severity, path, istio, reportedAs }: Finding): Diagnostic {
  const subject = { ...at(resource), location: resource.document.locate(path), path };
  const [rule = '', match = '', duplicate = ''] = reportedAs?.parameters ?? [];
  switch (reportedAs?.code) {
    case 'IST0130':
      return virtualServiceUnreachableRule(subject, rule, match);
    case 'IST0131':
      return virtualServiceIneffectiveMatch(subject, rule, match, duplicate);
    default:
      return severity === 'error' ? schemaValidationError(subject, istio) : schemaWarning(subject, istio);
  }
}
