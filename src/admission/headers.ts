import type { Headers } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { assertNever } from '../util/assert.ts';
import { error, errorIf, type Findings, quote } from './finding.ts';

/** Names and values of HTTP headers. */

const token = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const pseudoHeaders: readonly string[] = [':method', ':scheme', ':authority', ':path', ':status'];
const CLAIM_PREFIX = '@request.auth.claims';

function nameProblem(name: string, isValid: boolean): string | undefined {
  if (name === '') return 'header name cannot be empty';
  return isValid ? undefined : `header name ${name} is not a valid header name`;
}

/** A header that a claim is copied to: letters, digits, `-` and `_`. Istio ValidateStrictHTTPHeaderName. */
export function strictHeaderProblem(name: string): string | undefined {
  return nameProblem(name, /^[-_A-Za-z0-9]+$/.test(name));
}

/** A header that a probe sends; istio ValidateProbeHeaderName. */
export function probeHeaderProblem(name: string): string | undefined {
  return nameProblem(name, /^[-A-Za-z0-9]+$/.test(name));
}

/** A header of a CORS policy; istio ValidateCORSHTTPHeaderName. */
export function corsHeaderProblem(name: string): string | undefined {
  return nameProblem(name, token.test(name));
}

/** A header that a route matches; istio ValidateHTTPHeaderNameOrJwtClaimRoute. */
export function matchedHeaderProblem(name: string): string | undefined {
  return nameProblem(name, isClaimHeader(name) || pseudoHeaders.includes(name) || token.test(name));
}

/** Whether the name of a matched header stands for a claim of a token; istio pkg/jwt ToRoutingClaim. */
export function isClaimHeader(name: string): boolean {
  if (!name.toLowerCase().startsWith(CLAIM_PREFIX)) return false;
  const claim = name.slice(CLAIM_PREFIX.length);
  return (claim.startsWith('.') && claim.length > 1) || (claim.startsWith('[') && claim.endsWith(']') && claim.length > 2);
}

/** Whether the name stands for the authority of the request. */
export function isAuthorityHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === ':authority' || lower === 'host';
}

/** A header that is set or added on a request; only the authority may be changed of those that Envoy keeps to itself. */
function requestOperationProblem(name: string): string | undefined {
  if (name === '') return 'header name cannot be empty';
  if (!name.startsWith(':') || isAuthorityHeader(name)) return undefined;
  return `invalid header ${quote(name)}: header cannot have ":" prefix`;
}

/** A header that is removed, or changed on a response. */
function plainOperationProblem(name: string): string | undefined {
  if (name === '') return 'header name cannot be empty';
  if (name.toLowerCase() === 'host') return `invalid header ${quote(name)}: cannot set Host header`;
  return name.startsWith(':') ? `invalid header ${quote(name)}: header cannot have ":" prefix` : undefined;
}

/** All that a route or destination does to headers; istio validateHTTPRoute and validateHTTPRouteDestinations. */
export function* checkHeaderOperations(path: Path, headers: Headers): Findings {
  const { request = {}, response = {} } = headers;
  const changes = [
    [['request', 'add'], request.add, requestOperationProblem],
    [['request', 'set'], request.set, requestOperationProblem],
    [['response', 'add'], response.add, plainOperationProblem],
    [['response', 'set'], response.set, plainOperationProblem],
  ] as const;
  for (const [part, change = {}, problemOf] of changes) {
    for (const [name, value] of Object.entries(change)) {
      const at = [...path, ...part, name];
      yield* errorIf(at, problemOf(name));
      yield* errorIf(at, headerValueProblem(value));
    }
  }
  for (const [part, names = []] of [
    ['request', request.remove],
    ['response', response.remove],
  ] as const) {
    for (const [index, name] of names.entries()) yield* errorIf([...path, part, 'remove', index], plainOperationProblem(name));
  }
}

/** The authority may be rewritten in one place only; istio validateAuthorityRewrite. */
export function* checkAuthorityRewrites(path: Path, rewritten: string | undefined, headers: Headers | undefined): Findings {
  let current = rewritten ?? '';
  for (const part of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(headers?.request?.[part] ?? {})) {
      if (!isAuthorityHeader(name)) continue;
      if (current !== '') {
        const twice = `have ${quote(current)}, attempting to set ${quote(value)}`;
        yield error([...path, 'headers', 'request', part, name], `authority header cannot be set multiple times: ${twice}`);
        return;
      }
      current = value;
    }
  }
}

/** What is wrong with the value of a header, which may hold Envoy's `%VARIABLE(arguments)%`; istio ValidateHTTPHeaderValue. */
export function headerValueProblem(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a header value cannot hold
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return `header value configuration ${value} is invalid`;
  const problem = variableProblem(value);
  return problem === undefined ? undefined : `header value configuration: invalid header configuration. ${problem}`;
}

type State = 'literal' | 'name' | 'arguments' | 'string' | 'element' | 'delimiter' | 'close' | 'end';

/** Reads the variables of a header value as Envoy does; istio header_value_validator.go. */
function variableProblem(value: string): string | undefined {
  let state: State = 'literal';
  for (let position = 0; position < value.length; position++) {
    const character = value[position] ?? '';
    const isLast = position + 1 === value.length;
    switch (state) {
      case 'literal':
        if (character !== '%') break;
        if (isLast) return 'Un-escaped %';
        if (value[position + 1] === '%') position++;
        else state = 'name';
        break;
      case 'name':
        if (character === '%') state = 'literal';
        else if (character === '(') state = 'arguments';
        break;
      case 'arguments':
        if (character === '[') state = 'string';
        else if (character !== ' ') state = 'element';
        break;
      case 'delimiter':
        if (character === ',') state = 'string';
        else if (character === ']') state = 'close';
        else if (character !== ' ') return "Expecting ',', ']', or whitespace";
        break;
      case 'string':
        if (character === '"') state = 'element';
        else if (character !== ' ') return `Expecting '"'`;
        break;
      case 'element':
        if (character === '\\') {
          if (isLast) return 'Un-terminated backslash in JSON string';
          position++;
        } else if (character === ')') state = 'end';
        else if (character === '"') state = 'delimiter';
        break;
      case 'close':
        if (character === ')') state = 'end';
        else if (character !== ' ') return "Expecting ')' or whitespace after '{}', but found '{}'";
        break;
      case 'end':
        if (character === '%') state = 'literal';
        else if (character !== ' ') return "Expecting '%' or whitespace after";
        break;
      default:
        assertNever(state);
    }
  }
  return state === 'literal' ? undefined : `Un-terminated variable expression '${value}'`;
}
