import type { HTTPMatchRequest, VirtualService } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { regexRefused, regexTooLarge } from '../../diagnostics/problems/refusals.ts';
import type { Resource } from '../../resource/resource.ts';
import { nothingElse } from '../../util/fields.ts';
import { isObject, own } from '../../util/object.ts';
import { expressionProblem, MAX_PROGRAM_SIZE, programSize } from '../../util/re2.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** The annotation of pods that names statistics to keep. */
const STATISTICS_ANNOTATION = 'sidecar.istio.io/statsInclusionRegexps';

/**
 * Regular expressions that Envoy refuses. Istio checks the syntax of those of VirtualServices itself (IST0106), but not how large
 * they become, and neither of those of routes of the Gateway API, EnvoyFilters and annotations.
 */
export const expressions: Analyzer = {
  name: 'mesh.expressions',
  about: 'Regular expressions that Envoy refuses, in places that Istio does not check',
  reads: ['VirtualService', 'HTTPRoute', 'GRPCRoute', 'EnvoyFilter', 'Pod'],
  codes: [regexRefused.code, regexTooLarge.code],
  run: (reader, report) => {
    const check = (resource: Resource, path: Path, expression: string): void => checkSyntax(resource, path, expression, report);
    for (const virtualService of reader.list('VirtualService')) {
      for (const { path, expression } of expressionsOf(virtualService.spec)) {
        checkSize(virtualService, path, expression, report);
      }
    }
    for (const kind of ['HTTPRoute', 'GRPCRoute'] as const) {
      for (const route of reader.list(kind)) {
        for (const { path, expression } of typedExpressions(route.spec, ['spec'])) check(route, path, expression);
      }
    }
    for (const filter of reader.list('EnvoyFilter')) {
      for (const { path, expression } of envoyExpressions(filter.spec, ['spec'])) check(filter, path, expression);
    }
    for (const pod of reader.pods.all) {
      const annotation = pod.annotations[STATISTICS_ANNOTATION];
      if (annotation === undefined) continue;
      const path: Path = pod.kind === 'Pod' ? ['metadata', 'annotations', STATISTICS_ANNOTATION] : ['metadata'];
      for (const expression of annotation.split(',')) check(pod, path, expression);
    }
  },
};

interface Found {
  readonly path: Path;
  readonly expression: string;
}

function checkSyntax(resource: Resource, path: Path, expression: string, report: Report): void {
  const problem = expressionProblem(expression);
  if (problem === undefined) checkSize(resource, path, expression, report);
  else report(regexRefused(at(resource, path), formatField(path), problem.replace(/^error parsing regexp: /, '')));
}

function checkSize(resource: Resource, path: Path, expression: string, report: Report): void {
  // Only repetitions make a program much larger than its text.
  if (expression.length <= MAX_PROGRAM_SIZE && !/[{]\d/.test(expression)) return;
  const size = programSize(expression);
  if (size !== undefined && size > MAX_PROGRAM_SIZE) {
    report(regexTooLarge(at(resource, path), formatField(path), size, MAX_PROGRAM_SIZE));
  }
}

/** The expressions of a VirtualService: matches, rewrites and origins. */
function expressionsOf({ http = [] }: VirtualService): readonly Found[] {
  return http.flatMap((rule, index) => {
    const path: Path = ['spec', 'http', index];
    const rewrite = rule.rewrite?.uriRegexRewrite?.match;
    return [
      ...(rule.match ?? []).flatMap((match, i) => matchExpressions(match, [...path, 'match', i])),
      ...(rewrite === undefined ? [] : [{ path: [...path, 'rewrite', 'uriRegexRewrite', 'match'], expression: rewrite }]),
      ...(rule.corsPolicy?.allowOrigins ?? []).flatMap(({ regex }, i) =>
        regex === undefined ? [] : [{ path: [...path, 'corsPolicy', 'allowOrigins', i, 'regex'], expression: regex }],
      ),
    ];
  });
}

function matchExpressions(match: HTTPMatchRequest, path: Path): readonly Found[] {
  const { uri, scheme, method, authority, headers, withoutHeaders, queryParams, ...others } = match;
  const { name, port, sourceLabels, sourceNamespace, gateways, ignoreUriCase, statPrefix, ...rest } = others;
  nothingElse(rest);
  const single = Object.entries({ uri, scheme, method, authority }).flatMap(([field, text]) =>
    text?.regex === undefined ? [] : [{ path: [...path, field, 'regex'], expression: text.regex }],
  );
  const named = Object.entries({ headers, withoutHeaders, queryParams }).flatMap(([field, texts = {}]) =>
    Object.entries(texts).flatMap(([key, { regex }]) =>
      regex === undefined ? [] : [{ path: [...path, field, key, 'regex'], expression: regex }],
    ),
  );
  return [...single, ...named];
}

/** The expressions of a route of the Gateway API: `value` (or `method`, `service`) beside `type: RegularExpression`. */
function typedExpressions(value: unknown, path: Path): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => typedExpressions(item, [...path, index]));
  if (!isObject(value)) return [];
  const here =
    value.type === 'RegularExpression'
      ? ['value', 'method', 'service'].flatMap((key) => {
          const expression = own(value, key);
          return typeof expression === 'string' ? [{ path: [...path, key], expression }] : [];
        })
      : [];
  return [...here, ...Object.entries(value).flatMap(([key, member]) => typedExpressions(member, [...path, key]))];
}

const HOLDERS: readonly string[] = ['saferegex', 'saferegexmatch', 'pattern'];

/** The expressions in values of Envoy: `regex` of a RegexMatcher. */
function envoyExpressions(value: unknown, path: Path): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => envoyExpressions(item, [...path, index]));
  if (!isObject(value)) return [];
  const holder = String(path.at(-1)).toLowerCase().replaceAll('_', '');
  const own =
    HOLDERS.includes(holder) && typeof value.regex === 'string' ? [{ path: [...path, 'regex'], expression: value.regex }] : [];
  return [...own, ...Object.entries(value).flatMap(([key, member]) => envoyExpressions(member, [...path, key]))];
}
