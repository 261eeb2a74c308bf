import type { Metrics, ProviderRef, Tracing, TracingCustomTag } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { celSyntaxProblem } from '../util/cel/parse.ts';
import { error, type Findings, warning } from './finding.ts';
import { checkAttachment } from './references.ts';

/** A Telemetry; istio pkg/config/validation/validation.go ValidateTelemetry. */
export function* checkTelemetry({ spec }: ResourceOf<'Telemetry'>): Findings {
  yield* checkAttachment(spec);
  for (const [index, metrics] of (spec.metrics ?? []).entries()) yield* checkMetrics(['spec', 'metrics', index], metrics);
  const { tracing = [], accessLogging = [] } = spec;
  if (tracing.length > 1) yield warning(['spec', 'tracing', 1], 'multiple tracing is not currently supported');
  for (const [index, entry] of tracing.entries()) yield* checkTracing(['spec', 'tracing', index], entry);
  for (const [index, { filter, providers }] of accessLogging.entries()) {
    const path = ['spec', 'accessLogging', index];
    const problem = filter === undefined ? undefined : celSyntaxProblem(filter.expression ?? '');
    if (problem !== undefined) yield error([...path, 'filter', 'expression'], `must be a valid CEL expression, ${problem}`);
    yield* checkProviders(path, providers);
  }
}

function* checkProviders(path: Path, providers: readonly ProviderRef[] = []): Findings {
  const unnamed = providers.findIndex(({ name = '' }) => name === '');
  if (unnamed !== -1) yield error([...path, 'providers', unnamed, 'name'], 'providers.name may not be empty');
}

function* checkMetrics(path: Path, { providers, overrides = [] }: Metrics): Findings {
  yield* checkProviders(path, providers);
  for (const [index, { tagOverrides = {}, match }] of overrides.entries()) {
    const at = [...path, 'overrides', index];
    for (const [tag, { operation = 'UPSERT', value = '' }] of Object.entries(tagOverrides)) {
      const tagPath = [...at, 'tagOverrides', tag];
      if (tag === '') yield warning(tagPath, 'tagOverrides.name may not be empty');
      if (operation === 'UPSERT' && value === '')
        yield error([...tagPath, 'value'], 'tagOverrides.value must be set when operation is UPSERT');
      if (operation === 'REMOVE' && value !== '')
        yield error([...tagPath, 'value'], 'tagOverrides.value may only be set when operation is UPSERT');
    }
    if (match?.customMetric === '') yield error([...at, 'match', 'customMetric'], 'customMetric may not be empty');
  }
}

function* checkTracing(path: Path, { providers = [], randomSamplingPercentage = 0, customTags = {} }: Tracing): Findings {
  if (providers.length > 1) yield warning([...path, 'providers', 1], 'multiple providers is not currently supported');
  yield* checkProviders(path, providers);
  if (randomSamplingPercentage < 0 || randomSamplingPercentage > 100)
    yield error([...path, 'randomSamplingPercentage'], 'randomSamplingPercentage must be in range [0.0, 100.0]');
  for (const [name, tag] of Object.entries(customTags)) yield* checkCustomTag([...path, 'customTags', name], name, tag);
}

function* checkCustomTag(path: Path, name: string, { literal, header, environment }: TracingCustomTag): Findings {
  if (name === '') yield error(path, 'tag name may not be empty');
  if (literal !== undefined && (literal.value ?? '') === '')
    yield error([...path, 'literal', 'value'], 'literal tag value may not be empty');
  if (header !== undefined && (header.name ?? '') === '')
    yield error([...path, 'header', 'name'], 'header tag name may not be empty');
  if (environment !== undefined && (environment.name ?? '') === '')
    yield error([...path, 'environment', 'name'], 'environment tag name may not be empty');
}
