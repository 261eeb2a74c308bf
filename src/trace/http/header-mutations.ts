import type { HeaderValueOption } from '../../envoy/api.gen.ts';
import type { HeaderMap } from '../headers.ts';

/** Values that header formats can name, by command (`DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT`); undefined for what is not known. */
export type FormatValue = (command: string) => string | undefined;

/** A place of the configuration that changes headers. */
export interface HeaderMutations {
  readonly toAdd: readonly HeaderValueOption[] | undefined;
  readonly toRemove: readonly string[] | undefined;
}

/** Changes headers: removals first, then additions in their order. Envoy source/common/router/header_parser.cc. */
export function applyMutations({ toAdd, toRemove }: HeaderMutations, headers: HeaderMap, format: FormatValue): void {
  for (const name of toRemove ?? []) headers.remove(name);
  for (const option of toAdd ?? []) {
    const { key = '', value = '' } = option.header ?? {};
    const text = formatText(value, format);
    if (text === '' && option.keepEmptyValue !== true) continue;
    const action = option.appendAction ?? (option.append === false ? 'OVERWRITE_IF_EXISTS_OR_ADD' : 'APPEND_IF_EXISTS_OR_ADD');
    if (action === 'APPEND_IF_EXISTS_OR_ADD') headers.add(key, text);
    else if (action === 'ADD_IF_ABSENT') {
      if (!headers.has(key)) headers.add(key, text);
    } else if (action === 'OVERWRITE_IF_EXISTS') {
      if (headers.has(key)) headers.set(key, text);
    } else headers.set(key, text);
  }
}

/** `%COMMAND%` becomes its value, `-` where it is not known; `%%` is a percent sign. */
export function formatText(text: string, format: FormatValue): string {
  return text.replaceAll(/%%|%([A-Z_]+(?:\([^)]*\))?(?::\d+)?)%/g, (whole, command: string | undefined) =>
    whole === '%%' || command === undefined ? '%' : (format(command) ?? '-'),
  );
}
