import { assertNever } from '../util/assert.ts';
import type { ClaimDimension, Dimension, TextDimension } from './formula.ts';

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
  ...(['identity', 'authority', 'path', 'target', 'method', 'scheme', 'remoteAddress', 'token', 'claim', 'header'] as const),
  ...(['query', 'assumed'] as const),
];

/** The texts that a part of a request can be. */
export interface TextWorld {
  /** Whether it can be absent, and whether that is what one would try first. */
  readonly absent: 'never' | 'first' | 'last';
  /** Expressions: texts as they are usually seen, then all that there can be. */
  readonly worlds: readonly string[];
  readonly samples: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const HEADER_VALUES = '(?:[^ \\t](?:.*[^ \\t])?)?';

/** What is known of the texts of a dimension. */
export function textWorldOf({ kind }: TextDimension | ClaimDimension): TextWorld {
  switch (kind) {
    case 'path':
      return { absent: 'last', worlds: ['/[A-Za-z0-9\\-._/]*', '/[^ \\t?#]*|\\*'], samples: ['/'] };
    case 'target':
      return { absent: 'last', worlds: ['/[A-Za-z0-9\\-._/]*(?:\\?[A-Za-z0-9\\-._&=]+)?', '/[^ \\t#]*|\\*'], samples: ['/'] };
    case 'authority': {
      const name = '[a-z0-9](?:[a-z0-9\\-]*[a-z0-9])?';
      const usual = `${name}(?:\\.${name})*(?::[0-9]+)?`;
      return { absent: 'never', worlds: [usual, "[A-Za-z0-9\\-._~!$&'()*+,;=:@\\[\\]%]+"], samples: ['example.com'] };
    }
    case 'method':
      return { absent: 'never', worlds: ['[A-Z]+', "[A-Za-z0-9!#$%&'*+\\-.^_`|~]+"], samples: METHODS };
    case 'scheme':
      return { absent: 'never', worlds: ['https?'], samples: ['http'] };
    case 'header':
      return { absent: 'first', worlds: ['[A-Za-z0-9\\-._/:=,;]+', HEADER_VALUES], samples: ['x'] };
    case 'query':
      return { absent: 'first', worlds: ['[A-Za-z0-9\\-._]+', '[^&# \\t]*'], samples: ['x'] };
    case 'serverName':
      return { absent: 'first', worlds: ['[a-z0-9\\-]+(?:\\.[a-z0-9\\-]+)+', '[^ \\t]+'], samples: ['example.com'] };
    case 'alpn':
      return { absent: 'first', worlds: ['[a-z0-9\\-./]+', '.+'], samples: [] };
    case 'transport':
      return { absent: 'never', worlds: ['raw_buffer|tls'], samples: ['raw_buffer'] };
    case 'identity': {
      const usual = 'spiffe://[a-z0-9\\-.]+/ns/[a-z0-9\\-]+/sa/[a-z0-9\\-]+';
      return { absent: 'first', worlds: [usual, '.+'], samples: ['spiffe://cluster.local/ns/default/sa/default'] };
    }
    case 'claim':
      return { absent: 'never', worlds: ['[A-Za-z0-9\\-._/:@]+', '.*'], samples: ['x'] };
    default:
      return assertNever(kind);
  }
}
