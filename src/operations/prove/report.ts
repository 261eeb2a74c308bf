import type { ExplorationLimit } from '../../exploration/exploration-limit.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import type { AskedRequest } from '../trace/question.ts';
import type { ArrivalSecurity } from './arrivals.ts';
import type { RequestEntrance } from './entrances.ts';
import type { Statement } from './statement.ts';

/** A request that breaks a statement. */
export interface Counterexample {
  /** Who sends it. */
  readonly sender: RequestEntrance['kind'];
  /** What `mesh trace` has to be asked to follow it. */
  readonly question: AskedRequest;
  /** The server that gets it, or one of several alike. */
  readonly server: string;
  readonly port: number;
  readonly security: ArrivalSecurity;
  /** As the server gets them, where it speaks HTTP. */
  readonly method: string | undefined;
  readonly path: string | undefined;
  /** What the client gets, 0 for no answer. */
  readonly status: number;
  /** The gateways on the way, in order. */
  readonly gateways: readonly string[];
  /** How often such a request goes this way, 0 to 1. */
  readonly share: number;
}

/** Why an answer is missing. */
export type Undecided =
  /** The engine met a limit. */
  | {
      readonly kind: 'gave up';
      readonly at: ExplorationLimit['at'];
      readonly limit: number;
      readonly from: string;
      readonly to: string;
    }
  /** A test of something whose value cannot be told of the request. */
  | { readonly kind: 'untraceable'; readonly what: string; readonly from: string; readonly to: string };

/** What became of a statement. Assumptions are what an answer takes for granted, since no configuration tells it. */
export type Verdict =
  | { readonly kind: 'proven'; readonly assumptions: readonly string[] }
  | {
      readonly kind: 'refuted';
      readonly witness: Counterexample;
      /** All requests from there that break it, where that is known. */
      readonly which?: SetDescription;
      readonly assumptions: readonly string[];
    }
  | { readonly kind: 'undecided'; readonly because: readonly Undecided[]; readonly assumptions: readonly string[] };

/** A statement with its answer. */
export interface StatementReport extends Pick<Statement, 'name' | 'kind' | 'location'> {
  readonly verdict: Verdict;
  /** Classes of requests that were looked at, each of which ends in one way. */
  readonly classes: number;
}

/** The statements of a file. */
export interface ProvenFile {
  readonly file: string;
  /** The flags that name its manifests again. */
  readonly inputFlags: readonly string[];
  readonly statements: readonly StatementReport[];
}

/** What is proven and what is not. */
export interface ProveReport {
  readonly files: readonly ProvenFile[];
}
