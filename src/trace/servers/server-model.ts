import type { MessageHeaders } from '../headers.ts';
import type { Delivery } from '../outcome.ts';
import type { TracePod } from '../pod.ts';

/** What is known of the servers at the end of a request: handed to a trace, which knows no server itself. */
export interface ServerModel {
  /**
   * Whether the pods are all that exists and it is known what they do: other addresses and ports are refused, other names do not
   * resolve, and external authorizers are asked like any server. Else what is not known is taken to be there and to answer.
   */
  readonly isWhole: boolean;
  /** The ports of pods that name none. */
  readonly defaultPorts: readonly number[];
  /** Whether the servers understand HTTP/2 from a proxy; those that do not get HTTP/1.1 from the proxy in front of them. */
  readonly speaksHttp2: boolean;
  /** DNS names of the certificates that servers of their own show, of the names that exist; `*` where they are not known. */
  certificateNames(names: Iterable<string>): readonly string[];
  /** What a server answers. */
  answer(request: ServedRequest): ServedAnswer;
  /** What a server answers that is no pod's, where there are such. */
  answerOutside(headers: MessageHeaders): ServedAnswer;
  /**
   * The answer once it is known what its server got before: lines `METHOD path`. Absent where answers do not depend on it; undefined
   * for an answer that does not.
   */
  recall?(body: string, earlierOf: (pod: string) => readonly Earlier[]): readonly string[] | undefined;
}

/** A request that a server got earlier; uncertain where it gets there in some of the possible ways only. */
export interface Earlier {
  readonly line: string;
  readonly isCertain: boolean;
}

/** A request that arrives at a server. */
export interface ServedRequest {
  readonly pod: TracePod;
  readonly port: Delivery['port'];
  /** The name that its TLS asks for; null without TLS. */
  readonly serverName: string | null;
  readonly method: string;
  readonly path: string;
  readonly headers: MessageHeaders;
}

/** What a server says, and how many seconds it takes. */
export interface ServedAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly seconds: number;
}
