import type { Release } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';
import { resourcesOf } from '../resource/select.ts';
import { own } from '../util/object.ts';
import { compareVersions } from '../util/version.ts';

const BUNDLE_VERSION = 'gateway.networking.k8s.io/bundle-version';

/**
 * The resources that istiod looks at. Kinds can be left out by the names of their definitions, in istiod's environment, and some of those
 * be left in; and kinds of the Gateway API whose definition is too old, or too new, are passed over. Kinds of Kubernetes itself have no
 * definition. As istio pkg/kube/kclient/crdwatcher.go filterPilotResources, minimumVersionFilter and maximumVersionFilter.
 */
export function watched(resources: readonly Resource[], release: Release): readonly Resource[] {
  const { ignoredResources, includedResources } = release.behaviours;
  const unfit = new Set(
    resourcesOf(resources, 'CustomResourceDefinition')
      .filter((definition) => !isFit(definition, release))
      .map(({ name }) => name),
  );
  if (ignoredResources.length === 0 && unfit.size === 0) return resources;
  return resources.filter(({ group, kind }) => {
    const name = definitionName(group, kind);
    if (name === undefined) return true;
    const isIgnored = ignoredResources.some(covers(name)) && !includedResources.some(covers(name));
    return !isIgnored && !unfit.has(name);
  });
}

/** Whether a filter, a name or `*.` with its end, is for a definition. */
function covers(name: string): (filter: string) => boolean {
  return (filter) => (filter.startsWith('*.') ? name.endsWith(filter.slice(2)) : name === filter);
}

/** Whether a definition is of a version of the Gateway API that the release reads. */
function isFit({ name, annotations }: Pick<Resource, 'name' | 'annotations'>, release: Release): boolean {
  const minimum = own(release.minimumGatewayApi, name);
  const maximum = own(release.maximumGatewayApi, name);
  if (minimum === undefined && maximum === undefined) return true;
  const version = bundleVersion(annotations);
  return (
    version !== undefined &&
    (minimum === undefined || compareVersions(version.numbers, minimum) >= 0) &&
    (maximum === undefined || compareVersions(version.numbers, maximum) <= 0)
  );
}

/** The version of the Gateway API that a definition is of. */
export interface BundleVersion {
  /** Without what may follow: `1.4.0`. */
  readonly numbers: string;
  /** In full, without a leading `v`. */
  readonly text: string;
}

/** Reads `v1.4.0`, `1.4`, `v1.5.0-rc.1+build` among the annotations of a definition. */
export function bundleVersion(annotations: Readonly<Record<string, string>>): BundleVersion | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(annotations[BUNDLE_VERSION] ?? '');
  if (match === null) return undefined;
  const numbers = [match[1], match[2], match[3]].map((part) => part ?? '0');
  return { numbers: numbers.join('.'), text: `${numbers.map(Number).join('.')}${match[4] ?? ''}${match[5] ?? ''}` };
}

/** The name of the definition of a kind: its plural and its group. */
function definitionName(group: string, kind: string): string | undefined {
  if (!/\.(?:istio\.io|networking\.k8s\.io|x-k8s\.io)$/.test(group) || kind === 'Ingress' || kind === 'IngressClass')
    return undefined;
  const singular = kind.toLowerCase();
  const plural = /[^aeiou]y$/.test(singular)
    ? `${singular.slice(0, -1)}ies`
    : /s$/.test(singular)
      ? `${singular}es`
      : `${singular}s`;
  return `${plural}.${group}`;
}
