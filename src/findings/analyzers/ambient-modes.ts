import { sidecarBeatsAmbient } from '../../diagnostics/problems/ambient-effects.ts';
import { DATAPLANE_MODE } from '../../resource/ambient-labels.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Pods that ask for ambient mode in vain; istio cni/pkg/util PodRedirectionEnabled. */
export const ambientModes: Analyzer = {
  name: 'mesh.ambient.Modes',
  about: 'Pods that ask for ambient mode get no sidecar',
  reads: ['Pod', 'Namespace'],
  codes: [sidecarBeatsAmbient.code],
  run: (reader, report) => {
    const { ambient, registry } = reader.mesh();
    if (ambient === undefined) return;
    for (const { kind, ownLabels, injected, role, resource } of registry.workloads) {
      if (kind !== 'Pod' || !injected || role !== 'sidecar' || own(ownLabels, DATAPLANE_MODE) !== 'ambient') continue;
      report(sidecarBeatsAmbient(at(resource, ['metadata', 'labels', DATAPLANE_MODE]), `${DATAPLANE_MODE}: ambient`));
    }
  },
};
