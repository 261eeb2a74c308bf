import type {
  ChangeForm,
  ControlPlaneOfCluster,
  ControlPlaneSide,
  UpgradeCause,
  UpgradeEffect,
  UpgradeReport,
  VersionedPatch,
} from '../../operations/upgrade/report.ts';
import { assertNever } from '../../util/assert.ts';
import { count } from '../count.ts';
import { equalityWords, formatValue, limitWords, resourceWords, shortEqualityWords, signs, triedWords } from '../diff/words.ts';

/** Which control planes are compared. */
export function sidesWords({ before, after, controlPlanes = [] }: UpgradeReport): string {
  const each = controlPlanes.map((one) => ({ cluster: one.cluster, words: bothWords(one) }));
  if (new Set(each.map(({ words }) => words)).size <= 1) return bothWords({ before, after });
  return each.map(({ cluster, words }) => `${cluster}: ${words}`).join('; ');
}

function bothWords({ before, after, isUnchanged }: Omit<ControlPlaneOfCluster, 'cluster'>): string {
  if (isUnchanged) return `${sideWords(before)}, as before`;
  const both = `${sideWords(before)} -> ${sideWords(after)}`;
  return before.version === after.version && before.proxyVersion === after.proxyVersion
    ? `${both}, in another environment`
    : both;
}

function sideWords({ version, proxyVersion }: ControlPlaneSide): string {
  return `Istio ${version}${proxyVersion === version ? '' : ` with proxies ${proxyVersion}`}`;
}

/** What makes changes, on one line. */
export function causesWords(causes: readonly UpgradeCause[]): string {
  const [only, ...others] = causes;
  if (only === undefined) return 'No single difference between the two';
  if (others.length === 0) return causeWords(only);
  return `Together: ${causes.map(causeWords).join('; ')}`;
}

/** One cause: what is so now, or no longer, and in which clusters, where it is not in all. */
export function causeWords(cause: UpgradeCause): string {
  return `${whatWords(cause)}${clustersWords(cause)}`;
}

function clustersWords({ clusters = [] }: UpgradeCause): string {
  if (clusters.length === 0) return '';
  return ` (${clusters.length === 1 ? 'cluster' : 'clusters'} ${clusters.join(', ')})`;
}

function whatWords(cause: UpgradeCause): string {
  switch (cause.kind) {
    case 'proxy-version':
      return `proxies report version ${cause.after}, not ${cause.before}`;
    case 'api':
      return `resources are read as Istio ${cause.after} defines them, not as ${cause.before}`;
    case 'behaviour': {
      const { about, before, after, change } = cause;
      const told = change === undefined ? '' : ` (istio/istio ${change})`;
      if (after === true) return `${about}${told}`;
      if (after === false) return `no longer: ${about}${told}`;
      return `${about}: ${formatValue(before)} -> ${formatValue(after)}${told}`;
    }
    default:
      return assertNever(cause);
  }
}

/** How the former behaviour is kept, for each cause that can be kept off. */
export function formerWords(causes: readonly UpgradeCause[]): readonly string[] {
  return causes.flatMap((cause) => {
    if (cause.kind !== 'behaviour' || cause.former === undefined) return [];
    const { variable, value } = cause.former;
    return [`${variable}=${value} in istiod's environment${clustersWords(cause)} keeps it as it was`];
  });
}

/** How much changes. */
export function extentWords({ resources, proxies }: UpgradeEffect): string {
  return `${count(resources, 'resource')} in ${count(proxies.length, 'proxy', 'proxies')}`;
}

/** A form of change: which kind of resource, where in it, the values if they are the same everywhere, how many. */
export function formWords({ kind, type, where, before, after, resources }: ChangeForm): string {
  const values = [before, after].filter((value) => value !== undefined).map(formatValue);
  const place = [resourceWords[type], where].filter((part) => part !== '').join(' ');
  return `${signs[kind]} ${place}${values.length === 0 ? '' : `: ${values.join(' -> ')}`} (${resources})`;
}

/** Which proxies a patch begins or ceases to be for. */
export function patchWords({ namespace, name, index, proxyVersion, file, line, starts, stops }: VersionedPatch): string {
  const changes = [
    ...(starts.length > 0 ? [`begins to match ${count(starts.length, 'proxy', 'proxies')}`] : []),
    ...(stops.length > 0 ? [`matches ${count(stops.length, 'proxy', 'proxies')} no more`] : []),
  ];
  return `EnvoyFilter ${namespace}/${name} configPatches[${index}] (proxyVersion ${proxyVersion}) ${changes.join(', ')}  (${file}:${line})`;
}

/** What is known of all requests, and what that rests on. */
export function certaintyWords(report: UpgradeReport): readonly string[] {
  return certainty(report, equalityWords(report.requests));
}

/** The same for people: of many places of which it is not known, those with the same reason together. */
export function shortCertaintyWords(report: UpgradeReport): readonly string[] {
  return certainty(report, shortEqualityWords(report.requests));
}

function certainty(report: UpgradeReport, equality: readonly string[]): readonly string[] {
  const { requests, controlPlanes = [report] } = report;
  const versions = controlPlanes.flatMap(({ before, after }) =>
    before.proxyVersion === after.proxyVersion ? [] : [`proxies ${after.proxyVersion} than in ${before.proxyVersion}`],
  );
  return [
    ...limitWords(requests),
    ...equality,
    // Proxies of all versions are simulated in one way.
    ...(requests.proof === undefined
      ? []
      : [...new Set(versions)].map((both) => `  assumed to make no difference: what Envoy itself does otherwise in ${both}`)),
  ];
}

/** One line on the whole report. */
export function summaryWords({ proxies, requests, findings }: UpgradeReport): string {
  const { added, removed, changed, unchanged } = proxies;
  const others = [
    ...(added.length > 0 ? [`${added.length} added`] : []),
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
  ];
  return [
    [`${count(changed.length, 'proxy', 'proxies')} changed`, ...others, `${unchanged} unchanged`].join(', '),
    ...triedWords(requests),
    `${count(findings.refused.length, 'resource')} refused, ${count(findings.introduced.length, 'finding')} introduced, ${findings.fixed.length} fixed`,
  ].join('; ');
}
