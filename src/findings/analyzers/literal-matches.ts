import type { HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { matchTakenLiterally } from '../../diagnostics/problems/virtual-services.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Matches of VirtualServices that are written as patterns, or as people speak, and are compared letter by letter. */
export const literalMatches: Analyzer = {
  name: 'mesh.virtualservice.LiteralMatches',
  about: 'Wildcards and expressions in exact and prefix matches, and methods in lower case, which match no request',
  reads: ['VirtualService'],
  codes: [matchTakenLiterally.code],
  run: (reader, report) => {
    for (const resource of reader.list('VirtualService')) {
      (resource.spec.http ?? []).forEach(({ match = [] }, rule) => {
        match.forEach((condition, index) => {
          for (const { path, value, why } of literals(condition, ['spec', 'http', rule, 'match', index])) {
            report(matchTakenLiterally(at(resource, path), formatField(path), value, why));
          }
        });
      });
    }
  },
};

interface Literal {
  readonly path: Path;
  readonly value: string;
  readonly why: string;
}

function literals({ uri, method }: HTTPMatchRequest, path: Path): readonly Literal[] {
  return [...of(uri, [...path, 'uri'], pathProblem), ...of(method, [...path, 'method'], methodProblem)];
}

function of(
  match: StringMatch | undefined,
  path: Path,
  problem: (value: string, kind: string) => string | undefined,
): readonly Literal[] {
  return (['exact', 'prefix'] as const).flatMap((kind): readonly Literal[] => {
    const value = match?.[kind];
    const why = value === undefined ? undefined : problem(value, kind);
    return value === undefined || why === undefined ? [] : [{ path: [...path, kind], value, why }];
  });
}

/** A star alone may stand in a path, though it seldom does; it is told at the end, where it is meant for the rest. */
function pathProblem(value: string, kind: string): string | undefined {
  if (/\.[*+]$|\(\.[*+]\)|\(\/\|\$\)|\][*+]/.test(value)) {
    return kind === 'prefix' ? 'use regex, or end the prefix before it' : 'use regex, or prefix';
  }
  const star = value.indexOf('*');
  if (star === -1 || !['*', '**'].includes(value.slice(star))) return undefined;
  const rest = value.slice(0, star);
  return `use prefix: "${rest === '' ? '/' : rest}"`;
}

function methodProblem(value: string): string | undefined {
  const upper = value.toUpperCase();
  return value !== upper && METHODS.has(upper) ? `methods are in upper case: write "${upper}"` : undefined;
}
