import { any } from '../../envoy/any.ts';
import type { Any } from '../../envoy/api.gen.ts';
import { sessionCookie, sessionHeader } from '../../model/registry/persistent-session.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { STATEFUL_SESSION } from '../http-filters/static.ts';

/**
 * What keeps clients of a service with one endpoint, for the routes or the virtual host of the service: by the cookie or else the
 * header that a label of the service names. Undefined where nothing does.
 * As istio pilot/pkg/networking/util/util.go MaybeBuildStatefulSessionFilterConfig.
 */
export function statefulSession(
  service: Pick<Service, 'labels'> | undefined,
  behaviours: Behaviours,
): Readonly<Record<string, Any>> | undefined {
  if (service === undefined || !behaviours.enablePersistentSessionFilter) return undefined;
  const sessionState = sessionStateOf(sessionCookie(service, behaviours), sessionHeader(service, behaviours));
  if (sessionState === undefined) return undefined;
  return {
    [STATEFUL_SESSION]: any('type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute', {
      statefulSession: { sessionState },
    }),
  };
}

function sessionStateOf(cookie: string, header: string): { readonly name: string; readonly typedConfig: Any } | undefined {
  if (cookie !== '') {
    const colon = cookie.indexOf(':');
    const [name, path] = colon === -1 ? [cookie, '/'] : [cookie.slice(0, colon), cookie.slice(colon + 1)];
    const type = 'type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState';
    // Without a time to live, it ends with the session of the browser.
    return {
      name: 'envoy.http.stateful_session.cookie',
      typedConfig: any(type, { cookie: { ...(name !== '' && { name }), ...(path !== '' && { path }) } }),
    };
  }
  if (header === '') return undefined;
  const type = 'type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState';
  return { name: 'envoy.http.stateful_session.header', typedConfig: any(type, { name: header }) };
}
