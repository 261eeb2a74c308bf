import { sidecarBeatsAmbient } from '../../diagnostics/problems/ambient-effects.ts';
import { DATAPLANE_MODE } from '../../resource/ambient-labels.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';

/** Pods and namespaces that ask for ambient mode in vain; istio cni/pkg/util PodRedirectionEnabled. */
export const ambientModes: Analyzer = {
  name: 'mesh.ambient.Modes',
  about: 'Pods that ask for ambient mode get no sidecar',
  reads: ['Pod', 'Namespace'],
  codes: [sidecarBeatsAmbient.code],
  run: (reader, report) => {
    const { ambient, registry } = reader.mesh();
    if (ambient === undefined) return;
    const label = `${DATAPLANE_MODE}: ambient`;
    for (const namespace of reader.list('Namespace')) {
      const { [DATAPLANE_MODE]: mode, 'istio-injection': injection, 'istio.io/rev': revision } = namespace.labels;
      const injects = injection === undefined ? revision !== undefined : injection === 'enabled';
      if (mode !== 'ambient' || !injects) continue;
      report(
        asHint(sidecarBeatsAmbient(at(namespace, ['metadata', 'labels', DATAPLANE_MODE]), label), 'IST0123 tells of both labels'),
      );
    }
    for (const { kind, ownLabels, injected, role, resource } of registry.workloads) {
      if (kind !== 'Pod' || !injected || role !== 'sidecar' || own(ownLabels, DATAPLANE_MODE) !== 'ambient') continue;
      report(sidecarBeatsAmbient(at(resource, ['metadata', 'labels', DATAPLANE_MODE]), label));
    }
  },
};
