import type { Counterexample, StatementReport, Undecided, Verdict } from '../../operations/prove/report.ts';
import { assertNever } from '../../util/assert.ts';
import { gaveUpWords } from '../gave-up-words.ts';
import { setWords } from '../request-set-words.ts';

/** What a request does that breaks a statement. */
export function witnessWords(witness: Counterexample): string {
  const { question, server, port, security, status, gateways, share } = witness;
  const sent = /^(?:tcp|tls):/.test(question.url) ? 'a connection' : `${question.method ?? 'GET'} ${pathOf(question.url)}`;
  const claims = question.claims === undefined ? '' : ' with a token';
  const through = gateways.length === 0 ? '' : ` through ${gateways.join(' and ')}`;
  const answered = status === 0 ? '' : `, status ${status}`;
  const often = share > 0.9999 ? '' : `, ${Number((share * 100).toFixed(2))}% of such requests`;
  return `${sent}${claims} from ${senderWords(witness)}${through} reaches ${server}:${port}${arrivalWords(witness)} ${securityWords[security]}${answered}${often}`;
}

const securityWords = { 'mutual TLS': 'over mutual TLS', TLS: 'over TLS', 'plain text': 'in plain text' } as const;

function senderWords({ sender, question }: Counterexample): string {
  switch (sender) {
    case 'outside':
      return 'outside';
    case 'stranger':
      return 'a pod without the mesh';
    case 'pod':
      return question.from;
    default:
      return assertNever(sender);
  }
}

/** What the server gets, where that is something else than what was sent. */
function arrivalWords({ question, method = 'GET', path }: Counterexample): string {
  if (path === undefined) return '';
  const isSame = path === pathOf(question.url).replace(/[?#].*$/s, '') && method === (question.method ?? 'GET');
  return isSame ? '' : ` as ${method} ${path}`;
}

function hostOf(url: string): string {
  return url.replace(/^\w+:\/\//, '').replace(/(?::\d+)?(?:[/?#].*)?$/s, '');
}

function pathOf(url: string): string {
  return url.replace(/^\w+:\/\/[^/?#]*/, '') || '/';
}

/** Which requests of the same client to the same place break a statement, one line for each kind of them; nothing where that is not known. */
export function brokenWords({ which, witness }: Extract<Verdict, { readonly kind: 'refuted' }>): readonly string[] {
  return which === undefined ? [] : setWords(which, hostOf(witness.question.url));
}

/** Why there is no answer, each reason once. */
export function undecidedWords(because: readonly Undecided[]): readonly string[] {
  const words = because.map((reason) => {
    const where = `for requests from ${reason.from} to ${reason.to}`;
    switch (reason.kind) {
      case 'gave up':
        return `${gaveUpWords(reason.at, reason.limit)}, ${where}`;
      case 'untraceable':
        return `nothing is known of ${reason.what}, ${where}`;
      default:
        return assertNever(reason);
    }
  });
  return [...new Set(words)];
}

/** How many statements have which answer. */
export function countVerdicts(
  statements: readonly Pick<StatementReport, 'verdict'>[],
): Readonly<Record<StatementReport['verdict']['kind'], number>> {
  const count = (kind: StatementReport['verdict']['kind']): number =>
    statements.filter(({ verdict }) => verdict.kind === kind).length;
  return { proven: count('proven'), refuted: count('refuted'), undecided: count('undecided') };
}
