import type { Listener } from '../../envoy/api.gen.ts';
import { printedJson } from '../escape/json.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh authz check`; `table` is istioctl's. */
export type AuthorizationFormat = 'table' | 'json' | 'yaml';

/** How the policies in the filters of listeners can be printed. */
export const authorizationFormats: FormatTable<AuthorizationFormat, [listeners: readonly Listener[]]> = {
  table: async () => (await import('./check.ts')).formatAuthorizationTable,
  json: async () => {
    const { authorizationsOf } = await import('./check.ts');
    return (listeners) => printedJson(authorizationsOf(listeners));
  },
  yaml: async () => {
    const [{ authorizationsOf }, { formatGoYaml }] = await Promise.all([import('./check.ts'), import('../go-yaml.ts')]);
    return (listeners) => formatGoYaml(authorizationsOf(listeners));
  },
};
