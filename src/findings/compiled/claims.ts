import type { HTTPMatchRequest } from '../../api/istio.gen.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { emptyClaimMatch } from '../../diagnostics/problems/refusals.ts';
import type { Mesh } from '../../model/mesh.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';

const CLAIM = '@request.auth.claims';

/** Matches of claims that say nothing: they become an empty StringMatcher, of which Envoy's schema demands one pattern. */
export function findEmptyClaims(mesh: Mesh): readonly Diagnostic[] {
  return resourcesOf(mesh.resources, 'VirtualService').flatMap((resource) =>
    (resource.spec.http ?? []).flatMap(({ match = [] }, i) =>
      match.flatMap((one, j) =>
        emptyClaims(one).map(([field, name]) => {
          const path = ['spec', 'http', i, 'match', j, field, name];
          return emptyClaimMatch(at(resource, path), `spec.http[${i}].match[${j}].${field}`, `"${name}"`);
        }),
      ),
    ),
  );
}

function emptyClaims({ headers = {}, withoutHeaders = {} }: HTTPMatchRequest): readonly (readonly [string, string])[] {
  const empty = (field: string, matches: NonNullable<HTTPMatchRequest['headers']>): (readonly [string, string])[] =>
    Object.entries(matches)
      .filter(([name, { exact, prefix, regex }]) => name.startsWith(CLAIM) && (exact ?? prefix ?? regex) === undefined)
      .map(([name]) => [field, name]);
  return [...empty('headers', headers), ...empty('withoutHeaders', withoutHeaders)];
}
