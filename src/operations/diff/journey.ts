import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import type { Target } from '../../sample-requests/targets.ts';
import type { RequestClient } from './report.ts';

/** Where requests come from: a workload's pod, or the outside through a gateway. */
export interface Traveller {
  readonly client: RequestClient;
  /** `namespace/name` of its workload. */
  readonly workload: string;
  /** The pod that sends; of requests from outside, the one that gets them. */
  readonly key: string;
  readonly isOutside: boolean;
}

/** One client and one place it sends requests to. */
export interface Journey {
  readonly client: Traveller;
  readonly target: Target;
  readonly others: readonly RequestConditions[];
  /** Whether the client's proxy, or another that routes requests of it, has changed: then timeouts and attempts are compared too. */
  readonly isClientChanged: boolean;
  /** Set where only requests for the host of the target are meant: those for others are of other journeys. */
  readonly isByName?: true;
  /** Set where ztunnel or a proxy that looks into it takes whatever the client sends, not what the port is for alone. */
  readonly isOfAnyProtocol?: true;
}
