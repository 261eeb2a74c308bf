import type { Demands, Graph, GraphEdge, GraphNote, Reason } from '../../operations/reachability/graph.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import { assertNever } from '../../util/assert.ts';
import { memo } from '../../util/memo.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import { gaveUpWords } from '../gave-up-words.ts';
import { mayBeStopped } from '../network-words.ts';
import { setWords } from '../request-set-words.ts';
import { decisionWords } from '../trace/decision-words.ts';
import { wordsOf } from '../trace/words.ts';

/** A graph whose reasons and kinds of security are words for people. */
export interface WordedGraph extends Omit<Graph, 'edges' | 'notes'> {
  readonly edges: readonly WordedEdge[];
  /** In which respects it is less than all. */
  readonly notes?: readonly string[];
}

/** An edge with words; the facts behind `because` stay beside them. */
export interface WordedEdge extends Omit<GraphEdge, 'tls' | 'because' | 'demands' | 'assumptions' | 'gaveUp'> {
  readonly tls: string;
  readonly because: readonly string[];
  readonly reasons: readonly Reason[];
  /** Of all requests those that get there, one line for each kind, where not all do. */
  readonly needs?: readonly string[];
  /** Those that do not, by what refuses them. */
  readonly refused?: readonly { readonly because: readonly string[]; readonly requests: readonly string[] }[];
  /** What is taken to make no difference. */
  readonly assumptions?: readonly string[];
  /** Where it was too much to tell of all requests. */
  readonly gaveUp?: string;
}

/** Says in words what the edges of a graph hold as facts. */
export function inWords({ nodes, edges, notes }: Graph): WordedGraph {
  // Callers that are answered alike share the reasons.
  const needs = memo(demandWords);
  const words = memo((because: readonly Reason[]) => [...new Set(because.map(reasonWords))]);
  return {
    nodes,
    edges: edges.map((edge) => {
      const { from, host, port, protocol, to, access, passing, failing, tls, because } = edge;
      return {
        ...{ from, host, port, protocol, to, access, passing, failing },
        tls: tls.join(', '),
        because: words(because),
        reasons: because,
        ...furtherWords(edge, needs),
      };
    }),
    ...(notes.length > 0 && { notes: notes.map(noteWords) }),
  };
}

/** What requests need to get to a host, and who refuses the others. */
function demandWords({ passing, refused }: Demands, host: string): Pick<WordedEdge, 'needs' | 'refused'> {
  const told = (which: SetDescription | undefined): readonly string[] =>
    which === undefined ? [TOO_MANY] : setWords(which, host);
  return {
    needs: told(passing),
    refused: refused.map(({ because, which }) => ({ because: because.map(reasonWords), requests: told(which) })),
  };
}

/** What is told of all requests over a way. */
function furtherWords({ host, demands, assumptions, gaveUp }: GraphEdge, wordsOf: typeof demandWords): Partial<WordedEdge> {
  if (demands === undefined && assumptions === undefined && gaveUp === undefined) return {};
  return {
    ...(demands !== undefined && wordsOf(demands, host)),
    ...(assumptions !== undefined && { assumptions }),
    ...(gaveUp !== undefined && { gaveUp: gaveUpWords(gaveUp.at, gaveUp.limit, gaveUp.tried) }),
  };
}

/** What becomes of requests: where not all could be told, those that were not tried may end otherwise. */
export function accessWords({ access, gaveUp }: WordedEdge): string {
  return gaveUp === undefined || access === 'partly' ? access : `${access} as far as tried`;
}

const TOO_MANY = 'requests of more kinds than can be told';

/** Why a way is as it is, in few words: what decides, what requests need, and what is not known of them. */
export function reasonsInShort({ because, needs = [], assumptions = [], gaveUp }: WordedEdge): readonly string[] {
  return [
    ...because,
    ...(needs.length === 0 ? [] : [`only ${needs.join(', or ')}`]),
    ...(assumptions.length === 0 ? [] : [`assumed to make no difference: ${assumptions.join(', ')}`]),
    ...(gaveUp === undefined ? [] : [gaveUp]),
  ];
}

/** In which respect a graph is less than all. */
export function noteWords(note: GraphNote): string {
  switch (note.kind) {
    case 'alike':
      return `${note.id} stands for ${note.pods} pods without a controller that are alike but for their names`;
    case 'callers left out':
      return `only the ways of the first ${note.shown} of ${note.callers} callers are shown, since there are too many: choose some with --from or --to`;
    case 'network policies':
      return `${count(note.ways, 'way')} shown as allowed ${mayBeStopped(listed(note.policies))}`;
    default:
      return assertNever(note);
  }
}

function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case 'allowed':
      return `${reason.policy} allows it (rule ${reason.rule})`;
    case 'denied':
    case 'denied by filter':
    case 'no mutual TLS':
    case 'token refused':
    case 'authorizer denies':
      return decisionWords(reason);
    case 'not allowed':
      return reason.policies.length === 0
        ? decisionWords({ kind: 'nobody allows' })
        : `not allowed by ${reason.policies.join(', ')}`;
    case 'unknown host':
      return `${reason.isBlocked ? 'REGISTRY_ONLY: ' : ''}the proxy of the caller does not know the host`;
    case 'no healthy endpoints':
      return 'no healthy endpoints';
    case 'missing cluster':
      return 'its route leads to a cluster that does not exist';
    case 'no route':
      return `${reason.proxy} has no route for it`;
    case 'no filter chain':
      return `${reason.proxy} takes no such connection (mutual TLS?)`;
    case 'connection fails':
      return 'the connection to the server fails';
    case 'last step':
      return wordsOf(reason.fact);
    case 'status':
      return reason.status === 0 ? 'no connection' : `status ${reason.status}`;
    default:
      return assertNever(reason);
  }
}
