import type { Destination, RouteDestination } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { subsetNameProblem } from './destination-rule.ts';
import { error, errorIf, type Findings } from './finding.ts';
import { wildcardNameProblem } from './hosts.ts';
import { checkPort } from './numbers.ts';

/** A destination of a route; istio validateDestination. */
export function* checkDestination(path: Path, { host = '', subset = '', port }: Destination): Findings {
  yield* errorIf([...path, 'host'], host === '*' ? `invalid destination host ${host}` : wildcardNameProblem(host));
  if (subset !== '') yield* errorIf([...path, 'subset'], subsetNameProblem(subset));
  if (port !== undefined) yield* checkPort([...path, 'port', 'number'], port.number ?? 0);
}

/**
 * The destinations of a route with their weights; istio validateRouteDestinations. `isConverted`: the route was made by istiod
 * of the Gateway API, whose destinations are known to be good.
 */
export function* checkDestinations(path: Path, destinations: readonly RouteDestination[], isConverted: boolean): Findings {
  for (const [index, { destination, weight = 0 }] of destinations.entries()) {
    const at = [...path, index];
    if (destination === undefined) yield error([...at, 'destination'], 'destination is required');
    else if (!isConverted) yield* checkDestination([...at, 'destination'], destination);
    if (weight < 0) yield error([...at, 'weight'], `weight ${weight} < 0`);
  }
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (destinations.length > 1 && total === 0) yield error(path, 'total destination weight = 0');
}
