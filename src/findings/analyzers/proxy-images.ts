import type { ConfigMapObject } from '../../api/kubernetes.ts';
import { podsIstioProxyImageMismatchInNamespace } from '../../diagnostics/problems/istio/injection.ts';
import { selects } from '../../model/labels.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { isObject } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { decodeProxyConfig } from './support/annotation-rules.ts';
import { injectorConfigMapName } from './support/injector.ts';
import { containersOf, PROXY_CONTAINER } from './support/pods.ts';
import type { Reader } from './support/reader.ts';

const REVISION = 'istio.io/rev';

/** istio analyzers/injection/injection-image.go. */
export const proxyImages: Analyzer = {
  name: 'injection.ImageAnalyzer',
  about: 'Pods run the proxy image that their injector gives',
  reads: ['Namespace', 'Pod', 'ConfigMap', 'ProxyConfig'],
  codes: [podsIstioProxyImageMismatchInNamespace.code],
  run(reader, report) {
    const images = injectedImages(reader);
    if (images.size === 0) return;
    const variantOf = createVariantFinder(reader);
    const wrong = new Map<string, string[]>();
    for (const pod of reader.list('Pod')) {
      const namespace = reader.find('Namespace', '', pod.namespace);
      if (namespace === undefined || (pod.annotations['sidecar.istio.io/proxyImage'] ?? '') !== '') continue;
      const revision = namespace.labels[REVISION];
      if (revision === undefined && namespace.labels['istio-injection'] !== 'enabled') continue;
      const image = images.get(injectorConfigMapName(revision ?? ''));
      if (image === undefined) continue;
      const allowed = [image, `${image}-${variantOf(pod)}`];
      for (const container of containersOf(pod)) {
        if (container.name !== PROXY_CONTAINER || allowed.includes(container.image ?? '')) continue;
        append(wrong, pod.namespace, pod.name);
      }
    }
    for (const [name, pods] of wrong) {
      const namespace = reader.find('Namespace', '', name);
      if (namespace !== undefined) report(podsIstioProxyImageMismatchInNamespace(at(namespace), pods.sort()));
    }
  },
};

/** The proxy images of all injectors, by the name of their ConfigMap. */
function injectedImages(reader: Reader): ReadonlyMap<string, string> {
  const injectors = reader.list('ConfigMap').filter(({ name }) => name.startsWith('istio-sidecar-injector'));
  return new Map(injectors.map(({ name, spec }) => [name, imageOf(spec)]));
}

function imageOf({ data = {} }: ConfigMapObject): string {
  let values: unknown;
  try {
    values = JSON.parse(data.values ?? '');
  } catch {
    return '';
  }
  const global = isObject(values) && isObject(values.global) ? values.global : {};
  const image = isObject(global.proxy) ? text(global.proxy.image) : '';
  return image.includes('/') ? image : `${text(global.hub)}/${image}:${text(global.tag)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Finds the variant of the image that configuration asks for; istio analyzers/util/proxyconfig.go. */
function createVariantFinder(reader: Reader): (pod: ResourceOf<'Pod'>) => string {
  const configs = reader.list('ProxyConfig');
  const isOfRoot = ({ namespace }: Resource): boolean => namespace === reader.rootNamespace;
  const imageType = (config: { readonly image?: { readonly imageType?: string } } | undefined): string =>
    config?.image?.imageType ?? '';
  const lastOf = (list: readonly ResourceOf<'ProxyConfig'>[]): string => imageType(list.at(-1)?.spec);
  return (pod) => {
    const near = configs.filter((config) => !isOfRoot(config) && config.namespace === pod.namespace);
    const variants = [
      imageType(reader.meshConfig.defaultConfig),
      lastOf(configs.filter(isOfRoot)),
      lastOf(near.filter(({ spec }) => spec.selector === undefined)),
      ...near
        .filter(({ spec }) => spec.selector !== undefined && selects(spec.selector.matchLabels, pod.labels))
        .map(({ spec }) => imageType(spec)),
      imageType(decodeProxyConfig(pod.annotations['proxy.istio.io/config'] ?? '', reader.release).config),
    ];
    const variant = variants.filter((one) => one !== '').at(-1) ?? '';
    return variant === 'default' ? '' : variant;
  };
}
