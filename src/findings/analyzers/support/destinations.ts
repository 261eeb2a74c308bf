import type { Destination, VirtualService } from '../../../api/istio.gen.ts';
import type { Path } from '../../../diagnostics/diagnostic.ts';

/** A destination of a VirtualService and where its host stands. */
export interface FoundDestination {
  readonly destination: Destination;
  readonly path: Path;
}

/** The destinations of all routes: TCP, TLS, HTTP; istio analyzers/virtualservice/util.go getRouteDestinations. */
export function routeDestinations({ tcp = [], tls = [], http = [] }: VirtualService): readonly FoundDestination[] {
  const found: FoundDestination[] = [];
  const add = (field: string, rules: readonly { readonly route?: readonly { readonly destination?: Destination }[] }[]): void => {
    rules.forEach(({ route = [] }, rule) => {
      route.forEach(({ destination = {} }, index) => {
        found.push({ destination, path: ['spec', field, rule, 'route', index, 'destination', 'host'] });
      });
    });
  };
  add('tcp', tcp);
  add('tls', tls);
  add('http', http);
  return found;
}

/**
 * The destinations that requests are mirrored to; istio getHTTPMirrorDestinations. Istio looks for the host of `mirrors` in a
 * place where it never stands, so that such a finding is of the whole document.
 */
export function mirrorDestinations({ http = [] }: VirtualService): readonly FoundDestination[] {
  return http.flatMap(({ mirror, mirrors = [] }, rule) => [
    ...(mirror === undefined ? [] : [{ destination: mirror, path: ['spec', 'http', rule, 'mirror', 'host'] }]),
    ...mirrors.map(({ destination = {} }, index) => ({ destination, path: ['spec', 'http', rule, 'mirrors', index, 'host'] })),
  ]);
}
