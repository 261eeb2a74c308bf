import type { Location } from '../../diagnostics/diagnostic.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import type { ObservedPlace } from './observed/observation.ts';

/** What says that there is a call. */
export type CallSource =
  /** A request of a table. */
  | { readonly kind: 'request table'; readonly location: Location }
  /** An AuthorizationPolicy, VirtualService or the like, `namespace/name`. */
  | {
      readonly kind: 'resource';
      readonly resource: string;
      readonly name: string;
      readonly location: Location | undefined;
    }
  /** The routes of a gateway, `namespace/name`. */
  | { readonly kind: 'gateway'; readonly gateway: string }
  | { readonly kind: 'metrics' | 'access log'; readonly count: number; readonly place: ObservedPlace }
  /** A filter of a workload's proxy sends to the cluster by itself. */
  | { readonly kind: 'proxy'; readonly workload: string; readonly cluster: string }
  /** Where a client is sent by the answer to another call. */
  | { readonly kind: 'redirect'; readonly from: string };

/** A request by which a call is tried. */
export interface CallRequest {
  readonly method: string;
  readonly url: string;
  readonly request: TraceRequest;
}

/** That somebody calls a port of a host, as something declares it or somebody observed it. */
export interface Call {
  /** `namespace/workload`, or `outside`. */
  readonly caller: string;
  readonly host: string;
  readonly port: number;
  /** The call itself, or requests that stand for all that the caller may ask for. */
  readonly requests: readonly CallRequest[];
  /** Whether the requests are the call itself, so that their methods and paths are those that the caller needs. */
  readonly isExact: boolean;
  readonly sources: readonly CallSource[];
}

/** Calls of one caller to one place as one. */
export function mergeCalls(calls: readonly Call[]): readonly Call[] {
  const merged = new Map<string, Call>();
  for (const call of calls) {
    const key = JSON.stringify([call.caller, call.host, call.port, call.isExact]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? call : { ...known, ...joined(known, call) });
  }
  return [...merged.values()];
}

function joined(one: Call, other: Call): Pick<Call, 'requests' | 'sources'> {
  const requests = new Map([...one.requests, ...other.requests].map((request) => [JSON.stringify(request.request), request]));
  const sources = new Map([...one.sources, ...other.sources].map((source) => [JSON.stringify(source), source]));
  return { requests: [...requests.values()], sources: [...sources.values()] };
}
