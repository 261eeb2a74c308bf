import { canDo, type ProxyAbility } from '../../releases/proxy-abilities.ts';
import type { Proxy } from './proxy.ts';

/** Whether the release of a proxy, which can be older than istiod's, can do something. */
export function proxyCan({ istioVersion }: Pick<Proxy, 'istioVersion'>, ability: ProxyAbility): boolean {
  return canDo(istioVersion, ability);
}
