import type { WorkloadControllerSpec } from '../../../api/kubernetes.ts';
import { dns1123Label } from '../../../resource/api-server/formats.ts';
import { checkWorkload as checkNamesOfWorkload } from '../../../resource/api-server/pods.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { judgePodSpec } from './pods.ts';
import { fromRefusals } from './refusals.ts';
import { hasLabelsOf, judgeSelector, printSelector } from './selectors.ts';

/** k8s.io/kubernetes pkg/apis/apps/validation ValidateDeploymentSpec. */
export function* judgeDeployment(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  yield* spec.at('replicas').nonNegative();
  yield* checkTemplate(spec, { empty: 'empty selector is invalid for deployment' });
  yield* checkAlways(spec);
  yield* checkStrategy(spec.at('strategy'));
  yield* spec.at('minReadySeconds').nonNegative();
  yield* spec.at('revisionHistoryLimit').nonNegative();
  yield* checkDeadline(spec);
}

function* checkDeadline(spec: FieldPlace): FieldErrors {
  const deadline = spec.at('progressDeadlineSeconds');
  yield* deadline.nonNegative();
  if (deadline.isSet && deadline.number <= spec.at('minReadySeconds').number)
    yield deadline.invalid('must be greater than minReadySeconds');
}

/** ValidateDeploymentStrategy there. */
function* checkStrategy(strategy: FieldPlace): FieldErrors {
  const [type, rolling] = [strategy.at('type'), strategy.at('rollingUpdate')];
  if (type.text === 'Recreate') {
    if (rolling.isSet) yield rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  if (type.text === 'RollingUpdate') return yield* checkRollingUpdate(rolling);
  yield strategy.notSupported(['Recreate', 'RollingUpdate']);
}

function* checkRollingUpdate(rolling: FieldPlace): FieldErrors {
  const [unavailable, surge] = [rolling.at('maxUnavailable'), rolling.at('maxSurge')];
  yield* checkCountOrShare(unavailable);
  yield* checkCountOrShare(surge);
  if (isZero(unavailable) && isZero(surge)) yield unavailable.invalid('may not be 0 when `maxSurge` is 0');
  if (/^\d+%$/.test(unavailable.text) && Number.parseInt(unavailable.text, 10) > 100)
    yield unavailable.invalid('must not be greater than 100%');
}

function isZero({ value }: FieldPlace): boolean {
  return value === 0 || (typeof value === 'string' && /^0*%$/.test(value));
}

/** ValidatePositiveIntOrPercent there. */
function* checkCountOrShare(place: FieldPlace): FieldErrors {
  if (typeof place.value === 'number') yield* place.nonNegative();
  else if (!/^[0-9]+%$/.test(place.text)) {
    const example = "a valid percent string must be a numeric string followed by an ending '%'";
    yield place.invalid(`${example} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`);
  }
}

/** ValidateReplicaSetSpec there. */
export function* judgeReplicaSet(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  yield* spec.at('replicas').nonNegative();
  yield* spec.at('minReadySeconds').nonNegative();
  yield* checkTemplate(spec, { empty: 'empty selector is invalid for deployment' });
  yield* checkAlways(spec);
}

/** ValidateDaemonSetSpec there. */
export function* judgeDaemonSet(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  yield* checkTemplate(spec, { empty: 'empty selector is invalid for daemonset', isOfDaemons: true });
  yield* checkAlways(spec);
  yield* spec.at('minReadySeconds').nonNegative();
  yield* spec.at('revisionHistoryLimit').nonNegative();
  yield* spec.at('updateStrategy').at('type').oneOf(['RollingUpdate', 'OnDelete'], false);
}

/** ValidateStatefulSetSpec there. */
export function* judgeStatefulSet(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  const management = spec.at('podManagementPolicy');
  if (!['OrderedReady', 'Parallel'].includes(management.text)) yield management.invalid("must be 'OrderedReady' or 'Parallel'");
  yield* spec.at('replicas').nonNegative();
  yield* checkTemplate(spec, { empty: 'empty selector is invalid for statefulset', misformed: '' });
  if (spec.at('serviceName').text !== '') yield* spec.at('serviceName').format(dns1123Label);
  yield* checkAlways(spec);
  yield* spec.at('minReadySeconds').nonNegative();
}

/** pkg/apis/batch/validation there, of templates. */
export function* judgeJob(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  for (const name of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']) {
    yield* spec.at(name).nonNegative();
  }
  yield* checkPods(spec);
  const policy = spec.at('template').at('spec').at('restartPolicy');
  if (policy.text === 'Always') yield policy.required('valid values: "OnFailure", "Never"');
}

/** What is said of a selector and of the pods that it is to select. */
interface SelectorWords {
  readonly empty: string;
  /** What is said of a selector that cannot be read; the pods are not looked at then. */
  readonly misformed?: string;
  /** DaemonSets may be without a selector, and their pods are looked at whatever it is. */
  readonly isOfDaemons?: boolean;
}

/** The pods of a workload, and whether they have what its selector asks for. */
function* checkTemplate(
  spec: FieldPlace,
  { empty, isOfDaemons = false, misformed = 'invalid label selector' }: SelectorWords,
): FieldErrors {
  const selector = spec.at('selector');
  if (!selector.isSet && !isOfDaemons) yield selector.required();
  const problems = [...judgeSelector(selector)];
  yield* problems;
  const isEmpty = selector.at('matchLabels').keys.length + selector.at('matchExpressions').items.length === 0;
  if (selector.isSet && isEmpty) yield selector.invalidAs('{}', empty);
  if (problems.length > 0 && !isOfDaemons) {
    yield selector.invalidAs(printSelector(selector), misformed);
    return;
  }
  const labels = spec.at('template').at('metadata').at('labels');
  // An empty selector selects all, an absent one nothing.
  if (problems.length === 0 && (!selector.isSet || (!isEmpty && !hasLabelsOf(selector, labels)))) {
    yield labels.invalid('`selector` does not match template `labels`', labels.isSet ? labels.value : null);
  }
  yield* checkPods(spec);
}

function* checkPods(spec: FieldPlace): FieldErrors {
  const template = spec.at('template');
  yield* fromRefusals(checkNamesOfWorkload({ spec: { template: template.fields } as unknown as WorkloadControllerSpec }));
  // A StatefulSet gives its pods a volume for each of its claims; pkg/controller/statefulset updateStorage.
  const claims = spec.at('volumeClaimTemplates').items.map((claim) => claim.at('metadata').at('name').text);
  yield* judgePodSpec(template.at('spec'), claims);
  const debugging = template.at('spec').at('ephemeralContainers');
  if (debugging.items.length > 0) yield debugging.forbidden('ephemeral containers not allowed in pod template');
}

/** Pods that are to be there always. */
function* checkAlways(spec: FieldPlace): FieldErrors {
  const pod = spec.at('template').at('spec');
  if (pod.at('restartPolicy').text !== 'Always') yield pod.at('restartPolicy').notSupported(['Always']);
  const deadline = pod.at('activeDeadlineSeconds');
  if (deadline.isSet) yield deadline.forbidden('activeDeadlineSeconds in ReplicaSet is not Supported');
}
