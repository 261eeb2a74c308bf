import type { Release } from '../../releases/release.ts';

/** Which of the Gateway API's two sets of definitions a cluster has. */
export type GatewayApiChannel = 'standard' | 'experimental';

/** How a cluster is set up, and how it is asked. */
export interface ApiServerOptions {
  readonly release: Release;
  readonly channel: GatewayApiChannel;
  /** Whether somebody says that the cluster has this channel. */
  readonly isChannelSure: boolean;
  /** What becomes of fields that it does not know: `--validate` of kubectl. */
  readonly unknownFields: 'strict' | 'warn';
}
