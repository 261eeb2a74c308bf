import type { Service } from './service.ts';

/**
 * Whether clients of the service stay with one endpoint by cookie or header, and so with endpoints that take no new sessions.
 * As istio pilot/pkg/model/service.go SupportsDrainingEndpoints.
 */
export function keepsSessions({ labels }: Pick<Service, 'labels'>): boolean {
  return Boolean(labels['istio.io/persistent-session'] || labels['istio.io/persistent-session-header']);
}
