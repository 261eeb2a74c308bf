import type { ConfigMapObject } from '../../api/kubernetes.ts';
import {
  namespaceInjectionEnabledByDefault,
  namespaceMultipleInjectionLabels,
  namespaceNotInjected,
  podMissingProxy,
} from '../../diagnostics/problems/istio/injection.ts';
import { DATAPLANE_MODE } from '../../resource/ambient-labels.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { isObject, own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { injectorConfigMapName } from './support/injector.ts';
import { containersOf, hasProxy, PROXY_CONTAINER } from './support/pods.ts';
import type { Reader } from './support/reader.ts';

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
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
    const pods = reader.list('Pod');
    const isAfterInjection = pods.some(isInjected);
    for (const pod of pods) {
      const asked = pod.labels[INJECT] ?? pod.annotations[INJECT] ?? '';
      if (!injected.has(pod.namespace) || asked.toLowerCase() === 'false' || pod.spec.hostNetwork) continue;
      // In files no pod has its sidecar yet: the injector adds it. A cluster's pods have a state, or others of them their sidecars.
      if (!isAfterInjection && !isOfCluster(pod)) continue;
      if (!hasProxy(containersOf(pod))) report(podMissingProxy(at(pod), fullName(pod)));
    }
  },
};

/** What ends the names of a Deployment's pods; Kubernetes rand.SafeEncodeString and rand.String. */
const GENERATED_NAME = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** Whether a pod was made in a cluster: it has a state, an age, an owner, or a name that only a controller gives. */
function isOfCluster({ status, createdAt, ownerReferences = [], name }: ResourceOf<'Pod'>): boolean {
  return status !== undefined || createdAt !== undefined || ownerReferences.length > 0 || GENERATED_NAME.test(name);
}

/** Whether a pod has a sidecar beside containers of its own, so that the input shows pods as they are in a cluster. */
function isInjected(pod: ResourceOf<'Pod'>): boolean {
  return hasProxy(containersOf(pod)) && (pod.spec.containers ?? []).some(({ name }) => name !== PROXY_CONTAINER);
}

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
