import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of EnvoyFilters. */

export const fieldIgnored: Problem<[field: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0102',
  name: 'field-ignored',
  severity: 'warning',
  about:
    'The value of an EnvoyFilter patch has a field that Envoy, as this version of Istio knows it, does not have. Istio ignores it.',
  cause: 'A misspelt field in spec.configPatches[].patch.value.',
  fix: 'Correct the name of the field, or remove it.',
  message: (field, suggestions) => `unknown field "${field}", which Istio ignores${didYouMean(suggestions)}`,
});

export const patchSkipped: Problem<[field: string, complaint: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH1601',
  name: 'patch-skipped',
  severity: 'warning',
  about: 'The value of an EnvoyFilter patch is not what Envoy calls that object, so Istio skips the patch.',
  cause: 'A patch value whose name or type is not that of the object.',
  fix: 'Correct the value.',
  message: (field, complaint, suggestions) => `the patch has no effect: ${field}: ${complaint}${didYouMean(suggestions)}`,
});

export const patchingBreaksOff: Problem<[reason: string]> = defineProblem({
  code: 'MESH1602',
  name: 'patching-breaks-off',
  severity: 'warning',
  about:
    'An EnvoyFilter patch makes Istio break off, so that the resource gets no later patch. MERGE needs a match on objects of one type.',
  cause: 'A MERGE whose match has objects of several types.',
  fix: 'Match one filter or one type.',
  message: (reason) => `Istio breaks off at this patch, so later patches of the same resources have no effect: ${reason}`,
});

export const patchMatchesNothing: Problem<[reason: string]> = defineProblem({
  code: 'MESH1603',
  name: 'patch-matches-nothing',
  severity: 'warning',
  about: 'An EnvoyFilter patch changes nothing: no proxy is selected, or nothing that its proxies have fits its match.',
  cause: 'A workloadSelector or match that fits nothing.',
  fix: 'Correct the selector or the match; mesh proxy-config shows what the proxies have.',
  message: (reason) => `the patch changes nothing: ${reason}`,
});
