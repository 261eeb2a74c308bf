/** A call that was observed, as metrics or an access log name it: what they do not tell is absent. */
export interface ObservedCall {
  readonly client: ObservedClient;
  readonly server: ObservedServer;
  /** Undefined where it is not known, as in metrics. */
  readonly request?: ObservedRequestLine;
  readonly isHttp: boolean;
  readonly count: number;
  readonly place: ObservedPlace;
}

/** Who calls, by whatever is known of it. */
export interface ObservedClient {
  /** `namespace/workload`. */
  readonly workload?: string;
  readonly ip?: string;
  readonly pod?: ObservedPod;
  /** SPIFFE identity. */
  readonly identity?: string;
}

/** A pod by its name in the cluster, whose manifests may know its workload alone. */
export interface ObservedPod {
  readonly name: string;
  readonly namespace?: string;
}

/** Who is called, by whatever is known of it. */
export interface ObservedServer {
  /** Names that it may be known by, the best first. */
  readonly hosts: readonly string[];
  readonly port?: number;
  /** That of the pod that answered, and its own port. */
  readonly address?: { readonly ip: string; readonly port: number };
}

/** What a client asked for. */
export interface ObservedRequestLine {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authority: string;
  readonly isHttp2: boolean;
}

/** Where it stands. */
export interface ObservedPlace {
  readonly file: string;
  readonly line: number;
}

/** What a file says about calls. */
export interface ObservedCalls {
  readonly file: string;
  readonly kind: 'metrics' | 'access log';
  readonly calls: readonly ObservedCall[];
  /** Lines (or series) that tell of no call: other metrics, other words of a proxy. */
  readonly others: number;
}

/** Equal observations as one, with their counts added; the place is that of the first. */
export function mergeObservations(calls: readonly ObservedCall[]): readonly ObservedCall[] {
  const merged = new Map<string, ObservedCall>();
  for (const call of calls) {
    const { count: _, place: __, ...what } = call;
    const key = JSON.stringify(what);
    const known = merged.get(key);
    merged.set(key, known === undefined ? call : { ...known, count: known.count + call.count });
  }
  return [...merged.values()];
}
