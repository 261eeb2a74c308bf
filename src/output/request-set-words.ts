import type { ClaimDimension, Dimension, PathTrouble, TextDimension, TextTest } from '../request-space/formula.ts';
import type { CommonTraits, SetDescription, TestAnswer } from '../request-space/set-description.ts';
import { assertNever } from '../util/assert.ts';
import { groupBy } from '../util/collections.ts';
import { compareText } from '../util/text.ts';

/** What is said of a set that has all requests. */
export const EVERY_REQUEST = 'every request';

/** Which requests are in a set, one line for each kind of them; of the host that is told beside them nothing is said. */
export function setWords({ anyOf, isWhole }: SetDescription, host: string): readonly string[] {
  const kinds = anyOf.map((traits) => ({
    hosts: traits.flatMap((answer) => domainIn(answer) ?? []),
    others: traits.filter((answer) => domainIn(answer) === undefined),
  }));
  // The names of one host are told together.
  const merged = groupBy(kinds, ({ hosts, others }) => JSON.stringify([hosts.length > 0, traitsWords([], others)]));
  const lines = [...merged.values()].map((alike) => {
    const hosts = [...new Set(alike.flatMap((one) => one.hosts))];
    const isTold = hosts.every((name) => name.replace(/:$/, '') === host.toLowerCase());
    return traitsWords(isTold ? [] : hosts, alike[0]?.others ?? []);
  });
  return [...lines, ...(isWhole ? [] : ['others, of more kinds than are told'])];
}

function traitsWords(hosts: readonly string[], traits: CommonTraits): string {
  const parts = [...groupBy(traits, ({ test, is }) => partOf(test, is)).values()].map(partWords);
  const all = [...(hosts.length > 0 ? [`host is ${hosts.join(' or ')}`] : []), ...parts];
  return all.length === 0 ? EVERY_REQUEST : `requests where ${all.join(', and ')}`;
}

/** Issuers whose tokens are not there are told together. */
function partOf(test: TestAnswer['test'], is: boolean): string {
  return test.kind === 'token' && !is ? `no ${test.is} token` : JSON.stringify(test.dimension);
}

/** The host that a request must be for. */
function domainIn({ test, is }: TestAnswer): string | undefined {
  const isExact = is && test.kind === 'text' && test.dimension.kind === 'authority' && test.test.kind === 'exact';
  return isExact ? test.test.text.toLowerCase() : undefined;
}

/** What is said of one part. */
function partWords(answers: readonly TestAnswer[]): string {
  const [first] = answers;
  if (first?.test.kind === 'token' && !first.is)
    return `there is no ${first.test.is} token of ${answers.map(issuerWords).sort(otherLast).join(' or ')}`;
  const sorted = inTermsOfRequest(answers).sort((a, b) => Number(b.is) - Number(a.is));
  const said = sorted.map((answer, place) => answerWords(answer, place === 0));
  return said.join(sorted[0]?.is === true && sorted[1]?.is === false ? ' but ' : ' and ');
}

/** What becomes of a text by its beginning, where it is known to begin so, as what the text is; what that says anyway is left out. */
function inTermsOfRequest(answers: readonly TestAnswer[]): TestAnswer[] {
  const beginnings = answers.flatMap((answer) => beginningIn(answer) ?? []);
  const said = answers.map((answer): TestAnswer => {
    const { test } = answer;
    if (test.kind !== 'text' || test.test.kind !== 'replaced') return answer;
    const original = originalOf(test.test);
    const isSo = original !== undefined && beginnings.some((text) => text.startsWith(original.prefix));
    return isSo ? { ...answer, test: { ...test, test: original.test } } : answer;
  });
  const longest = said.flatMap((answer) => beginningIn(answer) ?? []);
  return said.filter((answer) => {
    const { test } = answer;
    const isPrefix = answer.is && test.kind === 'text' && test.test.kind === 'prefix' && test.test.ignoringCase !== true;
    const own = beginningIn(answer) ?? '';
    return !isPrefix || longest.every((text) => text === own || !text.startsWith(own));
  });
}

/** What a text is known to begin with. */
function beginningIn({ test, is }: TestAnswer): string | undefined {
  if (!is || test.kind !== 'text') return undefined;
  const { test: asked } = test;
  const isBeginning = asked.kind === 'prefix' || asked.kind === 'exact' || asked.kind === 'segments';
  return isBeginning && asked.ignoringCase !== true ? asked.text : undefined;
}

/** What a test of a text whose beginning was replaced asks of one that begins so. */
function originalOf({ prefix, by, ignoringCase, test }: Extract<TextTest, { kind: 'replaced' }>) {
  if (ignoringCase === true || (test.kind !== 'prefix' && test.kind !== 'exact' && test.kind !== 'segments')) return undefined;
  if (test.ignoringCase === true || !test.text.startsWith(by)) return undefined;
  return { prefix, test: { ...test, text: `${prefix}${test.text.slice(by.length)}` } };
}

function answerWords({ test, is }: TestAnswer, isNamed: boolean): string {
  switch (test.kind) {
    case 'text': {
      const subject = isNamed ? `${subjectWords(test.dimension)} ` : '';
      if (test.dimension.kind === 'transport' && test.test.kind === 'exact')
        return (test.test.text === 'tls') === is ? 'the connection is TLS' : 'the connection is in plain text';
      if (test.dimension.kind === 'certificate') return certificateWords(test.test, is, isNamed);
      return `${subject}${test.dimension.kind === 'claim' ? claimWords(test.test, is) : textWords(test.test, is, isPlain(test.dimension))}`;
    }
    case 'token': {
      const article = is ? (test.is === 'valid' ? 'a' : 'an') : 'no';
      return `there is ${article} ${test.is} token of ${issuerWords({ test })}`;
    }
    case 'port': {
      const last = test.end - 1;
      const range = test.start === last ? `${last}` : `${test.start} to ${last}`;
      return `the ${test.dimension.kind === 'sourcePort' ? "client's port" : 'port'} is ${is ? '' : 'not '}${range}`;
    }
    case 'range':
      return `${addressWords[test.dimension.kind]} is ${is ? 'in' : 'outside of'} ${test.address}/${test.length}`;
    case 'assumed':
      return `${test.dimension.name} ${is ? 'holds' : 'does not hold'}`;
    default:
      return assertNever(test);
  }
}

function certificateWords(test: TextTest, is: boolean, isNamed: boolean): string {
  if (test.kind === 'present') return is ? 'the client shows a certificate' : 'the client shows no certificate';
  const subject = isNamed ? "the client's certificate " : '';
  return test.kind === 'exact'
    ? `${subject}has ${is ? '' : 'not '}the name ${test.text}`
    : `${subject}has ${is ? 'a' : 'no'} name that ${textWords(test, true, true)}`;
}

function issuerWords({ test }: Pick<TestAnswer, 'test'>): string {
  const issuer = test.kind === 'token' ? test.dimension.issuer : '';
  return issuer === '' ? OTHER : issuer;
}

function otherLast(one: string, other: string): number {
  return Number(one === OTHER) - Number(other === OTHER) || compareText(one, other);
}

const OTHER = 'another issuer';

const addressWords = {
  sourceAddress: "the client's address",
  remoteAddress: 'the address that is told of the client',
  destinationAddress: "the server's address",
} as const;

function subjectWords(dimension: TextDimension | ClaimDimension): string {
  switch (dimension.kind) {
    case 'header':
      return `header ${dimension.name}`;
    case 'query':
      return `query parameter ${dimension.name}`;
    case 'claim':
      return `claim ${dimension.path.join('.')} of a valid token of ${dimension.issuer}`;
    case 'target':
      return 'path with its query';
    case 'authority':
      return 'host';
    case 'serverName':
      return 'server name (SNI)';
    case 'alpn':
      return 'ALPN';
    case 'identity':
      return "the client's identity";
    case 'certificate':
      return "the client's certificate";
    case 'path':
    case 'method':
    case 'scheme':
    case 'transport':
      return dimension.kind;
    default:
      return assertNever(dimension);
  }
}

/** Whether texts of a part stand for themselves, without quotes. */
function isPlain({ kind }: Dimension): boolean {
  return (
    kind === 'path' ||
    kind === 'target' ||
    kind === 'authority' ||
    kind === 'method' ||
    kind === 'serverName' ||
    kind === 'identity'
  );
}

function claimWords(test: TextTest, is: boolean): string {
  if (test.kind === 'present') return is ? 'is there' : 'is absent';
  return test.kind === 'exact'
    ? `has ${is ? '' : 'no '}${JSON.stringify(test.text)}`
    : `has ${is ? 'a' : 'no'} value that ${textWords(test, true, false)}`;
}

/** What is found in a path, and that it is not there. */
const troubleWords = {
  'escaped slash': ['has an escaped slash', 'has no escaped slash'],
  NUL: ['has %00', 'has no %00'],
  'not in normal form': ['is not in normal form', 'is in normal form'],
} as const satisfies Record<PathTrouble, readonly [string, string]>;

function textWords(test: TextTest, is: boolean, plain: boolean): string {
  const shown = (text: string): string => (plain && /^[!-~]+$/.test(text) ? text : JSON.stringify(text));
  const [verb, cased] = [
    (yes: string, no: string): string => (is ? yes : no),
    'ignoringCase' in test && test.ignoringCase === true,
  ];
  const inAnyCase = cased && !plain ? ' (in any case)' : '';
  switch (test.kind) {
    case 'present':
      return verb('is there', 'is absent');
    case 'exact':
      return `${verb('is', 'is not')} ${shown(test.text)}${inAnyCase}`;
    case 'prefix':
      return `${verb('begins with', 'does not begin with')} ${shown(test.text)}${inAnyCase}`;
    case 'suffix':
      return `${verb('ends with', 'does not end with')} ${shown(test.text)}${inAnyCase}`;
    case 'contains':
      return `${verb('contains', 'does not contain')} ${shown(test.text)}${inAnyCase}`;
    case 'segments':
      return `${verb('is', 'is not')} ${shown(test.text)} or below it${inAnyCase}`;
    case 'regex':
      if (test.meaning !== undefined) return troubleWords[test.meaning][is ? 0 : 1];
      if (test.expression === '.+') return verb('is not empty', 'is empty');
      return `${verb('matches', 'does not match')} the expression ${test.expression}`;
    case 'integer':
      return `${verb('is', 'is not')} a number from ${test.start} to ${test.end - 1n}`;
    case 'replaced':
      return `with ${shown(test.by)} for ${shown(test.prefix)} at its beginning ${textWords(test.test, is, plain)}`;
    default:
      return assertNever(test);
  }
}
