import type { GRPCMethodMatch, GRPCRouteMatch, HTTPHeaderMatch, HTTPRouteMatch } from '../../api/gateway-api.ts';
import type { HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { compact } from '../../util/object.ts';
import type { RouteRefusal } from './backends.ts';

/** A match of an HTTPRoute. As istio createURIMatch, createHeadersMatch, createQueryParamsMatch, createMethodMatch. */
export function convertHttpMatch({ path, headers, queryParams, method }: HTTPRouteMatch): HTTPMatchRequest {
  return compact({
    uri: pathMatch(path?.type ?? 'PathPrefix', path?.value ?? '/'),
    headers: nameMatches(headers),
    queryParams: nameMatches(queryParams),
    method: method === undefined ? undefined : { exact: method },
  });
}

/** A match of a GRPCRoute, whose methods are paths `/service/method`; refused when it names neither. As istio createGRPCURIMatch. */
export function convertGrpcMatch({ method, headers }: GRPCRouteMatch, path: Path): HTTPMatchRequest | RouteRefusal {
  if (method !== undefined && method.service === undefined && method.method === undefined) {
    return { refused: 'a method match must name a service or a method', path: [...path, 'method'] };
  }
  return compact({ uri: method && methodMatch(method), headers: nameMatches(headers) });
}

function pathMatch(type: NonNullable<NonNullable<HTTPRouteMatch['path']>['type']>, value: string): StringMatch {
  switch (type) {
    case 'Exact':
      return { exact: value };
    case 'RegularExpression':
      return { regex: value };
    default:
      return { prefix: value === '/' ? value : value.replace(/\/$/, '') };
  }
}

function methodMatch({ type = 'Exact', service, method }: GRPCMethodMatch): StringMatch {
  if (service === undefined) return { regex: `/[^/]+/${method}` };
  if (type === 'RegularExpression') return { regex: `/${service}/${method ?? '.+'}` };
  return method === undefined ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
}

/** Of several conditions on one name the last counts. */
function nameMatches(matches: readonly HTTPHeaderMatch[] | undefined): Readonly<Record<string, StringMatch>> | undefined {
  if (matches === undefined || matches.length === 0) return undefined;
  return Object.fromEntries(
    matches.map(({ type = 'Exact', name, value }) => [name, type === 'Exact' ? { exact: value } : { regex: value }]),
  );
}
