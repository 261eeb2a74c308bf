import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** What lies in repositories beside manifests: what has to be built first, and kinds that Istio does not have. */

const MOST_NAMES = 10;

/** Names for people, the first of many. */
function listed(names: readonly string[]): string {
  const left = names.length - MOST_NAMES;
  return left > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${left} more` : names.join(', ');
}

export const chartNotRendered: Problem<[folders: readonly string[]]> = defineProblem({
  code: 'MESH0070',
  name: 'chart-not-rendered',
  severity: 'info',
  about: 'A folder is a Helm chart. Its templates are no manifests before helm has rendered them, so they are passed over.',
  cause: 'mesh analyze folder, where the folder holds a Chart.yaml.',
  fix: 'Render the chart: --helm DIR (with --values FILE) calls helm; or pipe: helm template DIR | mesh analyze -',
  message: (folders) =>
    folders.length === 1
      ? `${folders[0]} is a Helm chart, passed over: --helm ${folders[0]} renders it (or helm template ${folders[0]} | mesh analyze -)`
      : `${folders.length} Helm charts are passed over: ${listed(folders)}; --helm DIR renders one (or helm template DIR | mesh analyze -)`,
});

export const kustomizationNotBuilt: Problem<[folders: readonly string[]]> = defineProblem({
  code: 'MESH0071',
  name: 'kustomization-not-built',
  severity: 'info',
  about:
    'A folder is a kustomization that changes the manifests that it lists. They are read as they are written; patches and other parts of the build are passed over.',
  cause: 'mesh analyze folder, where the folder holds a kustomization.yaml with patches.',
  fix: 'Build it: -k DIR calls kustomize or kubectl; or pipe: kubectl kustomize DIR | mesh analyze -',
  message: (folders) =>
    folders.length === 1
      ? `${folders[0]} is a kustomization and is not built, its manifests are read as they are: -k ${folders[0]} builds it`
      : `${folders.length} kustomizations are not built, their manifests are read as they are: ${listed(folders)}; -k DIR builds one`,
});

export const templateNotRendered: Problem<[files: string]> = defineProblem({
  code: 'MESH0072',
  name: 'template-not-rendered',
  severity: 'error',
  about:
    'A file is a template: it holds {{ ... }}, or names and hosts with variables, that something else is to fill in. Nothing can be said of its objects.',
  cause: 'mesh analyze dr.yaml, where the name of an object is `{{ .Release.Name }}`.',
  fix: 'Render it first (helm template, kubectl kustomize, envsubst) and give mesh the result, as with mesh analyze -',
  message: (files) => `${files}: a template, passed over; render it first and give mesh the result`,
});

export const kindUnknown: Problem<[kind: string, group: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0073',
  name: 'kind-unknown',
  severity: 'warning',
  about: 'A kind or a group is none of Istio, but nearly so. A cluster refuses the object; it is passed over.',
  example: 'apiVersion: networking.istio.io/v1\nkind: VirtualServce\nmetadata: {name: cart}\n',
  fix: 'Correct the kind or the apiVersion.',
  message: (kind, group, suggestions) => `there is no kind ${kind} in ${group}${didYouMean(suggestions)}, passed over`,
});

export const kindRemoved: Problem<[kind: string, group: string, release: string, instead: string]> = defineProblem({
  code: 'MESH0074',
  name: 'kind-removed',
  severity: 'warning',
  about: 'A kind was removed from Istio: nobody reads the object any more, and what it was to do is not done.',
  example: 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: default}\n',
  fix: 'Write what it was for with the kind that took its place.',
  message: (kind, group, release, instead) => `${group}/${kind} was removed in Istio ${release}, passed over: use ${instead}`,
});

export const goneOn: Problem<[errors: number]> = defineProblem({
  code: 'MESH0075',
  name: 'gone-on',
  severity: 'warning',
  about: 'The input has errors, and the work went on without the documents that have them, since --keep-going asks for it.',
  cause: 'mesh translate --keep-going, with a document that cannot be read.',
  fix: 'Correct the errors.',
  message: (errors) =>
    `${errors === 1 ? '1 error' : `${errors} errors`} in the input: what stands there is missing from what is computed (--keep-going)`,
});
