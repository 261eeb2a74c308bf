import { deprecatedFeature } from '../../diagnostics/problems/istio/general.ts';
import { invalidTelemetryProvider } from '../../diagnostics/problems/istio/telemetry.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** istio analyzers/telemetry/providers.go. */
export const telemetryProviders: Analyzer = {
  name: 'telemetry.ProviderAnalyzer',
  about: 'Telemetry that turns on access logs names a provider, where MeshConfig has no default one',
  reads: ['Telemetry'],
  codes: [invalidTelemetryProvider.code],
  run(reader, report) {
    if ((reader.meshConfig.defaultProviders?.accessLogging ?? []).length > 0) return;
    for (const resource of reader.list('Telemetry')) {
      for (const { disabled, providers = [] } of resource.spec.accessLogging ?? []) {
        if (disabled || providers.length > 0) continue;
        report(invalidTelemetryProvider(at(resource), resource.name, resource.namespace));
      }
    }
  },
};

/** istio analyzers/telemetry/lightstep.go. */
export const telemetryLightstep: Analyzer = {
  name: 'telemetry.LightstepAnalyzer',
  about: 'No Telemetry uses the tracing provider for Lightstep, which Istio is going to drop',
  reads: ['Telemetry'],
  codes: [deprecatedFeature.code],
  run(reader, report) {
    const names = (reader.meshConfig.extensionProviders ?? [])
      .filter(({ lightstep }) => lightstep !== undefined)
      .map(({ name = '' }) => name);
    for (const resource of reader.list('Telemetry')) {
      for (const { providers = [] } of resource.spec.tracing ?? []) {
        for (const { name = '' } of providers) {
          if (!names.includes(name)) continue;
          const detail = `The Lightstep provider ${name} is deprecated, please migrate to OpenTelemetry provider.`;
          report(deprecatedFeature(at(resource), detail));
        }
      }
    }
  },
};
