import type { ConfigMapObject } from '../../api/kubernetes.ts';
import {
  namespaceInjectionEnabledByDefault,
  namespaceMultipleInjectionLabels,
  namespaceNotInjected,
  podMissingProxy,
} from '../../diagnostics/problems/istio/injection.ts';
import type { Labels } from '../../resource/resource.ts';
import { isObject, own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { injectorConfigMapName } from './support/injector.ts';
import { hasProxy } from './support/pods.ts';
import type { Reader } from './support/reader.ts';

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
const DATAPLANE_MODE = 'istio.io/dataplane-mode';
const INJECT = 'sidecar.istio.io/inject';

/** istio analyzers/injection/injection.go. */
export const namespaceInjection: Analyzer = {
  name: 'injection.Analyzer',
  about: 'Namespaces say whether their pods get sidecars, in one way, and the pods of those that do have one',
  reads: ['Namespace', 'Pod', 'ConfigMap'],
  codes: [
    namespaceNotInjected.code,
    podMissingProxy.code,
    namespaceMultipleInjectionLabels.code,
    namespaceInjectionEnabledByDefault.code,
  ],
  run(reader, report) {
    const injected = new Set<string>();
    let byDefault = false;
    for (const resource of reader.list('Namespace')) {
      const { name, labels } = resource;
      if (name === 'istio-system') continue;
      const asking = injectionLabels(labels);
      if (asking.length > 1) report(namespaceMultipleInjectionLabels(at(resource), asking));
      if (labels[DATAPLANE_MODE] === 'ambient') continue;
      byDefault = injectsByDefault(reader, labels[REVISION] ?? '') ?? byDefault;
      if ((labels[INJECTION] ?? '') === '' && labels[REVISION] === undefined) {
        if (byDefault) report(namespaceInjectionEnabledByDefault(at(resource)));
        else report(namespaceNotInjected(at(resource, ['metadata', 'name']), name));
      } else if (labels[INJECTION] === 'enabled') injected.add(name);
    }
    for (const pod of reader.list('Pod')) {
      const asked = pod.labels[INJECT] ?? pod.annotations[INJECT] ?? '';
      if (!injected.has(pod.namespace) || asked.toLowerCase() === 'false' || pod.spec.hostNetwork) continue;
      const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
      if (!hasProxy(containers)) report(podMissingProxy(at(pod), fullName(pod)));
    }
  },
};

/** The labels that say how pods join the mesh; the newer ones count only where the old one does not say no. */
function injectionLabels(labels: Labels): readonly string[] {
  const old = labels[INJECTION];
  const newer = old === undefined || old === 'enabled' ? [REVISION, DATAPLANE_MODE] : [];
  return [INJECTION, ...newer].filter((name) => own(labels, name) !== undefined).map((name) => `${name}=${own(labels, name)}`);
}

/** What the injector of a revision does with namespaces that say nothing; undefined where it is not among the resources. */
function injectsByDefault(reader: Reader, revision: string): boolean | undefined {
  const name = injectorConfigMapName(revision);
  const configMap = reader.list('ConfigMap').find((candidate) => candidate.name === name);
  return configMap && enablesByDefault(configMap.spec);
}

function enablesByDefault({ data = {} }: ConfigMapObject): boolean {
  let values: unknown;
  try {
    values = JSON.parse(data.values ?? '');
  } catch {
    return false;
  }
  const webhook = isObject(values) ? values.sidecarInjectorWebhook : undefined;
  return isObject(webhook) && webhook.enableNamespacesByDefault === true;
}
