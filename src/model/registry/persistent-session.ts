import type { Service } from './service.ts';

const COOKIE_LABEL = 'istio.io/persistent-session';
const HEADER_LABEL = 'istio.io/persistent-session-header';

/**
 * Whether clients of the service stay with one endpoint by cookie or header, and so with endpoints that take no new sessions.
 * As istio pilot/pkg/model/service.go SupportsDrainingEndpoints.
 */
export function keepsSessions({ labels }: Pick<Service, 'labels'>): boolean {
  return Boolean(labels[COOKIE_LABEL] || labels[HEADER_LABEL]);
}

/**
 * Whether they do so by cookie: endpoint discovery sends draining endpoints to clients of these services alone.
 * As istio pilot/pkg/xds/endpoints/endpoint_builder.go filterIstioEndpoint.
 */
export function keepsSessionsByCookie({ labels }: Pick<Service, 'labels'>): boolean {
  return Boolean(labels[COOKIE_LABEL]);
}
