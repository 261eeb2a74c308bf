import type { FilterChain } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { AccessLogLine } from './outcome.ts';
import type { TracePod } from './pod.ts';
import type { Connection, HopRecorder, PeerCertificate, Run } from './run.ts';

/** A connection in a filter chain, TLS taken off. */
export interface AcceptedConnection {
  readonly run: Run;
  readonly pod: TracePod;
  readonly snapshot: XdsSnapshot;
  readonly hop: HopRecorder;
  readonly chain: FilterChain;
  readonly base: Pick<AccessLogLine, 'proxy' | 'side' | 'local'>;
  readonly connection: Connection;
  readonly destination: { readonly ip: string; readonly port: number };
  /** Whether the destination is where the client wanted to go, restored after interception. */
  readonly isRestored: boolean;
  readonly serverName: string;
  readonly isTls: boolean;
  readonly peer: PeerCertificate | undefined;
  readonly isOutbound: boolean;
}
