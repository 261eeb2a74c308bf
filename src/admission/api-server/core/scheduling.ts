import { dns1123Label, dns1123Subdomain, labelKey, labelValue } from '../../../resource/api-server/formats.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { judgeSelector } from './selectors.ts';

/** On which nodes a pod may run: k8s.io/kubernetes pkg/apis/core/validation validateAffinity and what stands beside it. */
export function* judgeScheduling(spec: FieldPlace): FieldErrors {
  const affinity = spec.at('affinity');
  yield* judgeNodeAffinity(affinity.at('nodeAffinity'));
  yield* judgePodAffinity(affinity.at('podAffinity'));
  yield* judgePodAffinity(affinity.at('podAntiAffinity'));
  for (const toleration of spec.at('tolerations').items) yield* judgeToleration(toleration);
  for (const constraint of spec.at('topologySpreadConstraints').items) yield* judgeSpread(constraint);
  for (const gate of spec.at('schedulingGates').items) {
    for (const rule of labelKey(gate.at('name').text)) yield gate.invalid(rule, gate.at('name').text);
  }
  for (const gate of spec.at('readinessGates').items) yield* gate.at('conditionType').format(labelKey);
}

function* judgeNodeAffinity(affinity: FieldPlace): FieldErrors {
  const needed = affinity.at('requiredDuringSchedulingIgnoredDuringExecution');
  const terms = needed.at('nodeSelectorTerms');
  if (needed.isSet && terms.items.length === 0) yield terms.required('must have at least one node selector term');
  for (const term of terms.items) yield* judgeTerm(term, true);
  for (const wish of affinity.at('preferredDuringSchedulingIgnoredDuringExecution').items) {
    yield* judgeWeight(wish);
    yield* judgeTerm(wish.at('preference'), false);
  }
}

function* judgeWeight(wish: FieldPlace): FieldErrors {
  const weight = wish.at('weight');
  if (weight.number <= 0 || weight.number > 100) yield weight.invalid('must be in the range 1-100', weight.number);
}

/** ValidateNodeSelectorTerm there. */
function* judgeTerm(term: FieldPlace, looksAtValues: boolean): FieldErrors {
  for (const expression of term.at('matchExpressions').items) {
    yield* judgeNodeRequirement(expression);
    yield* expression.at('key').format(labelKey);
    if (looksAtValues) for (const value of expression.at('values').items) yield* value.format(labelValue);
  }
  for (const expression of term.at('matchFields').items) yield* judgeNodeField(expression);
}

function* judgeNodeRequirement(expression: FieldPlace): FieldErrors {
  const [operator, values] = [expression.at('operator'), expression.at('values')];
  const count = values.items.length;
  switch (operator.text) {
    case 'In':
    case 'NotIn':
      if (count === 0) yield values.required("must be specified when `operator` is 'In' or 'NotIn'");
      return;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) yield values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      return;
    case 'Gt':
    case 'Lt':
      if (count !== 1) yield values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
      return;
    default:
      yield operator.invalid('not a valid selector operator', operator.text);
  }
}

/** ValidateNodeFieldSelectorRequirement there: nodes are chosen by their name alone. */
function* judgeNodeField(expression: FieldPlace): FieldErrors {
  const [key, operator, values] = [expression.at('key'), expression.at('operator'), expression.at('values')];
  if (operator.text === 'In' || operator.text === 'NotIn') {
    const rule = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    if (values.items.length !== 1) yield values.required(rule);
  } else yield operator.invalid('not a valid selector operator', operator.text);
  if (key.text !== 'metadata.name') yield key.invalid('not a valid field selector key', key.text);
  else for (const value of values.items) yield* value.format(dns1123Subdomain);
}

function* judgePodAffinity(affinity: FieldPlace): FieldErrors {
  for (const term of affinity.at('requiredDuringSchedulingIgnoredDuringExecution').items) yield* judgePodTerm(term);
  for (const wish of affinity.at('preferredDuringSchedulingIgnoredDuringExecution').items) {
    yield* judgeWeight(wish);
    yield* judgePodTerm(wish.at('podAffinityTerm'));
  }
}

/** validatePodAffinityTerm there. */
function* judgePodTerm(term: FieldPlace): FieldErrors {
  yield* judgeSelector(term.at('labelSelector'));
  yield* judgeSelector(term.at('namespaceSelector'));
  for (const { text } of term.at('namespaces').items) {
    for (const rule of dns1123Label(text)) yield term.at('namespace').invalid(rule, text);
  }
  const key = term.at('topologyKey');
  if (key.text === '') yield key.required('can not be empty');
  yield* key.format(labelKey);
}

/** validateTopologySpreadConstraints there. */
function* judgeSpread(constraint: FieldPlace): FieldErrors {
  const [skew, key, policy] = [constraint.at('maxSkew'), constraint.at('topologyKey'), constraint.at('whenUnsatisfiable')];
  if (skew.number <= 0) yield skew.invalid('must be greater than zero', skew.number);
  if (key.text === '') yield key.required('can not be empty');
  if (!['DoNotSchedule', 'ScheduleAnyway'].includes(policy.text)) yield policy.notSupported(['DoNotSchedule', 'ScheduleAnyway']);
  const least = constraint.at('minDomains');
  if (least.isSet && least.number <= 0) yield least.invalid('must be greater than zero');
  yield* judgeSelector(constraint.at('labelSelector'));
}

/** ValidateTolerations there. */
function* judgeToleration(toleration: FieldPlace): FieldErrors {
  const [key, operator] = [toleration.at('key'), toleration.at('operator')];
  const [value, effect] = [toleration.at('value'), toleration.at('effect')];
  if (key.text !== '') yield* key.format(labelKey);
  else if (operator.text !== 'Exists') {
    yield operator.invalid(
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      operator.text,
    );
  }
  if (toleration.at('tolerationSeconds').isSet && effect.text !== 'NoExecute') {
    yield effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set", effect.text);
  }
  const problems = labelValue(value.text);
  if (operator.text === '' || operator.text === 'Equal') {
    if (problems.length > 0) yield operator.invalid(problems.join(';'), value.text);
  } else if (operator.text === 'Exists') {
    if (value.text !== '') yield operator.invalid("value must be empty when `operator` is 'Exists'", value.text);
  } else yield operator.notSupported(['Equal', 'Exists']);
  yield* effect.oneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], false);
}
