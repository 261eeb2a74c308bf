import { assertNever } from '../util/assert.ts';
import type { ExpressionProgram } from '../util/re2.ts';
import type { ClaimDimension, Dimension, TextDimension } from './formula.ts';
import { type WorldPart, worldProgram } from './text/worlds.ts';

/** What tells a part of a request from others. */
export function keyOfDimension(dimension: Dimension): string {
  switch (dimension.kind) {
    case 'header':
    case 'query':
    case 'assumed':
      return `${dimension.kind} ${dimension.name}`;
    case 'token':
      return `token ${dimension.issuer}`;
    case 'claim':
      return `claim ${JSON.stringify([dimension.issuer, ...dimension.path])}`;
    case 'path':
    case 'target':
    case 'authority':
    case 'method':
    case 'scheme':
    case 'serverName':
    case 'alpn':
    case 'transport':
    case 'identity':
    case 'certificate':
    case 'destinationPort':
    case 'sourcePort':
    case 'destinationAddress':
    case 'sourceAddress':
    case 'remoteAddress':
      return dimension.kind;
    default:
      return assertNever(dimension);
  }
}

/** The order in which sets ask for the parts of requests: those that belong together stand together. */
export const ORDER: readonly Dimension['kind'][] = [
  ...(['destinationAddress', 'destinationPort', 'sourceAddress', 'sourcePort', 'transport', 'serverName', 'alpn'] as const),
  ...([
    'identity',
    'certificate',
    'authority',
    'path',
    'target',
    'method',
    'scheme',
    'remoteAddress',
    'token',
    'claim',
    'header',
  ] as const),
  ...(['query', 'assumed'] as const),
];

/** Whom every certificate is for that may be any: each has to have a subject (RFC 5280), beside which it may have other names. */
export const CLIENT_SUBJECT = 'CN=client';

/** The texts that a part of a request can be. */
export interface TextWorld {
  /** Whether it can be absent, and whether that is what one would try first. */
  readonly absent: 'never' | 'first' | 'last';
  /** Texts as they are usually seen, and all that there can be. */
  readonly usual: ExpressionProgram;
  readonly all: ExpressionProgram;
  readonly samples: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const NAME = 'a-z0-9-';
const some = (of: string): WorldPart => ({ least: 1, of });
const any = (of: string): WorldPart => ({ least: 0, of });

/** What is known of the texts of each kind of dimension. Values of headers neither begin nor end with a space. */
const WORLDS: Readonly<Record<(TextDimension | ClaimDimension)['kind'], TextWorld>> = {
  path: {
    absent: 'last',
    usual: worldProgram([['/', any('A-Za-z0-9._/-')]]),
    all: worldProgram([['/', any('^ \t?#')], ['*']]),
    samples: ['/'],
  },
  target: {
    absent: 'last',
    usual: worldProgram([
      ['/', any('A-Za-z0-9._/-')],
      ['/', any('A-Za-z0-9._/-'), '?', some('A-Za-z0-9._&=-')],
    ]),
    all: worldProgram([['/', any('^ \t#')], ['*']]),
    samples: ['/'],
  },
  authority: {
    absent: 'never',
    usual: worldProgram([
      [some(NAME), any('a-z0-9.-')],
      [some(NAME), any('a-z0-9.-'), ':', some('0-9')],
    ]),
    all: worldProgram([[some("A-Za-z0-9._~!$&'()*+,;=:@[]%-")]]),
    samples: ['example.com'],
  },
  method: {
    absent: 'never',
    usual: worldProgram([[some('A-Z')]]),
    all: worldProgram([[some("A-Za-z0-9!#$%&'*+.^_`|~-")]]),
    samples: METHODS,
  },
  scheme: {
    absent: 'never',
    usual: worldProgram([['http'], ['https']]),
    all: worldProgram([['http'], ['https']]),
    samples: ['http'],
  },
  header: {
    absent: 'first',
    usual: worldProgram([[some('A-Za-z0-9._/:=,;-')]]),
    all: worldProgram([[], [some('^ \t')], [some('^ \t'), any('^'), some('^ \t')]]),
    samples: ['x'],
  },
  query: {
    absent: 'first',
    usual: worldProgram([[some('A-Za-z0-9._-')]]),
    all: worldProgram([[any('^ \t&#')]]),
    samples: ['1'],
  },
  serverName: {
    absent: 'first',
    usual: worldProgram([[some(NAME), any('a-z0-9.-')]]),
    all: worldProgram([[some('^ \t')]]),
    samples: ['example.com'],
  },
  alpn: { absent: 'first', usual: worldProgram([[some('a-z0-9./-')]]), all: worldProgram([[some('^')]]), samples: [] },
  transport: {
    absent: 'never',
    usual: worldProgram([['raw_buffer'], ['tls']]),
    all: worldProgram([['raw_buffer'], ['tls']]),
    samples: ['raw_buffer'],
  },
  identity: {
    absent: 'first',
    usual: worldProgram([['spiffe://', some('a-z0-9.-'), '/ns/', some(NAME), '/sa/', some(NAME)]]),
    all: worldProgram([[some('^')]]),
    samples: ['spiffe://cluster.local/ns/default/sa/default'],
  },
  certificate: {
    absent: 'never',
    usual: worldProgram([
      [CLIENT_SUBJECT],
      ['spiffe://', some('a-z0-9.-'), '/ns/', some(NAME), '/sa/', some(NAME)],
      [some(NAME), any('a-z0-9.-')],
    ]),
    all: worldProgram([[some('^')]]),
    samples: [CLIENT_SUBJECT],
  },
  claim: {
    absent: 'never',
    usual: worldProgram([[some('A-Za-z0-9._/:@-')]]),
    all: worldProgram([[any('^')]]),
    samples: ['x'],
  },
};

/** What is known of the texts of a dimension. */
export function textWorldOf({ kind }: TextDimension | ClaimDimension): TextWorld {
  return WORLDS[kind];
}
