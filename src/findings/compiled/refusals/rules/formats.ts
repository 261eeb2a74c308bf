import type {
  FileAccessLog,
  HeaderValueOption,
  OpenTelemetryAccessLogConfig,
  SubstitutionFormatString,
} from '../../../../envoy/api.gen.ts';
import { celProblem } from '../../../../envoy/cel-functions.ts';
import { formatProblem } from '../../../../envoy/format-string.ts';
import { isObject, own } from '../../../../util/object.ts';
import { type Complain, defineRule, type RefusalRule } from '../rule.ts';

/** The commands that formatters bring, by the type of their configuration. */
const commandsOfFormatter: Readonly<Record<string, string>> = {
  'type.googleapis.com/envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery': 'REQ_WITHOUT_QUERY',
  'type.googleapis.com/envoy.extensions.formatter.metadata.v3.Metadata': 'METADATA',
  'type.googleapis.com/envoy.extensions.formatter.cel.v3.Cel': 'CEL',
};

type Formatters = readonly { readonly typedConfig?: { readonly '@type': string } }[];

/** Formats of access logs and of bodies that Envoy answers with. */
export const substitutionFormats: RefusalRule = defineRule(
  'envoy.config.core.v3.SubstitutionFormatString',
  'text',
  ({ textFormat, textFormatSource, jsonFormat, formatters = [] }: SubstitutionFormatString, complain) => {
    checkFormats(textFormat, ['textFormat'], formatters, complain);
    checkFormats(textFormatSource?.inlineString, ['textFormatSource', 'inlineString'], formatters, complain);
    checkFormats(jsonFormat, ['jsonFormat'], formatters, complain);
  },
);

/** Formats of older access log settings. */
export const fileFormats: RefusalRule = defineRule(
  'envoy.extensions.access_loggers.file.v3.FileAccessLog',
  'text',
  ({ format, jsonFormat, typedJsonFormat }: FileAccessLog, complain) => {
    checkFormats(format, ['format'], [], complain);
    checkFormats(jsonFormat, ['jsonFormat'], [], complain);
    checkFormats(typedJsonFormat, ['typedJsonFormat'], [], complain);
  },
);

/** Formats in access logs for OpenTelemetry. */
export const openTelemetryFormats: RefusalRule = defineRule(
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
  'text',
  ({ body, attributes, formatters = [] }: OpenTelemetryAccessLogConfig, complain) => {
    checkFormats(body?.stringValue, ['body', 'stringValue'], formatters, complain);
    for (const [index, { value }] of (attributes?.values ?? []).entries())
      checkFormats(value?.stringValue, ['attributes', 'values', index, 'value', 'stringValue'], formatters, complain);
  },
);

/** Values of headers to add are formats; the names are those of headers that may be changed. */
export const headerFormats: RefusalRule = defineRule(
  'envoy.config.core.v3.HeaderValueOption',
  'text',
  ({ header }: HeaderValueOption, complain) => {
    checkFormats(header?.value, ['header', 'value'], [], complain);
  },
);

/** Every text in a value; the keys of JSON formats are no formats. */
function checkFormats(value: unknown, path: readonly (string | number)[], formatters: Formatters, complain: Complain): void {
  if (typeof value === 'string') {
    const commands = formatters.map(({ typedConfig }) => own(commandsOfFormatter, typedConfig?.['@type'] ?? ''));
    const extensions = commands.every((command) => command !== undefined) ? commands : undefined;
    const problem = formatProblem(value, { extensions, expressionProblem: celProblem });
    if (problem !== undefined) complain(path, problem.sense, problem.fix);
  } else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) checkFormats(element, [...path, index], formatters, complain);
  } else if (isObject(value)) {
    for (const [key, element] of Object.entries(value)) checkFormats(element, [...path, key], formatters, complain);
  }
}
