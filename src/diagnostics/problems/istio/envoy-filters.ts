import { defineProblem, type Problem } from '../../problem.ts';
import { envoyFilter, insertBefore, join } from './examples.ts';

/** Findings of Istio about EnvoyFilters. */

export const envoyFilterUsesRelativeOperation: Problem<[]> = defineProblem({
  code: 'IST0151',
  name: 'envoy-filter-uses-relative-operation',
  severity: 'warning',
  about: 'A patch of an EnvoyFilter depends on what other filters do before it, and nothing fixes the order.',
  example: envoyFilter('cart', insertBefore),
  fix: 'Set spec.priority, or use INSERT_FIRST.',
  message: () =>
    'This EnvoyFilter does not have a priority and has a relative patch operation set which can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
});

export const envoyFilterUsesReplaceOperationIncorrectly: Problem<[]> = defineProblem({
  code: 'IST0152',
  name: 'envoy-filter-uses-replace-operation-incorrectly',
  severity: 'error',
  about: 'REPLACE has no effect on what a patch of an EnvoyFilter applies to.',
  example: envoyFilter('cart', 'applyTo: CLUSTER\n    patch: {operation: REPLACE, value: {name: x}}'),
  fix: 'Use MERGE, or REMOVE and ADD.',
  message: () => 'The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.',
});

export const envoyFilterUsesAddOperationIncorrectly: Problem<[]> = defineProblem({
  code: 'IST0153',
  name: 'envoy-filter-uses-add-operation-incorrectly',
  severity: 'error',
  about: 'ADD has no effect on what a patch of an EnvoyFilter applies to.',
  example: envoyFilter('cart', 'applyTo: HTTP_ROUTE\n    patch: {operation: ADD, value: {name: x}}'),
  fix: 'Use INSERT_FIRST, INSERT_BEFORE or MERGE.',
  message: () => 'The ADD operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
});

export const envoyFilterUsesRemoveOperationIncorrectly: Problem<[]> = defineProblem({
  code: 'IST0154',
  name: 'envoy-filter-uses-remove-operation-incorrectly',
  severity: 'error',
  about: 'REMOVE has no effect on what a patch of an EnvoyFilter applies to.',
  example: envoyFilter('cart', 'applyTo: HTTP_ROUTE\n    patch: {operation: REMOVE}'),
  fix: 'Change the VirtualService from which the route comes.',
  message: () => 'The REMOVE operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
});

export const envoyFilterUsesRelativeOperationWithProxyVersion: Problem<[]> = defineProblem({
  code: 'IST0155',
  name: 'envoy-filter-uses-relative-operation-with-proxy-version',
  severity: 'warning',
  about: "A patch of an EnvoyFilter depends on other filters and on the proxy's version, and nothing fixes the order.",
  example: join(
    envoyFilter('a', insertBefore.replace('match: {', "match: {proxy: {proxyVersion: '^1\\.30.*'}, ")),
    envoyFilter('b', insertBefore),
  ),
  fix: 'Set spec.priority, or use INSERT_FIRST.',
  message: () =>
    'This EnvoyFilter does not have a priority and has a relative patch operation (NSTERT_BEFORE/AFTER, REPLACE, MERGE, DELETE) and proxyVersion set which can cause the EnvoyFilter not to be applied during an upgrade. Using the INSERT_FIRST or ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
});
