import { labelKey, labelValue } from '../../../resource/api-server/formats.ts';
import { fieldsOf, own } from '../../../util/object.ts';
import { formatJson } from '../errors.ts';
import type { FieldErrors, FieldPlace } from './place.ts';

/** k8s.io/apimachinery pkg/apis/meta/v1/validation ValidateLabelSelector. */
export function* judgeSelector(selector: FieldPlace): FieldErrors {
  yield* judgeLabels(selector.at('matchLabels'));
  for (const expression of selector.at('matchExpressions').items) yield* judgeRequirement(expression);
}

/** ValidateLabels there. The API server names the map, not the entry. */
export function* judgeLabels(labels: FieldPlace): FieldErrors {
  for (const key of labels.keys) {
    const entry = labels.key(key);
    for (const rule of labelKey(key)) yield { ...labels.invalid(rule, key), path: entry.path, on: 'key' };
    for (const rule of labelValue(entry.text)) yield { ...labels.invalid(rule, entry.text), path: entry.path };
  }
}

/** ValidateLabelSelectorRequirement there. */
function* judgeRequirement(expression: FieldPlace): FieldErrors {
  const [operator, values] = [expression.at('operator'), expression.at('values')];
  if (operator.text === 'In' || operator.text === 'NotIn') {
    if (values.items.length === 0) yield values.required("must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator.text === 'Exists' || operator.text === 'DoesNotExist') {
    if (values.items.length > 0) yield values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else yield operator.invalid('not a valid selector operator', operator.text);
  yield* expression.at('key').format(labelKey);
  for (const value of values.items) yield* value.format(labelValue);
}

/** Whether labels have what a selector asks for. */
export function hasLabelsOf(selector: FieldPlace, labels: FieldPlace): boolean {
  const found = labels.fields;
  const hasLabels = Object.entries(selector.at('matchLabels').fields).every(([key, wanted]) => own(found, key) === wanted);
  return hasLabels && selector.at('matchExpressions').items.every((expression) => isMet(expression, found));
}

function isMet(expression: FieldPlace, labels: Readonly<Record<string, unknown>>): boolean {
  const found = own(labels, expression.at('key').text);
  const isAmong = typeof found === 'string' && expression.at('values').items.some(({ text }) => text === found);
  switch (expression.at('operator').text) {
    case 'In':
      return isAmong;
    case 'NotIn':
      return !isAmong;
    case 'Exists':
      return found !== undefined;
    default:
      return found === undefined;
  }
}

/** A selector as Go prints it: what is empty is left out. */
export function printSelector(selector: FieldPlace): string {
  const expressions = selector.at('matchExpressions').items.map((expression) => {
    const values = expression.at('values').items.map(({ text }) => text);
    const names = `"key":${formatJson(expression.at('key').text)},"operator":${formatJson(expression.at('operator').text)}`;
    return `{${names}${values.length > 0 ? `,"values":${formatJson(values)}` : ''}}`;
  });
  const labels = fieldsOf(selector.at('matchLabels').value);
  const parts = [
    ...(Object.keys(labels).length > 0 ? [`"matchLabels":${formatJson(labels)}`] : []),
    ...(expressions.length > 0 ? [`"matchExpressions":[${expressions.join(',')}]`] : []),
  ];
  return `{${parts.join(',')}}`;
}
