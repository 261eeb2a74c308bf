import type { ResourceOf } from '../../resource/resource.ts';

/** Whether a virtual service shows in listeners: what it says of HTTP is in routes. */
export function hasConnectionRoutes({ spec }: Pick<ResourceOf<'VirtualService'>, 'spec'>): boolean {
  return (spec.tcp?.length ?? 0) > 0 || (spec.tls?.length ?? 0) > 0;
}
