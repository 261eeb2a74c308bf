import type { MeshConfig } from '../../api/istio.gen.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { policyWithoutEffect } from '../../diagnostics/problems/policies.ts';
import { environmentValueUnknown, telemetryProviderIgnored } from '../../diagnostics/problems/telemetry.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { subjectAt } from '../../resource/subject.ts';
import { environmentOf, providerNames, providerProblem, type TelemetryUse } from '../extensions/extension-providers.ts';
import { sortByCreation } from '../order.ts';
import type { ServiceRegistry } from '../registry/service.ts';
import { isGeneralTelemetry } from './telemetry.ts';

/** What to tell the user about telemetry that istiod passes over in silence. */
export function telemetryNotes(
  resources: readonly ResourceOf<'Telemetry'>[],
  config: MeshConfig,
  registry: ServiceRegistry,
): readonly Diagnostic[] {
  return [
    ...shadowed(resources),
    ...resources.flatMap((resource) => ignoredProviders(resource, config, registry)),
    ...ignoredDefaults(config, registry),
    ...unknownValues(config),
  ];
}

/** Resources for a whole namespace beside an older one. */
function shadowed(resources: readonly ResourceOf<'Telemetry'>[]): readonly Diagnostic[] {
  const first = new Map<string, ResourceOf<'Telemetry'>>();
  return sortByCreation(resources)
    .filter(isGeneralTelemetry)
    .flatMap((resource) => {
      const older = first.get(resource.namespace);
      if (older !== undefined) {
        const reason = `Telemetry ${older.name} is older and also for the whole of namespace ${resource.namespace}`;
        return [policyWithoutEffect(subjectAt(resource, ['spec']), reason)];
      }
      first.set(resource.namespace, resource);
      return [];
    });
}

const uses: readonly TelemetryUse[] = ['accessLogging', 'metrics', 'tracing'];

function ignoredProviders(
  resource: ResourceOf<'Telemetry'>,
  config: MeshConfig,
  registry: ServiceRegistry,
): readonly Diagnostic[] {
  return uses.flatMap((use) =>
    (resource.spec[use] ?? []).flatMap(({ providers }, index) =>
      providerNames(providers).flatMap((name, position) => {
        const problem =
          use === 'tracing' && position > 0
            ? `spans go to one provider only, so that ${name} gets none`
            : providerProblem(config, registry, name, use);
        const path = ['spec', use, index, 'providers', position, 'name'];
        return problem === undefined ? [] : [telemetryProviderIgnored(subjectAt(resource, path), problem)];
      }),
    ),
  );
}

function ignoredDefaults(config: MeshConfig, registry: ServiceRegistry): readonly Diagnostic[] {
  return uses.flatMap((use) =>
    (config.defaultProviders?.[use] ?? []).flatMap((name) => {
      const problem = providerProblem(config, registry, name, use);
      return problem === undefined ? [] : [telemetryProviderIgnored({}, `defaultProviders.${use}: ${problem}`)];
    }),
  );
}

function unknownValues(config: MeshConfig): readonly Diagnostic[] {
  return (config.extensionProviders ?? []).flatMap((provider) =>
    environmentOf(provider).map((variable) => environmentValueUnknown({}, variable, provider.name ?? '')),
  );
}
