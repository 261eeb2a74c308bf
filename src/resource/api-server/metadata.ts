import type { LabelSelector } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { own } from '../../util/object.ts';
import type { Labels, Resource } from '../resource.ts';
import { annotationKey, asPrefix, dns1123Label, type Format, labelKey, labelValue } from './formats.ts';
import { invalid, misformed, type Refusal, type Refusals, together } from './refusal.ts';

/** k8s.io/apimachinery pkg/api/validation/objectmeta.go: the metadata of an object whose name has this format. */
export function checkMetadata(resource: Resource, nameFormat: Format): readonly Refusal[] {
  const { name, generateName, namespace, labels, annotations } = resource;
  return together(
    generateName ? misformed(['metadata', 'generateName'], generateName, asPrefix(nameFormat)) : [],
    misformed(['metadata', 'name'], name, nameFormat),
    misformed(['metadata', 'namespace'], namespace, dns1123Label),
    checkLabels(['metadata', 'labels'], labels),
    checkAnnotations(['metadata', 'annotations'], annotations),
  );
}

/** Labels, or a selector that is a map of labels. The API server names the map, not the entry. */
export function checkLabels(path: Path, labels: Labels | undefined, field?: string): readonly Refusal[] {
  if (labels === undefined) return [];
  return Object.entries(labels).flatMap(([key, value]) => {
    if (labelKey(key).length === 0 && labelValue(value).length === 0) return [];
    const place = [...path, key];
    const named = field ?? formatField(path);
    return [
      ...checkKey(place, key, labelKey, named),
      ...misformed(place, value, labelValue, { field: named, ...(isReadByIstio(key, value) && { isReadByIstio: true }) }),
    ];
  });
}

/** The keys of annotations; nothing is asked of their values. */
export function checkAnnotations(path: Path, annotations: Labels | undefined, field?: string): readonly Refusal[] {
  if (annotations === undefined) return [];
  return Object.keys(annotations).flatMap((key) => checkKey([...path, key], key, annotationKey, field ?? formatField(path)));
}

/** k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go ValidateLabelSelector, of keys and values. */
export function* checkLabelSelector(path: Path, selector: LabelSelector | undefined): Refusals {
  yield* checkLabels([...path, 'matchLabels'], selector?.matchLabels);
  for (const [index, { key, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const place = [...path, 'matchExpressions', index];
    yield* checkKey([...place, 'key'], key, labelKey, formatField([...place, 'key']), 'value');
    for (const [at, value] of values.entries()) yield* misformed([...place, 'values', at], value, labelValue);
  }
}

function checkKey(path: Path, key: string, format: Format, field: string, on: Refusal['on'] = 'key'): readonly Refusal[] {
  return format(key).map((rule) => invalid(path, key, rule, { field, on }));
}

/**
 * Labels in which Istio reads more than one can hold: istio pilot/pkg/networking/util MaybeBuildStatefulSessionFilterConfig takes
 * `cookie:/path`.
 */
const patternsOfIstio: Readonly<Record<string, RegExp>> = { 'istio.io/persistent-session': /^[^:]+:\/[!-~]*$/ };

function isReadByIstio(key: string, value: string): boolean {
  return own(patternsOfIstio, key)?.test(value) === true;
}
