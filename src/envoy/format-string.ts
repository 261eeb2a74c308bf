import { nearest } from '../util/nearest.ts';
import { formatCommands } from './format-commands.ts';

/** What keeps Envoy from reading a format, and what to do about it. */
export interface FormatProblem {
  readonly sense: string;
  readonly fix: string;
}

/** How Envoy reads a format. */
export interface FormatOptions {
  /** Commands of extensions that stand beside the format; undefined where they are not known, so that any command can be one. */
  readonly extensions: readonly string[] | undefined;
  /** What is wrong with the expression of a CEL command. */
  readonly expressionProblem: (expression: string) => string | undefined;
}

/** `%COMMAND(parameters):length%`, as Envoy source/common/formatter/substitution_formatter.cc reads it. */
const COMMAND = /%(?<name>[A-Z0-9_]+)(?:\((?<parameters>.*?)\))?(?::(?<length>\d+))?%/y;
const MAX_LENGTH = 2n ** 64n;

/** What keeps Envoy from reading a format: a percent sign that begins no command, an unknown one, wrong parameters. */
export function formatProblem(format: string, options: FormatOptions): FormatProblem | undefined {
  for (let at = format.indexOf('%'); at !== -1; at = format.indexOf('%', at)) {
    if (format[at + 1] === '%') {
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const match = COMMAND.exec(format);
    const { name = '', parameters = '', length } = match?.groups ?? {};
    if (match === null || (length !== undefined && BigInt(length) >= MAX_LENGTH)) {
      const rest = format.slice(at, at + 20);
      return {
        sense: `has a percent sign that begins no command, at ${JSON.stringify(rest)}`,
        fix: 'write %COMMAND(parameters)%, and %% for a percent sign',
      };
    }
    const problem = commandProblem(name, parameters, length !== undefined, options);
    if (problem !== undefined) return problem;
    at = COMMAND.lastIndex;
  }
  return undefined;
}

function commandProblem(
  name: string,
  parameters: string,
  hasLength: boolean,
  { extensions, expressionProblem }: FormatOptions,
): FormatProblem | undefined {
  const command = formatCommands.get(name);
  if (command === undefined) {
    if (extensions === undefined || extensions.includes(name)) return undefined;
    const meant = nearest(name, formatCommands.keys());
    return {
      sense: `has %${name}%, a command that Envoy does not know`,
      fix: meant === undefined ? 'correct the command' : `did you mean %${meant}%?`,
    };
  }
  const hasParameters = parameters !== '';
  if (command.parameters === 'none' && (hasParameters || hasLength))
    return { sense: `gives parameters to %${name}%, which takes none`, fix: `write %${name}%` };
  if (command.parameters === 'required' && !hasParameters)
    return { sense: `has %${name}% without parameters`, fix: `write %${name}(...)%` };
  if (hasLength && !command.length)
    return { sense: `limits the length of %${name}%, which has none`, fix: 'leave the length out' };
  if (name === 'CEL') {
    const problem = expressionProblem(parameters);
    return problem === undefined ? undefined : { sense: `has a CEL expression that ${problem}`, fix: 'correct it' };
  }
  const wanted = parametersWanted(name, parameters);
  return wanted === undefined
    ? undefined
    : { sense: `has %${name}(${parameters})%, whose parameters Envoy does not read`, fix: `write ${wanted}` };
}

/** What parameters a command takes instead of these; undefined where they are right. */
function parametersWanted(name: string, parameters: string): string | undefined {
  if (/^(REQ|RESP|TRAILER|REQUEST_HEADER|RESPONSE_HEADER|RESPONSE_TRAILER|STREAM_INFO_REQ)$/.test(name)) {
    const headers = parameters.split('?');
    const isValid = headers.length <= 2 && headers.every((header) => /^(:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?$/.test(header));
    return isValid ? undefined : 'the name of a header and, after a question mark, that of another';
  }
  if (/^(START|EMIT)_TIME|_CERT_V_(START|END)$/.test(name)) {
    return /%[-_0^#]*[1-9]*[EO]?n/.test(parameters) ? 'a time format without a line break' : undefined;
  }
  const parts = parameters.split(':');
  const [first = '', second = ''] = parts;
  switch (name) {
    case 'FILTER_STATE':
    case 'UPSTREAM_FILTER_STATE': {
      const hasField = parts.length > 2 && parts[2] !== '';
      const isValid = first !== '' && ['', 'PLAIN', 'TYPED', 'FIELD'].includes(second) && (second === 'FIELD') === hasField;
      return isValid ? undefined : 'key, key:PLAIN, key:TYPED or key:FIELD:name';
    }
    case 'GRPC_STATUS':
      return oneOf(parameters, 'CAMEL_STRING', 'SNAKE_STRING', 'NUMBER');
    case 'COMMON_DURATION':
      if (parts.length < 2 || parts.length > 3) return 'start:end or start:end:precision';
      return parts.length === 2 ? undefined : oneOf(parts[2] ?? '', 'ms', 'us', 'ns');
    case 'PATH':
      return oneOf(first, 'WQ', 'NQ') ?? oneOf(second, 'ORIG', 'PATH', 'ORIG_OR_PATH');
    case 'QUERY_PARAMS':
      return oneOf(parameters, 'ORIG', 'DECODED');
    case 'METADATA':
      return oneOf(first, 'DYNAMIC', 'CLUSTER', 'ROUTE', 'UPSTREAM_HOST', 'LISTENER', 'LISTENER_FILTER_CHAIN', 'VIRTUAL_HOST');
    default:
      return undefined;
  }
}

function oneOf(value: string, ...choices: readonly string[]): string | undefined {
  return value === '' || choices.includes(value) ? undefined : choices.join(', ');
}
