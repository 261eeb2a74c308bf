import type { EnvoyFilterEnvoyConfigObjectPatch } from '../../api/istio.gen.ts';
import {
  envoyFilterUsesAddOperationIncorrectly,
  envoyFilterUsesRelativeOperation,
  envoyFilterUsesRelativeOperationWithProxyVersion,
  envoyFilterUsesRemoveOperationIncorrectly,
  envoyFilterUsesReplaceOperationIncorrectly,
} from '../../diagnostics/problems/istio/envoy-filters.ts';
import { assertNever } from '../../util/assert.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** istio analyzers/envoyfilter/envoyfilter.go. */
export const envoyFilterPatches: Analyzer = {
  name: 'envoyfilter.EnvoyPatchAnalyzer',
  about: 'Patches of EnvoyFilters use operations that have an effect, whatever the order of patches',
  reads: ['EnvoyFilter'],
  codes: [
    envoyFilterUsesRelativeOperation.code,
    envoyFilterUsesReplaceOperationIncorrectly.code,
    envoyFilterUsesAddOperationIncorrectly.code,
    envoyFilterUsesRemoveOperationIncorrectly.code,
    envoyFilterUsesRelativeOperationWithProxyVersion.code,
  ],
  run(reader, report) {
    /** The names of the filters that a patch met so far touches for some version of the proxy. */
    const versioned = new Set<string>();
    for (const resource of reader.list('EnvoyFilter')) {
      const { configPatches = [], priority = 0 } = resource.spec;
      // Istio reads no further than to the first one without a patch.
      const end = configPatches.findIndex(({ patch }) => patch === undefined);
      configPatches.slice(0, end === -1 ? undefined : end).forEach((configPatch, index) => {
        const name = filterName(configPatch);
        const problem = problemOf(configPatch, priority === 0, versioned.has(name));
        if (problem !== undefined) report(problem(at(resource, ['spec', 'configPatches', index, 'patch', 'value'])));
        if ((configPatch.match?.proxy?.proxyVersion ?? '') !== '') versioned.add(name);
      });
    }
  },
};

function problemOf(
  { applyTo, patch }: EnvoyFilterEnvoyConfigObjectPatch,
  isUnordered: boolean,
  isVersioned: boolean,
): typeof envoyFilterUsesRelativeOperation | undefined {
  const relative = isVersioned ? envoyFilterUsesRelativeOperationWithProxyVersion : envoyFilterUsesRelativeOperation;
  const ofRoutes = applyTo === 'ROUTE_CONFIGURATION' || applyTo === 'HTTP_ROUTE';
  const operation = patch?.operation;
  switch (operation) {
    case 'ADD':
      return ofRoutes ? envoyFilterUsesAddOperationIncorrectly : undefined;
    case 'REMOVE':
      if (ofRoutes) return envoyFilterUsesRemoveOperationIncorrectly;
      return isUnordered ? relative : undefined;
    case 'REPLACE':
      if (applyTo !== 'NETWORK_FILTER' && applyTo !== 'HTTP_FILTER' && applyTo !== 'VIRTUAL_HOST') {
        return envoyFilterUsesReplaceOperationIncorrectly;
      }
      return isUnordered ? relative : undefined;
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return isUnordered ? relative : undefined;
    case 'INSERT_FIRST':
    case 'MERGE':
    case 'MERGE_AND_REPLACE_LIST':
    case 'INVALID':
    case undefined:
      return undefined;
    default:
      return assertNever(operation);
  }
}

/** What a patch is about: the name in its value, else the filter that it matches; the two are never the same for Istio. */
function filterName({ patch, match }: EnvoyFilterEnvoyConfigObjectPatch): string {
  const value = patch?.value;
  if (value === undefined || Object.keys(value).length === 0) return '';
  if (value.name !== undefined) return `value ${JSON.stringify(value.name)}`;
  return match?.listener?.filterChain?.filter?.name ?? '';
}
