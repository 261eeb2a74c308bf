import type { Headers } from '../../../api/istio.gen.ts';
import type { HeaderValueOption, Route } from '../../../envoy/api.gen.ts';
import { isHostHeader } from '../../../model/traffic/host.ts';
import { compact, nonEmpty } from '../../../util/object.ts';
import { compareText } from '../../../util/text.ts';
import { forwards, onlyDestination, type RouteFeature } from '../route-input.ts';

/** Header operations in Envoy's form; `authority` is the value that they give to the Host header, empty for none. */
export interface HeaderOperations
  extends Pick<Route, 'requestHeadersToAdd' | 'requestHeadersToRemove' | 'responseHeadersToAdd' | 'responseHeadersToRemove'> {
  readonly authority: string;
}

/** Header operations of the rule, then of its only destination; those of weighted destinations stay with them. */
export const headers: RouteFeature = {
  name: 'headers',
  build: ({ rule }) => {
    const { authority: _, ...ofRule } = headerOperations(rule.headers);
    const only = forwards(rule) ? onlyDestination(rule) : undefined;
    if (only?.headers === undefined) return { route: ofRule };
    const ofDestination = headerOperations(only.headers);
    return {
      route: compact({
        requestHeadersToAdd: join(ofRule.requestHeadersToAdd, ofDestination.requestHeadersToAdd),
        requestHeadersToRemove: join(ofRule.requestHeadersToRemove, ofDestination.requestHeadersToRemove),
        responseHeadersToAdd: join(ofRule.responseHeadersToAdd, ofDestination.responseHeadersToAdd),
        responseHeadersToRemove: join(ofRule.responseHeadersToRemove, ofDestination.responseHeadersToRemove),
      }),
    };
  },
};

/** Envoy's form of header operations: what is set before what is added, each by name. As istio TranslateHeadersOperations. */
export function headerOperations(operations: Headers | undefined): HeaderOperations {
  const { request = {}, response = {} } = operations ?? {};
  return compact({
    requestHeadersToAdd: join(addAll(request.set, false), addAll(request.add, true)),
    requestHeadersToRemove: nonEmpty((request.remove ?? []).filter(isChangeable)),
    responseHeadersToAdd: join(addAll(response.set, false), addAll(response.add, true)),
    responseHeadersToRemove: nonEmpty((response.remove ?? []).filter(isChangeable)),
    authority: authorityOf(request.set) || authorityOf(request.add),
  });
}

function join<T>(first: readonly T[] = [], second: readonly T[] = []): readonly T[] | undefined {
  return nonEmpty([...first, ...second]);
}

function addAll(values: Readonly<Record<string, string>> | undefined, append: boolean): HeaderValueOption[] {
  return Object.entries(values ?? {})
    .filter(([key]) => isChangeable(key))
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => {
      const header = value === '' ? { key } : { key, value };
      // appending is Envoy's default
      return append ? { header } : { header, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
    });
}

/** Envoy rewrites the host by other means and refuses to change other pseudo headers. */
function isChangeable(key: string): boolean {
  return !key.startsWith(':') && key.toLowerCase() !== 'host';
}

function authorityOf(values: Readonly<Record<string, string>> | undefined): string {
  const hosts = Object.entries(values ?? {}).filter(([key]) => isHostHeader(key));
  return hosts.at(-1)?.[1] ?? '';
}
