import type { Behaviours } from '../../releases/release.ts';
import { own } from '../../util/object.ts';
import type { Service } from './service.ts';

type SessionLabels = Pick<Behaviours, 'persistentSessionLabel' | 'persistentSessionHeaderLabel'>;

/**
 * Whether clients of the service stay with one endpoint by cookie or header, and so with endpoints that take no new sessions.
 * As istio pilot/pkg/model/service.go SupportsDrainingEndpoints.
 */
export function keepsSessions(service: Pick<Service, 'labels'>, behaviours: SessionLabels): boolean {
  return keepsSessionsByCookie(service, behaviours) || sessionHeader(service, behaviours) !== '';
}

/**
 * Whether they do so by cookie: endpoint discovery sends draining endpoints to clients of these services alone.
 * As istio pilot/pkg/xds/endpoints/endpoint_builder.go filterIstioEndpoint.
 */
export function keepsSessionsByCookie(service: Pick<Service, 'labels'>, behaviours: SessionLabels): boolean {
  return sessionCookie(service, behaviours) !== '';
}

/** What the label of the service says of the cookie, `name` or `name:path`; empty for none. */
export function sessionCookie({ labels }: Pick<Service, 'labels'>, { persistentSessionLabel: label }: SessionLabels): string {
  return label === '' ? '' : (own(labels, label) ?? '');
}

/** The header that the label of the service names; empty for none. */
export function sessionHeader(
  { labels }: Pick<Service, 'labels'>,
  { persistentSessionHeaderLabel: label }: SessionLabels,
): string {
  return label === '' ? '' : (own(labels, label) ?? '');
}
