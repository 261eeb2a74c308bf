import { selects } from '../../model/labels.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { Labels } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';

/** Labels that controllers and Istio give to pods: they change with each rollout, or say nothing of the workload. */
const GENERATED =
  /^(pod-template-hash|pod-template-generation|controller-revision-hash|controller-uid|job-name|statefulset\.kubernetes\.io\/.*|apps\.kubernetes\.io\/.*|batch\.kubernetes\.io\/.*|topology\..*|security\.istio\.io\/.*|service\.istio\.io\/.*|sidecar\.istio\.io\/.*|istio\.io\/.*)$/;

/** The labels by which people tell workloads apart, the best first. */
const USUAL: readonly string[] = [
  'app',
  'app.kubernetes.io/name',
  'k8s-app',
  'name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/component',
];
const VERSIONS: readonly string[] = ['version', 'app.kubernetes.io/version'];

/** What people call a workload: its label `app` or the like, else the workload's own name. */
export function nameOfApplication({ ownLabels, workloadName }: Workload): string {
  return (
    USUAL.slice(0, 4)
      .map((key) => own(ownLabels, key))
      .find((value) => value !== undefined && value !== '') ?? workloadName
  );
}

/** Labels that select these pods and none else among `all`, as few as there are; undefined where no labels do. */
export function labelsThatSelect(pods: readonly Workload[], all: readonly Workload[]): Labels | undefined {
  const [first] = pods;
  if (first === undefined) return undefined;
  const common = Object.entries(first.ownLabels)
    .filter(([key, value]) => !GENERATED.test(key) && pods.every(({ ownLabels }) => own(ownLabels, key) === value))
    .sort(([a], [b]) => rank(a) - rank(b) || compareText(a, b));
  const others = all.filter((one) => !pods.includes(one) && one.namespace === first.namespace);
  // A label that says nothing of the application (version: v2) would select what is added later.
  const [main] = common;
  if (main === undefined) return undefined;
  const choices = [[main], ...common.slice(1).map((other) => [main, other]), common];
  const found = choices.find((labels) => !others.some(({ labels: has }) => selects(Object.fromEntries(labels), has)));
  return found && Object.fromEntries(found);
}

function rank(key: string): number {
  const usual = USUAL.indexOf(key);
  if (usual !== -1) return usual;
  const version = VERSIONS.indexOf(key);
  return version === -1 ? USUAL.length + VERSIONS.length : USUAL.length + version;
}
