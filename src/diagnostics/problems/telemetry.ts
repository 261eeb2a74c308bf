import { defineProblem, type Problem } from '../problem.ts';

/** Problems of Telemetry and of its providers. */

export const telemetryProviderIgnored: Problem<[reason: string]> = defineProblem({
  code: 'MESH1401',
  name: 'telemetry-provider-ignored',
  severity: 'warning',
  about:
    'A provider that a Telemetry resource or MeshConfig names gets nothing: there is none of that name, it is of the wrong kind, or its service cannot be found.',
  cause: 'A provider that MeshConfig does not define.',
  fix: 'Define it in MeshConfig.extensionProviders.',
  message: (reason) => reason,
});

export const environmentValueUnknown: Problem<[variable: string, provider: string]> = defineProblem({
  code: 'MESH1402',
  name: 'environment-value-unknown',
  severity: 'info',
  about:
    'An extension provider takes a header value from the environment of istiod, which is not known here; it is taken to be empty.',
  cause: 'A header of a provider with envName.',
  fix: 'Nothing; know that the value is missing from the result.',
  message: (variable, provider) =>
    `variable ${variable} of istiod, from which extension provider ${provider} takes a header value, is taken to be empty`,
});

export const loggingNotDisabled: Problem<[field: string, file: string]> = defineProblem({
  code: 'MESH2231',
  name: 'logging-not-disabled',
  severity: 'warning',
  about:
    'A Telemetry disables access logging without naming a provider, where the log comes from MeshConfig.accessLogFile: nothing is disabled.',
  cause: '`accessLogging: [{disabled: true}]` where the log comes from `accessLogFile`',
  fix: 'Name the provider: providers: [{name: envoy}].',
  message: (field, file) =>
    `${field} has no effect: it names no provider, and the access log at ${file} comes from MeshConfig.accessLogFile, whose provider is called envoy; add providers: [{name: envoy}]`,
});
