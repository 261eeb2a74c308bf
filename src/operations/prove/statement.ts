import type { Location } from '../../diagnostics/diagnostic.ts';
import type { TextTest } from '../../request-space/formula.ts';

/** Who sends a request. All that is said of it holds together; what is not said may be anything. */
export interface Sender {
  readonly isOutside: boolean;
  /** The pods that send it or, where they are gateways, let it in: `namespace/name`; undefined for whoever. */
  readonly pods: ReadonlySet<string> | undefined;
  /** Pods that do not. */
  readonly notPods: ReadonlySet<string>;
  /** Whether it reaches its server in plain text. */
  readonly isPlainText: boolean;
  /** Whether it enters a gateway in plain text. */
  readonly entersInPlainText: boolean;
}

/** Who gets a request, and what it is then. All that is said of it holds together. */
export interface Receiver {
  /** By the address of a server (a pod's as `namespace/name`, others' as they are), its ports; undefined for all of them. */
  readonly servers: ReadonlyMap<string, ReadonlySet<number> | undefined> | undefined;
  readonly notPorts: readonly number[];
  /** Tests of the path without its query, as the server gets it; one of them holds. */
  readonly paths: readonly TextTest[] | undefined;
  readonly notPaths: readonly TextTest[];
  readonly methods: readonly TextTest[] | undefined;
  readonly notMethods: readonly TextTest[];
}

/** What makes a request fine that would break a statement. All that is said of it holds together. */
export interface Excuse {
  readonly token: TokenDemand | undefined;
  readonly isMutualTls: boolean;
  /** Whether a gateway on the way has to have taken a certificate. */
  readonly hasClientCertificate: boolean;
  /** What the name in the client's certificate must be, as the server sees it; one of them. */
  readonly principals: readonly TextTest[] | undefined;
}

/** A valid token: of one of some issuers, with one of some values for each of some claims. */
export interface TokenDemand {
  readonly issuers: readonly string[];
  readonly claims: readonly { readonly path: readonly string[]; readonly tests: readonly TextTest[] }[];
}

/** A statement, with all that it names found: no request that one of `from` sends reaches one of `to`, unless it has an excuse. */
export interface Statement {
  readonly name: string;
  readonly kind: 'never' | 'only' | 'always';
  readonly location: Location;
  readonly from: readonly Sender[];
  /** Whether it is about all but `from`. A workload may call itself then. */
  readonly isAboutOthers: boolean;
  readonly to: readonly Receiver[];
  /** Services of receivers whose clients choose the server themselves, so that no manifest tells all of them. */
  readonly openServices: readonly string[];
  readonly unless: readonly Excuse[];
}
