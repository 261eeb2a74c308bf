import type { Formula } from '../request-space/formula.ts';
import type { TraceRequest } from '../trace/outcome.ts';

/** Where requests come from and go to, and which of them are meant; all else about them is any. */
export interface OpenRequest
  extends Pick<
    TraceRequest,
    'from' | 'address' | 'entersAt' | 'isWithoutNodes' | 'scheme' | 'speaks' | 'clientCertificate' | 'applicationProtocols'
  > {
  /** What holds of all requests that are meant. */
  readonly within: Formula;
  /** The host and the name that TLS asks for, where the requests do not tell them. */
  readonly authority: string;
  readonly serverName?: string | undefined;
  /** The client's address, where it is no pod; any unless it is given. */
  readonly isFromAnyAddress: boolean;
  /** Whether `authority` is the host of all requests. */
  readonly isForOneAuthority?: boolean;
  /** Whether TLS may ask for any name. */
  readonly isForAnyServerName: boolean;
}
