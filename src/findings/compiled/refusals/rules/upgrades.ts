import type { HttpConnectionManager, RouteAction } from '../../../../envoy/api.gen.ts';
import { type Complain, defineRule, quoteShort, type RefusalRule } from '../rule.ts';

/** An upgrade of a connection manager or a route. */
type Upgrade = NonNullable<RouteAction['upgradeConfigs']>[number];

/**
 * Each upgrade once, however it is spelled; what EnvoyFilters merge comes to what is there, as WebSocket is. Envoy
 * source/extensions/filters/network/http_connection_manager/config.cc.
 */
export const upgradesOfManager: RefusalRule = defineRule(
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  'value',
  ({ upgradeConfigs = [] }: HttpConnectionManager, complain) => complainOfRepeated(upgradeConfigs, complain),
);

/** The same of routes, whose upgrades connect only by CONNECT. Envoy source/common/router/config_impl.cc RouteEntryImplBase. */
export const upgradesOfRoute: RefusalRule = defineRule(
  'envoy.config.route.v3.RouteAction',
  'value',
  ({ upgradeConfigs = [] }: RouteAction, complain) => {
    complainOfRepeated(upgradeConfigs, complain);
    for (const [index, { upgradeType = '', connectConfig }] of upgradeConfigs.entries()) {
      if (connectConfig !== undefined && upgradeType.toUpperCase() !== 'CONNECT')
        complain(
          ['upgradeConfigs', index, 'connectConfig'],
          `is for an upgrade to ${quoteShort(upgradeType)}`,
          'leave it to CONNECT',
        );
    }
  },
);

function complainOfRepeated(upgrades: readonly Pick<Upgrade, 'upgradeType'>[], complain: Complain): void {
  const known = new Map<string, number>();
  for (const [index, { upgradeType = '' }] of upgrades.entries()) {
    const key = upgradeType.toLowerCase();
    const first = known.get(key);
    if (first === undefined) known.set(key, index);
    else
      complain(
        ['upgradeConfigs', index],
        `is a second one for ${quoteShort(upgradeType)}`,
        'leave it out: MERGE adds to what is there',
        ['upgradeConfigs', first],
      );
  }
}
