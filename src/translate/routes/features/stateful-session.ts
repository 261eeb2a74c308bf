import { forwards, onlyDestination, type RouteFeature, weightedDestinations } from '../route-input.ts';
import { statefulSession } from '../stateful-session.ts';

/**
 * Keeps clients with one endpoint of the service that requests go to. Of several with such a label, the first counts; one without
 * behind it takes the session away. As istio core/route TranslateRoute.
 */
export const sessions: RouteFeature = {
  name: 'sessions',
  build: ({ rule, context }) => {
    if (!context.behaviours.enablePersistentSessionFilter || !forwards(rule)) return {};
    const only = onlyDestination(rule);
    let filters: ReturnType<typeof statefulSession>;
    for (const { destination } of only === undefined ? weightedDestinations(rule) : [only]) {
      const found = statefulSession(context.lookupService(destination?.host ?? ''), context.behaviours);
      if (found !== undefined && filters !== undefined) break;
      filters = found;
    }
    return filters === undefined ? {} : { filters };
  },
};
