import { formatField } from '../../diagnostics/format-field.ts';
import { loggingNotDisabled } from '../../diagnostics/problems/telemetry.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/**
 * Without providers, a Telemetry speaks of the default ones, and the log that accessLogFile asks for is of none of these; istio
 * model/telemetry.go mergeLogs.
 */
export const telemetryDisabled: Analyzer = {
  name: 'mesh.telemetry.Disabled',
  about: 'Telemetry that disables access logs which come from elsewhere',
  reads: ['Telemetry'],
  codes: [loggingNotDisabled.code],
  run: (reader, report) => {
    const { accessLogFile = '', defaultProviders } = reader.meshConfig;
    if (accessLogFile === '' || (defaultProviders?.accessLogging ?? []).length > 0) return;
    for (const resource of reader.list('Telemetry')) {
      (resource.spec.accessLogging ?? []).forEach(({ disabled, providers = [] }, index) => {
        if (disabled !== true || providers.length > 0) return;
        const path = ['spec', 'accessLogging', index];
        report(loggingNotDisabled(at(resource, path), formatField(path), accessLogFile));
      });
    }
  },
};
