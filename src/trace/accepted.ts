import type { FilterChain } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { AccessLogLine, Hop } from './outcome.ts';
import type { TracePod } from './pod.ts';
import type { TextSource } from './recording/source.ts';
import type { Connection, HopRecorder, PassedState, PeerCertificate, Run } from './run.ts';
import { namesOf } from './tls.ts';

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
  /** Where it comes from, if a proxy has made it of the request. */
  readonly serverNameSource: TextSource | undefined;
  readonly isTls: boolean;
  readonly peer: PeerCertificate | undefined;
  readonly isOutbound: boolean;
  /** What filters before it noted of the connection, as texts. */
  readonly filterState: ReadonlyMap<string, string>;
  /** Where the endpoint that led to a listener of the proxy's own says that the connection goes. */
  readonly passed: PassedState | undefined;
  /** What filters note for what comes after this proxy. */
  readonly shares: Map<string, string>;
  readonly side: Hop['side'];
}

/** The names of the client: of its certificate; where its tunnel ended before, the one that was noted there. */
export function peerNamesOf({ peer, filterState }: AcceptedConnection): readonly string[] {
  if (peer !== undefined) return namesOf(peer);
  const noted = filterState.get('io.istio.peer_principal');
  return noted === undefined ? [] : [noted];
}
