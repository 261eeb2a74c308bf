import type { PolicyTargetReference } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { targetMissing } from '../../diagnostics/problems/policies.ts';
import { groupByKind } from '../../resource/select.ts';
import { memo } from '../../util/memo.ts';
import { nearest } from '../../util/nearest.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

const POLICIES = [
  'AuthorizationPolicy',
  'RequestAuthentication',
  'Telemetry',
  'WasmPlugin',
  'TrafficExtension',
  'EnvoyFilter',
] as const;

/** What a policy can be attached to in its own namespace; istio model/policyattachment.go. */
const TARGETS = { Gateway: 'KubernetesGateway', Service: 'Service', ServiceEntry: 'ServiceEntry' } as const;
const groups: Readonly<Record<keyof typeof TARGETS, string>> = {
  Gateway: 'gateway.networking.k8s.io',
  Service: '',
  ServiceEntry: 'networking.istio.io',
};

/** Policies for something that does not exist. */
export const targetReferences: Analyzer = {
  name: 'mesh.policy.TargetReferences',
  about: 'targetRefs of policies name a Gateway, Service or ServiceEntry that exists',
  reads: [...POLICIES, 'KubernetesGateway', 'Service', 'ServiceEntry'],
  needsAll: ['KubernetesGateway', 'Service', 'ServiceEntry'],
  codes: [targetMissing.code],
  run: (reader, report) => {
    // What istiod makes of a Gateway counts too, and stands in the mesh only.
    const known = memo(() => groupByKind(reader.mesh().resources));
    for (const kind of POLICIES) {
      for (const resource of reader.list(kind)) {
        const references = referencesOf(resource.spec);
        const namespace = resource.namespace || 'default';
        const missing = references.flatMap(({ reference, path }) => {
          const target = targetOf(reference);
          if (target === undefined || (reference.namespace ?? '') !== '') return [];
          // Those are for whole proxies, whether or not there is such a service.
          if (kind === 'EnvoyFilter' && target !== 'Gateway') return [];
          const there = known().of(TARGETS[target]);
          const names = there.flatMap((other) => (other.namespace === namespace ? other.name : []));
          const name = reference.name ?? '';
          return names.includes(name) ? [] : [{ target, name, path, near: nearest(name, names) }];
        });
        const isForNothing = missing.length === references.length;
        for (const { target, name, path, near } of missing) {
          const suggestions = near === undefined ? [] : [near];
          report(targetMissing(at(resource, path), formatField(path), target, name, namespace, isForNothing, suggestions));
        }
      }
    }
  },
};

interface Targeted {
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
}

function referencesOf({ targetRef, targetRefs = [] }: Targeted): readonly { reference: PolicyTargetReference; path: Path }[] {
  return [
    ...(targetRef === undefined ? [] : [{ reference: targetRef, path: ['spec', 'targetRef'] }]),
    ...targetRefs.map((reference, index) => ({ reference, path: ['spec', 'targetRefs', index] })),
  ];
}

function targetOf({ kind, group = '' }: PolicyTargetReference): keyof typeof TARGETS | undefined {
  // `core` is another name of the group without one.
  const plain = group === 'core' ? '' : group;
  return (Object.keys(groups) as (keyof typeof TARGETS)[]).find((known) => known === kind && groups[known] === plain);
}
